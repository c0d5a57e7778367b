"""Finding numbers by what somebody typed: a whole number, its beginning, or its end after a star."""

import re

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Mod

from inventory.lifecycle import State
from inventory.models import PhoneNumber
from numbering.e164 import MAX_DIGITS, MIN_DIGITS

_TYPED = re.compile(r"(\*?)([0-9]{2,15})", re.ASCII)
_NOISE = re.compile(r"[\s+().\-/]")


def matching(numbers: QuerySet[PhoneNumber], typed: str) -> QuerySet[PhoneNumber]:
    """Numbers that begin with the digits, or with "*" before them end with them; none when it is neither.

    A beginning is a few ranges of the bigint, found in `number_one_live_row` and `number_past_life`.
    """
    found = _TYPED.fullmatch(_NOISE.sub("", typed))
    if found is None:
        return numbers.none()
    star, digits = found.groups()
    if star:
        return numbers.alias(end=Mod(F("e164"), 10 ** len(digits))).filter(end=int(digits))
    beginning = _beginning(digits)
    # said twice, so that each half meets the condition of its own partial index
    return numbers.filter((~Q(state=State.RETURNED) & beginning) | (Q(state=State.RETURNED) & beginning))


def _beginning(digits: str) -> Q:
    ranges = Q()
    for length in range(max(MIN_DIGITS, len(digits)), MAX_DIGITS + 1):
        span = 10 ** (length - len(digits))
        ranges |= Q(e164__gte=int(digits) * span, e164__lt=(int(digits) + 1) * span)
    return ranges
