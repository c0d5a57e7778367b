"""Release causes of ISDN (ITU-T Q.850) as SIP carries them: in the Reason header (RFC 3326)."""

from __future__ import annotations

import re

from .values import parse_params, split_list

NORMAL_CLEARING = 16
USER_BUSY = 17

_CAUSE = re.compile(r"\d{1,3}", re.ASCII)


def reason(cause: int) -> str:
    """The value of a Reason header."""
    return f"Q.850;cause={cause}"


def cause_of(value: str | None) -> int | None:
    """The Q.850 cause that a Reason header names, among causes of other protocols; None when it names none."""
    for one in split_list(value or ""):
        protocol, semicolon, parameters = one.partition(";")
        cause = parse_params(semicolon + parameters).get("cause", "")
        if protocol.strip().lower() == "q.850" and _CAUSE.fullmatch(cause):
            return int(cause)
    return None
