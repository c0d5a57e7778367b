"""Release causes of ISDN (ITU-T Q.850) as SIP carries them: in the Reason header (RFC 3326)."""

from __future__ import annotations

import re

NORMAL_CLEARING = 16
USER_BUSY = 17

_VALUE = re.compile(r"\s*Q\.850\s*(;.*)", re.IGNORECASE | re.DOTALL)
_CAUSE = re.compile(r";\s*cause\s*=\s*(\d{1,3})\s*(?:;|$)", re.IGNORECASE)


def reason(cause: int) -> str:
    """The value of a Reason header."""
    return f"Q.850;cause={cause}"


def cause_of(value: str | None) -> int | None:
    """The Q.850 cause that a Reason header names, among causes of other protocols; None when it names none."""
    for one in (value or "").split(","):
        q850 = _VALUE.fullmatch(one)
        cause = _CAUSE.search(q850[1]) if q850 else None
        if cause:
            return int(cause[1])
    return None
