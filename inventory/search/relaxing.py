"""What keeps a search from finding anything: each filter left out in turn."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from accounts.models import Account
from inventory.search.criteria import Criteria
from inventory.search.stock import search
from numbering.types import Capability

#: Counted no further: one page of a search.
MOST = 200


class Counted(NamedTuple):
    """How many numbers a search finds; `more`: and there are others."""

    found: int
    more: bool


class Relaxed(NamedTuple):
    """A search without one of its filters: which one, and what it finds then."""

    without: str
    found: Counted


def _in_any_place(asked: Criteria) -> Criteria:
    return replace(asked, whereabouts=replace(asked.whereabouts, locality=None), places=None, near=None)


def _without_capability(asked: Criteria, capability: Capability) -> Criteria:
    return replace(asked, capabilities=asked.capabilities & ~capability)


_WITHOUT: dict[str, Callable[[Criteria], Criteria]] = {
    "place": _in_any_place,
    "region": lambda asked: replace(asked, region=None),
    "postal_code": lambda asked: replace(asked, whereabouts=replace(asked.whereabouts, postal_code=None)),
    "lata": lambda asked: replace(asked, whereabouts=replace(asked.whereabouts, lata=None, rate_centre=None)),
    "area_code": lambda asked: replace(asked, area_code=None),
    "pattern": lambda asked: replace(asked, pattern=None),
    "papers": lambda asked: replace(asked, tested_within=None, must_pass=0),
    "address": lambda asked: replace(asked, excluded_requirements=frozenset()),
    **{each.name or "": partial(_without_capability, capability=each) for each in Capability},
}


def bare(criteria: Criteria) -> Criteria:
    """The same kind of number with nothing asked of it."""
    return Criteria(criteria.country, criteria.number_type)


def filters_of(criteria: Criteria) -> list[str]:
    """Which filters are set, by the names that `Relaxed` has for them."""
    return [name for name, without in _WITHOUT.items() if without(criteria) != criteria]


def without_each(criteria: Criteria, *, account: Account | None) -> list[Relaxed]:
    """What each filter's absence would bring, most first; those that bring nothing are left out."""
    names = filters_of(criteria)
    relaxed = [Relaxed(name, counted(_WITHOUT[name](criteria), account=account)) for name in names]
    found = [each for each in relaxed if each.found.found]
    return sorted(found, key=lambda each: (each.found.more, each.found.found), reverse=True)


def counted(criteria: Criteria, *, account: Account | None) -> Counted:
    """How much a search finds, counted up to MOST."""
    page = search(criteria, account=account, size=MOST)
    return Counted(len(page.rows), page.following is not None)
