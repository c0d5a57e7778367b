"""Finding numbers by what somebody typed: a whole number or its beginning, as written abroad or in its country, or its
last digits."""

import re
from collections.abc import Iterator
from functools import reduce
from itertools import chain
from operator import or_

from django.db.models import F, Q
from django.http import HttpRequest
from django.urls import reverse
from unfold.dataclasses import SearchResult  # type: ignore[import-untyped]

from inventory.lifecycle import State
from inventory.models import PhoneNumber
from inventory.models.phone_number import MIRRORED
from inventory.yard.countries import countries
from numbering.countries import name_of
from numbering.e164 import MAX_DIGITS, MIN_DIGITS
from numbering.plan import country_code

MOST = 1_000
IN_PALETTE = 8
HELP = "How it begins, or its last digits"
_TYPED = re.compile(r"[0-9]{2,15}", re.ASCII)
_NOISE = re.compile(r"[\s+().\-/]")
_FEWEST_NATIONAL = 3  # fewer would be half of each country
_FEWEST_LAST = 4  # fewer would be the end of each hundredth number
_FEWEST_TOLD = 2  # of them before the last zeros, which the index does not tell apart: "1000" would read a tenth of it
_PAST = Q(state=State.RETURNED)


def found(typed: str) -> list[int]:
    """Ids of at most `MOST` numbers of each kind, live and past, that begin with the digits, and of live ones that end
    with them; none when it is no number.

    Without a plus the digits may also be those of any country that we have numbers of; only then are they an end.
    Ids, not a subquery: where rows are also ordered and cut, the planner would walk the whole table in that order.
    """
    digits = _NOISE.sub("", typed)
    if not _TYPED.fullmatch(digits):
        return []
    if typed.lstrip().startswith("+"):
        return lives(_beginning(digits))
    begun = lives(reduce(or_, map(_beginning, [digits, *_with_country_code(digits)])))
    return list(dict.fromkeys([*begun, *_ending(digits)]))


def in_palette(request: HttpRequest, typed: str) -> list[SearchResult]:
    """Of what is typed after Ctrl and K, for who may see numbers: the first `IN_PALETTE` that it finds.

    The theme shows the same for five minutes, so nothing is told that may have changed by then.
    """
    if not request.user.has_perm("inventory.view_phonenumber"):
        return []
    rows = PhoneNumber.objects.filter(pk__in=found(typed)[:IN_PALETTE]).order_by("state", "e164")
    return [
        SearchResult(
            title=row.number.international_format,
            description=f"{name_of(row.country)}, {row.get_number_type_display().lower()}{_was_ours(row)}",
            link=reverse("admin:inventory_phonenumber_change", args=[row.pk]),
            icon="dialpad",
        )
        for row in rows
    ]


def _was_ours(number: PhoneNumber) -> str:
    return ", returned" if number.state == State.RETURNED else ""


def lives(wanted: Q) -> list[int]:
    """Ids of the numbers that `wanted` (a condition on e164) holds for, live ones first.

    Asked one after the other, since each has its own partial index: `number_one_live_row`, `number_past_life`.
    """
    ids = PhoneNumber.objects.order_by().filter(wanted).values_list("pk", flat=True)
    return list(chain(ids.filter(~_PAST)[:MOST], ids.filter(_PAST)[:MOST]))


def _ending(digits: str) -> list[int]:
    """Live numbers whose last digits these are, by `number_ends`: ranges of the mirrored digits, one for each length.

    A number that ends in 0 is one digit shorter there, where it may stand among others: so what is found is looked at.
    """
    if len(digits) < _FEWEST_LAST or len(digits.rstrip("0")) < _FEWEST_TOLD:
        return []
    mirrored, ranges = int(digits[::-1]), Q()
    for length in range(max(MIN_DIGITS, len(digits)), MAX_DIGITS + 1):
        span = 10 ** (length - len(digits))
        ranges |= Q(mirrored__gte=mirrored * span, mirrored__lt=(mirrored + 1) * span)
    rows = PhoneNumber.objects.order_by().annotate(mirrored=MIRRORED, last=F("e164") % 10 ** len(digits))
    return list(rows.filter(~_PAST, ranges, last=int(digits)).values_list("pk", flat=True)[:MOST])


def _with_country_code(digits: str) -> Iterator[str]:
    """As dialled from abroad: a trunk prefix 0 is left out, and kept as well, since it is no prefix in Italy."""
    codes = {country_code(country) for country in countries()} if len(digits) >= _FEWEST_NATIONAL else set()
    for code in sorted(codes):
        yield from {f"{code}{digits}", f"{code}{digits.removeprefix('0')}"}


def _beginning(digits: str) -> Q:
    """Ranges of the integer, one for each length that a number may have; no E.164 number begins with a 0."""
    if digits.startswith("0"):
        return Q(pk__in=[])
    ranges = Q()
    for length in range(max(MIN_DIGITS, len(digits)), MAX_DIGITS + 1):
        span = 10 ** (length - len(digits))
        ranges |= Q(e164__gte=int(digits) * span, e164__lt=(int(digits) + 1) * span)
    return ranges
