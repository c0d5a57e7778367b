"""Session timers (RFC 4028): a call whose refreshes stop is hung up instead of staying up for ever."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from .message import Request, Response

MIN_SE = 90  # seconds; the smallest interval that RFC 4028 4 allows
_SESSION_EXPIRES = re.compile(r"(\d{1,9})\s*(?:;(.*))?")
_REFRESHER = re.compile(r"refresher\s*=\s*(uac|uas)", re.I)

Role = Literal["uac", "uas"]


@dataclass(frozen=True, slots=True)
class SessionTimer:
    """What both sides agreed: an interval in seconds, and whether we refresh."""

    interval: int
    we_refresh: bool

    @property
    def refresh_after(self) -> float:
        """Half the interval (10)."""
        return self.interval / 2

    @property
    def headers(self) -> list[tuple[str, str]]:
        """What a refresh request of ours carries; the roles stay as they are (7.4)."""
        role = "uac" if self.we_refresh else "uas"
        return [("Session-Expires", f"{self.interval};refresher={role}"), ("Min-SE", str(MIN_SE))]

    @property
    def expire_after(self) -> float:
        """When the side that waits for refreshes gives up: min(32 s, a third) before the end (10)."""
        return self.interval - min(32.0, self.interval / 3)


def read(value: str | None) -> tuple[int, Role | None] | None:
    """Interval in seconds and refresher of a Session-Expires value; None when absent or unreadable."""
    m = _SESSION_EXPIRES.fullmatch((value or "").strip())
    if m is None:
        return None
    named = _REFRESHER.search(m[2] or "")
    role: Role | None = None if named is None else "uac" if named[1].lower() == "uac" else "uas"
    return int(m[1]), role


def agreed(response: Response) -> SessionTimer | None:
    """The requester's view of a 2xx (7.2); without Session-Expires the call has no timer."""
    found = read(response.headers.get("Session-Expires"))
    return None if found is None else SessionTimer(max(found[0], MIN_SE), found[1] != "uas")


def lengthen(request: Request, response: Response, *, next_cseq: Callable[[], int]) -> Request | None:
    """The request again with the interval that a 422 asks for (7.3), or None when it asks for nothing usable."""
    wanted, had = read(response.headers.get("Min-SE")), read(request.headers.get("Session-Expires"))
    if wanted is None or had is None or wanted[0] <= had[0]:
        return None
    retry = request.copy()
    retry.headers.replace("CSeq", f"{next_cseq()} {request.method}")
    retry.headers.replace("Session-Expires", str(wanted[0]))
    retry.headers.replace("Min-SE", str(wanted[0]))
    return retry


def is_too_small(request: Request) -> bool:
    """Whether to refuse with 422 (9): the requester speaks RFC 4028 and wants less than our minimum."""
    found = read(request.headers.get("Session-Expires"))
    return found is not None and found[0] < MIN_SE and "timer" in request.headers.tokens("Supported")


def accept(request: Request) -> tuple[SessionTimer | None, list[tuple[str, str]]]:
    """The answerer's choice (9, table 2) and the headers of the 2xx that say so."""
    found = read(request.headers.get("Session-Expires"))
    if found is None:
        return None, []
    interval = max(found[0], MIN_SE)
    if "timer" not in request.headers.tokens("Supported"):
        return SessionTimer(interval, we_refresh=True), [("Session-Expires", f"{interval};refresher=uas")]
    role: Role = found[1] or "uac"
    headers = [("Session-Expires", f"{interval};refresher={role}")]
    if role == "uac":
        headers.append(("Require", "timer"))
    return SessionTimer(interval, we_refresh=role == "uas"), headers
