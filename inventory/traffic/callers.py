"""Callers as feeds write them: one spelling of each, and who hid its number. Pure."""

import re

#: What switches write where the caller withheld its number (RFC 3323, 4.1; 3GPP TS 24.607).
WITHHELD = frozenset({"", "anonymous", "restricted", "private", "withheld", "unavailable", "unknown"})
WITHHELD_A_DAY = 3  # contacts of a number by callers who withheld theirs count up to this many
LONGEST = 64  # characters that tell callers apart: numbers have 15, names of senders 11
_NUMBER = re.compile(r"(?:\+|00)?([1-9][0-9]{5,14})", re.ASCII)


def spelt(caller: str) -> str:
    """One spelling of each caller: bare digits of a number, or a sender's name; "" when the caller is withheld."""
    text = caller.strip()[:LONGEST].casefold()
    number = _NUMBER.fullmatch(text)
    return number[1] if number else "" if text in WITHHELD else text
