"""How many numbers an account has of each kind, and what they cost it a month."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Count

from inventory.lifecycle import HELD, State
from inventory.models import PhoneNumber
from inventory.search.terms import Price, terms_of
from numbering.countries import called
from numbering.recent import Recent

SECONDS = 10.0


class Kind(NamedTuple):
    """Numbers of one country, type and provider that are in one state."""

    country: str
    number_type: str
    provider: int | None
    state: State
    numbers: int


class InCountry(NamedTuple):
    """How many numbers of a country are in service, held in a basket, and given back but to be had again."""

    country: str
    name: str
    in_service: int
    reserved: int
    released: int


class Costs(NamedTuple):
    """What the numbers in service cost a month, in each currency (ISO 4217); `unpriced` have no tariff."""

    monthly: Sequence[tuple[str, Decimal]]
    unpriced: int


def _read(account_id: int) -> list[Kind]:
    """Read from the index `number_of_holder` alone."""
    rows = PhoneNumber.objects.filter(holder=account_id, state__in=HELD).order_by()
    counted = rows.values_list("country", "number_type", "provider", "state").annotate(numbers=Count("pk"))
    return [Kind(country, kind, provider, State(state), n) for country, kind, provider, state, n in counted]


#: kinds_of(account_id): as they were at most ten seconds ago; `kinds_of.fresh` as they are.
kinds_of = Recent(_read, seconds=SECONDS)


def by_country(kinds: Iterable[Kind]) -> list[InCountry]:
    """In the order of the names."""
    found: dict[str, dict[State, int]] = defaultdict(lambda: defaultdict(int))
    for kind in kinds:
        found[kind.country][kind.state] += kind.numbers
    rows = [
        InCountry(country, called(country), of[State.IN_SERVICE], of[State.RESERVED], of[State.RELEASED])
        for country, of in found.items()
    ]
    return sorted(rows, key=lambda row: row.name)


def costs(kinds: Iterable[Kind]) -> Costs:
    """What is reserved or given back costs nothing."""
    monthly: dict[str, Decimal] = defaultdict(Decimal)
    unpriced = 0
    for kind in kinds:
        if kind.state != State.IN_SERVICE:
            continue
        if price := _price(kind):
            monthly[price.currency] += price.monthly * kind.numbers
        else:
            unpriced += kind.numbers
    return Costs(sorted(monthly.items()), unpriced)


def _price(kind: Kind) -> Price | None:
    return terms_of(kind.country, kind.number_type).price(kind.provider)
