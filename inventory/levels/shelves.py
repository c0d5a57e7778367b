"""Which shelves there are, and what stands on them: read from the indexes of the stock, never by counting the table.

A loose index scan: one probe of `number_stock` (of localities: `number_stock_place`) finds the next shelf behind the
last one, so a list of shelves costs as many probes as it has rows, however many numbers stand on each. What is counted
is one page of shelves, from the index alone. For customers it is `sale_area` or `sale_place`, and counted no further
than they are told.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from enum import StrEnum
from itertools import dropwhile
from typing import Any, NamedTuple

from django.db import connection

from inventory.lifecycle import State
from inventory.models import SaleStop


class Breadth(StrEnum):
    """How much one shelf holds: the numbers of an area code, of a place, or all of a type in a country."""

    AREA_CODE = "area_code"
    LOCALITY = "locality"
    TYPE = "type"


class Shelf(NamedTuple):
    """A kind of number; blank `area_code`: its numbers have none, or the shelf is broader, or of a place (`place_id`;
    0: of none)."""

    country: str
    number_type: str
    area_code: str = ""
    place_id: int = 0


#: By what the shelves of a breadth are told apart: the first columns of the indexes.
KEYS: dict[Breadth, tuple[str, ...]] = {
    Breadth.AREA_CODE: ("country", "number_type", "area_code"),
    Breadth.LOCALITY: ("country", "number_type", "place_id"),
    Breadth.TYPE: ("country", "number_type"),
}


class Wanted(NamedTuple):
    """Which shelves are asked for; None: any. `places` are ids."""

    country: str | None = None
    number_type: str | None = None
    area_code: str | None = None
    places: frozenset[int] | None = None

    def holds(self, shelf: Shelf) -> bool:
        """Whether the shelf is one of them."""
        named = zip(self[:3], shelf[:3], strict=True)
        return all(asked in (None, value) for asked, value in named) and (
            self.places is None or shelf.place_id in self.places
        )


_ON_SALE = "state = 'AVAILABLE' AND NOT blocked"
# {beyond}: > or <, as the scan walks; {which}: the filters, and the condition of the index.
_SHELVES = """
WITH RECURSIVE shelf AS (
    (SELECT {key} FROM inventory_phonenumber AS number WHERE {which} {after} ORDER BY {order} LIMIT 1)
    UNION ALL
    SELECT beside.* FROM shelf CROSS JOIN LATERAL (
        SELECT {key} FROM inventory_phonenumber AS number
        WHERE {which} AND {further} ORDER BY {order} LIMIT 1
    ) AS beside
)
SELECT * FROM shelf {kept} LIMIT %(limit)s
"""
# A walk along places meets many where nothing is on sale, each with numbers in every other state: they are not waded
# through, but each place is asked.
_WITH_ANY_ON_SALE = f"""WHERE EXISTS (
    SELECT FROM inventory_phonenumber AS number
    WHERE number.place_id = shelf.place_id AND number.number_type = shelf.number_type AND number.country = shelf.country
        AND {_ON_SALE}
)"""
_HERE = {
    breadth: " AND ".join(f"number.{column} = asked.{column}" for column in columns)
    for breadth, columns in KEYS.items()
}
_ASKED = """unnest(
    %(countries)s::text[], %(types)s::text[], %(areas)s::text[], %(places)s::bigint[]
) WITH ORDINALITY AS asked (country, number_type, area_code, place_id, nr)"""
_COUNTS = """
SELECT asked.nr, counted.* FROM {asked} CROSS JOIN LATERAL (
    SELECT state, blocked, provider_id, count(*) FROM inventory_phonenumber AS number WHERE {here} GROUP BY 1, 2, 3
) AS counted
"""
# Grouped as `number_stock` is sorted: to tell neighbours apart costs half of what a hash table of them does.
_COUNTS_OF_TYPES = """
SELECT asked.nr, counted.state, counted.blocked, counted.provider_id, sum(counted.numbers)::bigint FROM {asked} JOIN (
    SELECT country, number_type, area_code, state, provider_id, blocked, count(*) AS numbers FROM inventory_phonenumber
    WHERE country = ANY(%(countries)s) AND number_type = ANY(%(types)s) GROUP BY 1, 2, 3, 4, 5, 6
) AS counted USING (country, number_type) GROUP BY 1, 2, 3, 4
"""
_AVAILABLE = """
SELECT asked.nr, counted.numbers FROM {asked} CROSS JOIN LATERAL (
    SELECT count(*) AS numbers FROM (
        SELECT FROM inventory_phonenumber AS number
        WHERE {here} AND state = 'AVAILABLE' AND NOT blocked {not_stopped}
        LIMIT %(most)s
    ) AS found
) AS counted
"""

# Said only where there is a stop: `sale_area` does not hold the provider, and alone it answers without any row.
_NOT_STOPPED = """AND (number.provider_id IS NULL OR NOT EXISTS (
    SELECT FROM unnest(%(stopped)s::bigint[], %(stopped_in)s::text[]) AS stop (provider_id, country)
    WHERE stop.provider_id = number.provider_id AND stop.country = number.country
))"""


def shelves(
    wanted: Wanted,
    breadth: Breadth,
    *,
    after: Shelf | None = None,
    limit: int,
    backwards: bool = False,
    on_sale: bool = False,
) -> list[Shelf]:
    """Up to `limit` shelves behind that one (before it, nearest first), in order; `on_sale`: with anything for sale."""
    asked, which = _filters(wanted, breadth, on_sale)
    beyond, direction = ("<", "DESC") if backwards else (">", "ASC")
    key = [f"number.{column}" for column in KEYS[breadth]]
    marks = {f"after_{column}": getattr(after, column) for column in KEYS[breadth]} if after else {}
    statement = _SHELVES.format(
        key=", ".join(key),
        further=_further(KEYS[breadth], asked, beyond),
        which=" AND ".join(which) or "true",
        after=f"AND ({', '.join(key)}) {beyond} ({', '.join(f'%({mark})s' for mark in marks)})" if after else "",
        order=", ".join(f"{column} {direction}" for column in key),
        kept=_WITH_ANY_ON_SALE if on_sale and breadth == Breadth.LOCALITY else "",
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, {**asked, **marks, "limit": limit})
        return [Shelf(**dict(zip(KEYS[breadth], row, strict=True))) for row in cursor.fetchall()]


def _further(columns: Sequence[str], asked: Collection[str], beyond: str) -> str:
    """What lies beyond a shelf. Leading columns that are asked for are left out of the comparison: beside `country = …`
    PostgreSQL would look for (country, …) > (…) from the country's first entry on, at every probe."""
    free = list(dropwhile(asked.__contains__, columns))
    if not free:
        return "false"
    numbers, shelf = (", ".join(f"{row}.{column}" for column in free) for row in ("number", "shelf"))
    return f"({numbers}) {beyond} ({shelf})"


