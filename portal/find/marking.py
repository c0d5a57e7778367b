"""A number with what was searched for marked in it; a word with its letters in the place of its digits."""

from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from numbering.patterns import Pattern
from numbering.vanity import to_digits


class Piece(NamedTuple):
    """A part of a number as it is shown."""

    text: str
    is_marked: bool


class Wanted(NamedTuple):
    """A pattern as it was typed, and as it was read."""

    typed: str
    pattern: Pattern

    @property
    def is_word(self) -> bool:
        """Whether letters were asked for."""
        return any(map(str.isalpha, self.typed))

    @property
    def as_digits(self) -> "Wanted":
        """The same without its letters."""
        return Wanted(to_digits(self.typed), self.pattern)

    @property
    def signs(self) -> str:
        """The digits and letters that were given, in their order."""
        return "".join(filter(str.isalnum, self.typed)).upper()


def marked(shown: str, e164: int, wanted: Wanted | None) -> list[Piece]:
    """`shown` is the number in any format that ends in its last digits; what is matched outside of it goes unmarked."""
    if wanted is None:
        return [Piece(shown, is_marked=False)]
    digits = str(e164)
    signs = dict(zip(wanted.pattern.literals_in(digits), wanted.signs, strict=False))
    signed = list(_signed(shown, digits, signs))[::-1]
    runs = groupby(signed, key=lambda piece: piece.is_marked)
    return [Piece("".join(piece.text for piece in run), is_marked) for is_marked, run in runs]


def _signed(shown: str, digits: str, signs: dict[int, str]) -> Iterator[Piece]:
    """From the last character to the first. What is no digit of the number itself (a trunk prefix) is no match."""
    at = len(digits)
    for character in reversed(shown):
        at -= character.isdigit()
        sign = signs.get(at) if at >= 0 and digits[at : at + 1] == character else None
        yield Piece(sign or character, sign is not None)
