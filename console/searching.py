"""Finding numbers by what somebody typed: a whole number or its beginning."""

import re
from itertools import chain

from django.db.models import Q

from inventory.lifecycle import State
from inventory.models import PhoneNumber
from numbering.e164 import MAX_DIGITS, MIN_DIGITS

MOST = 1_000
_TYPED = re.compile(r"[0-9]{2,15}", re.ASCII)
_NOISE = re.compile(r"[\s+().\-/]")
_PAST = Q(state=State.RETURNED)


def found(typed: str) -> list[int]:
    """Ids of at most `MOST` numbers of each kind, live and past, that begin with the digits; none when it is no number.

    Ids, not a subquery: where rows are also ordered and cut, the planner would walk the whole table in that order.
    """
    digits = _NOISE.sub("", typed)
    return lives(_beginning(digits)) if _TYPED.fullmatch(digits) else []


def lives(wanted: Q) -> list[int]:
    """Ids of the numbers that `wanted` (a condition on e164) holds for, live ones first.

    Asked one after the other, since each has its own partial index: `number_one_live_row`, `number_past_life`.
    """
    ids = PhoneNumber.objects.order_by().filter(wanted).values_list("pk", flat=True)
    return list(chain(ids.filter(~_PAST)[:MOST], ids.filter(_PAST)[:MOST]))


def _beginning(digits: str) -> Q:
    """Ranges of the integer, one for each length that a number may have."""
    ranges = Q()
    for length in range(max(MIN_DIGITS, len(digits)), MAX_DIGITS + 1):
        span = 10 ** (length - len(digits))
        ranges |= Q(e164__gte=int(digits) * span, e164__lt=(int(digits) + 1) * span)
    return ranges
