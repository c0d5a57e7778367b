"""Finding numbers by what somebody typed: a whole number or its beginning, as written abroad or in its country."""

import re
from collections.abc import Iterator
from functools import reduce
from itertools import chain
from operator import or_

from django.db.models import Q

from inventory.lifecycle import State
from inventory.models import PhoneNumber
from inventory.yard.countries import countries
from numbering.e164 import MAX_DIGITS, MIN_DIGITS
from numbering.plan import country_code

MOST = 1_000
HELP = "How it begins: +1 415 55 or (415) 55"
_TYPED = re.compile(r"[0-9]{2,15}", re.ASCII)
_NOISE = re.compile(r"[\s+().\-/]")
_FEWEST_NATIONAL = 3  # fewer would be half of each country
_PAST = Q(state=State.RETURNED)


def found(typed: str) -> list[int]:
    """Ids of at most `MOST` numbers of each kind, live and past, that begin with the digits; none when it is no number.

    Without a plus the digits may also be those of any country that we have numbers of.
    Ids, not a subquery: where rows are also ordered and cut, the planner would walk the whole table in that order.
    """
    digits = _NOISE.sub("", typed)
    if not _TYPED.fullmatch(digits):
        return []
    abroad = [] if typed.lstrip().startswith("+") else _with_country_code(digits)
    return lives(reduce(or_, map(_beginning, [digits, *abroad])))


def lives(wanted: Q) -> list[int]:
    """Ids of the numbers that `wanted` (a condition on e164) holds for, live ones first.

    Asked one after the other, since each has its own partial index: `number_one_live_row`, `number_past_life`.
    """
    ids = PhoneNumber.objects.order_by().filter(wanted).values_list("pk", flat=True)
    return list(chain(ids.filter(~_PAST)[:MOST], ids.filter(_PAST)[:MOST]))


def _with_country_code(digits: str) -> Iterator[str]:
    """As dialled from abroad: a trunk prefix 0 is left out, and kept as well, since it is no prefix in Italy."""
    codes = {country_code(country) for country in countries()} if len(digits) >= _FEWEST_NATIONAL else set()
    for code in sorted(codes):
        yield from {f"{code}{digits}", f"{code}{digits.removeprefix('0')}"}


def _beginning(digits: str) -> Q:
    """Ranges of the integer, one for each length that a number may have."""
    ranges = Q()
    for length in range(max(MIN_DIGITS, len(digits)), MAX_DIGITS + 1):
        span = 10 ** (length - len(digits))
        ranges |= Q(e164__gte=int(digits) * span, e164__lt=(int(digits) + 1) * span)
    return ranges