def _filters(wanted: Wanted, breadth: Breadth, on_sale: bool) -> tuple[dict[str, Any], list[str]]:
    """What is asked, and how; of places with the condition of `number_stock_place`."""
    asked: dict[str, Any] = {name: value for name, value in wanted._asdict().items() if value is not None}
    which = [f"number.{name} = %({name})s" for name in asked if name != "places"]
    if wanted.places is not None:
        asked["places"] = sorted(wanted.places)
        which.append("number.place_id = ANY(%(places)s::bigint[])")
    if breadth == Breadth.LOCALITY:
        which.append("number.place_id IS NOT NULL")
    elif on_sale:
        which.append(_ON_SALE)
    return asked, which


def by_state(asked: Sequence[Shelf], breadth: Breadth) -> dict[Shelf, Counter[str]]:
    """How many numbers of each shelf are in each state; apart from those `blocked`, or on sale but `stopped`."""
    statement = _COUNTS_OF_TYPES if breadth == Breadth.TYPE else _COUNTS
    stops = _stops()
    found = {shelf: Counter[str]() for shelf in asked}
    with connection.cursor() as cursor:
        cursor.execute(statement.format(asked=_ASKED, here=_HERE[breadth]), _of(asked))
        for nr, state, blocked, provider, numbers in cursor.fetchall():
            shelf = asked[nr - 1]
            stopped = state == State.AVAILABLE and (provider, shelf.country) in stops
            found[shelf]["blocked" if blocked else "stopped" if stopped else state] += numbers
    return found


def for_sale(asked: Sequence[Shelf], breadth: Breadth, *, most: int) -> dict[Shelf, int]:
    """How many of each shelf are for sale; `most` stands for any number beyond."""
    stops = sorted(_stops())
    statement = _AVAILABLE.format(asked=_ASKED, here=_HERE[breadth], not_stopped=_NOT_STOPPED if stops else "")
    where: dict[str, Any] = {
        "stopped": [provider for provider, _ in stops],
        "stopped_in": [country for _, country in stops],
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, {**_of(asked), **where, "most": most})
        return {asked[nr - 1]: numbers for nr, numbers in cursor.fetchall()}


def narrowed(shelf: Shelf, breadth: Breadth) -> Shelf:
    """The shelf of this breadth that what lies on that one lies on."""
    return Shelf(**{column: getattr(shelf, column) for column in KEYS[breadth]})


def _stops() -> set[tuple[int, str]]:
    return set(SaleStop.objects.filter(lifted_at=None).values_list("provider_id", "country"))


def _of(asked: Collection[Shelf]) -> dict[str, Any]:
    return {
        "countries": [shelf.country for shelf in asked],
        "types": [shelf.number_type for shelf in asked],
        "areas": [shelf.area_code for shelf in asked],
        "places": [shelf.place_id for shelf in asked],
    }
