"""SIDs: two letters that say what a thing is, and 32 lower-case hex digits that say which."""

import re
import secrets

_SID = re.compile(r"[A-Z]{2}[0-9a-f]{32}")


def new_sid(prefix: str) -> str:
    """A fresh SID such as `PN0123…` (128 random bits, so never a guess and never a clash)."""
    return prefix + secrets.token_hex(16)


def is_sid(text: str, prefix: str) -> bool:
    """Whether `text` has the shape of a SID with this prefix."""
    return text.startswith(prefix) and _SID.fullmatch(text) is not None
