"""An account's numbers, page by page in their order. Who has 100,000 waits no longer than who has ten: which numbers
are on the page is read from one index (`number_of_holder`), and only then their rows."""

import re
from collections.abc import Iterator
from functools import reduce
from operator import or_
from typing import NamedTuple

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from accounts.models import Account
from inventory.lifecycle import State
from inventory.models import Did, PhoneNumber
from inventory.querysets import NumberQuerySet
from numbering.types import supersets

SIZE = 50
AT_ONCE = 1_000
#: Where an account has numbers to show: what is only reserved is in its basket.
SHOWN = (State.IN_SERVICE, State.RELEASED)
_FEWEST_DIGITS = 2
_NO_DIGIT = re.compile(r"\D", re.ASCII)


class Wanted(NamedTuple):
    """Which of its numbers; blank: all. `text` is a part of the name, or digits as anybody writes them."""

    state: State = State.IN_SERVICE
    country: str = ""
    number_type: str = ""
    capabilities: int = 0
    text: str = ""


class Page(NamedTuple):
    """`after`, `before`: the E.164 digits beside which the neighbouring pages begin; None: there is none."""

    rows: list[Did]
    after: int | None
    before: int | None


def page(account: Account, wanted: Wanted, *, after: int = 0, before: int = 0, size: int = SIZE) -> Page:
    """The numbers behind `after`, or before `before`, or the first ones."""
    numbers = _matching(account, wanted)
    beside = numbers.filter(e164__lt=before) if before else numbers.filter(e164__gt=after)
    found = list(beside.order_by("-e164" if before else "e164").values_list("pk", "e164")[: size + 1])
    more, kept = len(found) > size, found[:size]
    if before:
        kept.reverse()
    rows = _dids(account, wanted.state, [pk for pk, _ in kept])
    is_later = bool(after) or (bool(before) and more)
    goes_on = more or bool(before)
    return Page(rows, kept[-1][1] if kept and goes_on else None, kept[0][1] if kept and is_later else None)


def each(account: Account, wanted: Wanted) -> Iterator[Did]:
    """All of them, a thousand at a time."""
    after: int | None = 0
    while after is not None:
        rows, after, _ = page(account, wanted, after=after, size=AT_ONCE)
        yield from rows


def chosen(account: Account, sids: list[str]) -> list[Did]:
    """Those of these DIDs that the account has in service, in the order of their numbers; others are left out."""
    rows = Did.objects.filter(account=account, sid__in=sids, ended_at=None).select_related("number__place", "account")
    return sorted(rows, key=lambda did: did.number.e164)


def given_back(account: Account, number_ids: list[int]) -> "QuerySet[Did]":
    """The last DID that the account had of each of these numbers, of those that have ended."""
    ended = Did.objects.filter(account=account, number__in=number_ids, ended_at__isnull=False)
    return ended.order_by("number_id", "-ended_at").distinct("number_id")


def _matching(account: Account, wanted: Wanted) -> NumberQuerySet:
    rows: NumberQuerySet = PhoneNumber.objects.filter(holder=account, state=wanted.state)
    if wanted.country:
        rows = rows.filter(country=wanted.country)
    if wanted.number_type:
        rows = rows.filter(number_type=wanted.number_type)
    if wanted.capabilities:
        rows = rows.filter(capabilities__in=supersets(wanted.capabilities))
    if wanted.text:
        rows = rows.annotate(written=Cast("e164", TextField())).filter(_like(account, wanted))
    return rows


def _like(account: Account, wanted: Wanted) -> Q:
    """How the digits begin, after a plus; else a part of the name, or of the digits where there is no letter."""
    text, digits = wanted.text, _NO_DIGIT.sub("", wanted.text)
    if text.startswith("+") and digits:
        return Q(written__startswith=digits)
    is_over = wanted.state == State.RELEASED
    named = Did.objects.filter(account=account, ended_at__isnull=not is_over, friendly_name__icontains=text)
    found = Q(pk__in=named.values("number_id"))
    if len(digits) < _FEWEST_DIGITS or any(each.isalpha() for each in text):
        return found
    parts = {digits, digits.removeprefix("0")}  # a trunk prefix, which Italy alone dials from abroad too
    return found | reduce(or_, (Q(written__contains=part) for part in sorted(parts)))


def _dids(account: Account, state: State, number_ids: list[int]) -> list[Did]:
    """With their numbers and places, in the order of the ids."""
    rows = (
        given_back(account, number_ids)
        if state == State.RELEASED
        else Did.objects.filter(number__in=number_ids, ended_at=None)
    )
    by_number = {did.number_id: did for did in rows.select_related("number__place")}
    return [by_number[pk] for pk in number_ids if pk in by_number]
