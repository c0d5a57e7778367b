"""Reliable provisional responses and PRACK (RFC 3262): the numbering on either side."""

from __future__ import annotations

import re
import secrets

from .message import Request, Response

_RACK = re.compile(r"(\d{1,10})\s+(\d{1,10})\s+INVITE")


class ReliableReceiver:
    """The caller's side of one early dialog: which reliable response is next (RFC 3262 4)."""

    def __init__(self) -> None:
        self._last: int | None = None

    def admit(self, response: Response) -> str | None:
        """The RAck to send for this response; None when it is unreliable, a copy, or came out of order."""
        rseq = response.headers.get("RSeq") or ""
        if "100rel" not in response.headers.tokens("Require") or not re.fullmatch(r"\d{1,10}", rseq):
            return None
        if self._last is not None and int(rseq) != self._last + 1:
            return None
        self._last = int(rseq)
        return f"{self._last} {response.cseq}"


class ReliableSender:
    """The callee's side of one INVITE (RFC 3262 3): RSeq starts at random and grows by one."""

    def __init__(self) -> None:
        self._last = secrets.randbelow(2**31 - 2) + 1

    def next_headers(self) -> list[tuple[str, str]]:
        self._last += 1
        return [("Require", "100rel"), ("RSeq", str(self._last))]

    def matches(self, prack: Request, invite: Request) -> bool:
        """Whether this PRACK is for the response sent last."""
        m = _RACK.fullmatch((prack.headers.get("RAck") or "").strip())
        return m is not None and (int(m[1]), int(m[2])) == (self._last, invite.cseq.number)
