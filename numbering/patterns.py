"""The pattern language of the `Contains` search parameter, as a pure value.

    pattern  = ["+"] item {item} ["$"]       2 to 16 characters in all
    item     = literal | "*" | "%"
    literal  = "0".."9" | "a".."z" | "A".."Z"  a letter is its digit on the keypad (ITU-T E.161)

"*" is exactly one digit, "%" any run of digits, also none. "+" binds the pattern to the start of the E.164
digits (country code first), "$" to their end; an unbound side may have anything before or after it.

The contract (twilio_api_v2010.json) documents wildcards only at the ends and no two meta-characters side by
side. All of that is accepted with that meaning. Our extension, for hunters of vanity numbers: wildcards also
between literals ("5*5*5") and runs of them ("415***1234"). What stays refused: fewer than two literals, "+"
elsewhere than first, "$" elsewhere than last, a wildcard right beside "+" or "$", and "%%" (the same said twice).
"""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from django.utils.translation import gettext as _

from numbering.vanity import to_digits

MIN_LENGTH = 2
MAX_LENGTH = 16
MIN_LITERALS = 2

ANY_DIGIT = "*"
ANY_RUN = "%"

_SHAPE = re.compile(r"(\+?)([0-9a-zA-Z*%]*)(\$?)", re.ASCII)
_LIKE = str.maketrans({ANY_DIGIT: "_"})
_REGEX = str.maketrans({ANY_DIGIT: "[0-9]", ANY_RUN: "[0-9]*"})


class InvalidPattern(ValueError):
    """The text is no pattern; the message says why."""


@dataclass(frozen=True)
class Pattern:
    """A parsed pattern. `body` holds digits, "*" and "%" between the anchors."""

    body: str
    anchored_start: bool = False
    anchored_end: bool = False

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a pattern. Raises InvalidPattern."""
        if not MIN_LENGTH <= len(text) <= MAX_LENGTH:
            raise InvalidPattern(
                _("a pattern has %(least)s to %(most)s characters") % {"least": MIN_LENGTH, "most": MAX_LENGTH}
            )
        shape = _SHAPE.fullmatch(text)
        if shape is None:
            raise InvalidPattern(_("a pattern holds digits, letters, * and %, one + at its start, one $ at its end"))
        start, body, end = shape.groups()
        pattern = cls(to_digits(body), bool(start), bool(end))
        pattern._check()
        return pattern

    def _check(self) -> None:
        if self.literal_count < MIN_LITERALS:
            raise InvalidPattern(_("a pattern needs at least %(least)s digits or letters") % {"least": MIN_LITERALS})
        if ANY_RUN * 2 in self.body:
            raise InvalidPattern(_("two % side by side"))
        if self.anchored_start and not self.body[0].isdigit():
            raise InvalidPattern(_("a wildcard directly after +"))
        if self.anchored_end and not self.body[-1].isdigit():
            raise InvalidPattern(_("a wildcard directly before $"))

    @cached_property
    def segments(self) -> tuple[str, ...]:
        """What lies between the "%" runs, in order: each a string of digits and "*" of fixed length."""
        return tuple(segment for segment in self.body.split(ANY_RUN) if segment)

    @cached_property
    def literal_count(self) -> int:
        """How many digits are given: the measure of how selective the pattern is."""
        return sum(map(str.isdigit, self.body))

    @cached_property
    def like(self) -> str:
        """The same as an SQL LIKE pattern on the digits as text."""
        before = "" if self.anchored_start else "%"
        after = "" if self.anchored_end else "%"
        return re.sub("%+", "%", f"{before}{self.body}{after}").translate(_LIKE)

    def matches(self, digits: str) -> bool:
        """Whether the E.164 digits (without "+") fit the pattern."""
        return self._regex.search(digits) is not None

    def literals_in(self, digits: str) -> list[int]:
        """Where in the digits those stand that the pattern gives, in its order; empty where they don't fit."""
        found = self._regex.search(digits)
        return [found.start(nr) for nr in range(1, self.literal_count + 1)] if found else []

    @cached_property
    def _regex(self) -> re.Pattern[str]:
        """Each digit that is given is a group."""
        before = r"\A" if self.anchored_start else ""
        after = r"\Z" if self.anchored_end else ""
        body = re.sub(r"[0-9]", r"(\g<0>)", self.body)
        return re.compile(before + body.translate(_REGEX) + after)
