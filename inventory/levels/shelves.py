"""Which shelves there are, and what stands on them: read from the indexes of the stock, never by counting the table.

A loose index scan: one probe of `number_stock` finds the next shelf behind the last one, so a list of shelves costs as
many probes as it has rows, however many numbers stand on each. What is counted is one page of shelves, from the index
alone. For customers it is `sale_area`, and counted no further than they are told.
"""

from collections.abc import Collection, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from django.db import connection

from inventory.models import SaleStop


class Breadth(StrEnum):
    """How much one shelf holds: the numbers of an area code, or all of a type in a country."""

    AREA_CODE = "area_code"
    TYPE = "type"


class Shelf(NamedTuple):
    """A kind of number; blank `area_code`: its numbers have none, or the shelf is as broad as a type."""

    country: str
    number_type: str
    area_code: str = ""


#: By what the shelves of a breadth are told apart: the first columns of the indexes.
KEYS: dict[Breadth, tuple[str, ...]] = {Breadth.AREA_CODE: Shelf._fields, Breadth.TYPE: Shelf._fields[:2]}


class Wanted(NamedTuple):
    """Which shelves are asked for; None: any."""

    country: str | None = None
    number_type: str | None = None
    area_code: str | None = None

    def holds(self, shelf: Shelf) -> bool:
        """Whether the shelf is one of them."""
        return all(asked in (None, value) for asked, value in zip(self, shelf, strict=True))


_ON_SALE = "state = 'AVAILABLE' AND NOT blocked"
# {beyond}: > or <, as the scan walks; {which}: the filters, and the condition of the index.
_SHELVES = """
WITH RECURSIVE shelf AS (
    (SELECT {key} FROM inventory_phonenumber AS number WHERE {which} {after} ORDER BY {order} LIMIT 1)
    UNION ALL
    SELECT beside.* FROM shelf CROSS JOIN LATERAL (
        SELECT {key} FROM inventory_phonenumber AS number
        WHERE {which} AND ({key}) {beyond} ({key_of_shelf}) ORDER BY {order} LIMIT 1
    ) AS beside
)
SELECT * FROM shelf LIMIT %(limit)s
"""
_HERE = {
    Breadth.AREA_CODE: "number.country = asked.country AND number.number_type = asked.number_type "
    "AND number.area_code = asked.area_code",
    Breadth.TYPE: "number.country = asked.country AND number.number_type = asked.number_type",
}
_COUNTS = """
SELECT asked.country, asked.number_type, asked.area_code, counted.state, counted.numbers
FROM unnest(%(countries)s::text[], %(types)s::text[], %(areas)s::text[]) AS asked (country, number_type, area_code)
CROSS JOIN LATERAL (
    SELECT CASE
            WHEN blocked THEN 'blocked'
            WHEN state = 'AVAILABLE' AND EXISTS (
                SELECT FROM unnest(%(stopped)s::bigint[], %(stopped_in)s::text[]) AS stop (provider_id, country)
                WHERE stop.provider_id = number.provider_id AND stop.country = number.country
            ) THEN 'stopped'
            ELSE state
        END AS state, count(*) AS numbers
    FROM inventory_phonenumber AS number
    WHERE {here}
    GROUP BY 1
) AS counted
"""
_AVAILABLE = """
SELECT asked.country, asked.number_type, asked.area_code, counted.numbers
FROM unnest(%(countries)s::text[], %(types)s::text[], %(areas)s::text[]) AS asked (country, number_type, area_code)
CROSS JOIN LATERAL (
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
    asked = {name: value for name, value in wanted._asdict().items() if value is not None}
    which = [f"number.{name} = %({name})s" for name in asked] + ([_ON_SALE] if on_sale else [])
    beyond, direction = ("<", "DESC") if backwards else (">", "ASC")
    key = [f"number.{column}" for column in KEYS[breadth]]
    marks = {f"after_{column}": getattr(after, column) for column in KEYS[breadth]} if after else {}
    statement = _SHELVES.format(
        key=", ".join(key),
        key_of_shelf=", ".join(f"shelf.{column}" for column in KEYS[breadth]),
        which=" AND ".join(which) or "true",
        after=f"AND ({', '.join(key)}) {beyond} ({', '.join(f'%({mark})s' for mark in marks)})" if after else "",
        beyond=beyond,
        order=", ".join(f"{column} {direction}" for column in key),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, {**asked, **marks, "limit": limit})
        return [Shelf(*row) for row in cursor.fetchall()]


def by_state(asked: Sequence[Shelf], breadth: Breadth) -> dict[Shelf, dict[str, int]]:
    """How many numbers of each shelf are in each state; apart from those `blocked`, or on sale but `stopped`."""
    found: dict[Shelf, dict[str, int]] = {shelf: {} for shelf in asked}
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS.format(here=_HERE[breadth]), _of(asked))
        for country, number_type, area_code, state, numbers in cursor.fetchall():
            found[Shelf(country, number_type, area_code)][state] = numbers
    return found


def for_sale(asked: Sequence[Shelf], breadth: Breadth, *, most: int) -> dict[Shelf, int]:
    """How many of each shelf are for sale; `most` stands for any number beyond."""
    given = _of(asked)
    statement = _AVAILABLE.format(here=_HERE[breadth], not_stopped=_NOT_STOPPED if given["stopped"] else "")
    with connection.cursor() as cursor:
        cursor.execute(statement, {**given, "most": most})
        return {Shelf(*kind): numbers for *kind, numbers in cursor.fetchall()}


def _of(asked: Collection[Shelf]) -> dict[str, Any]:
    stops = list(SaleStop.objects.filter(lifted_at=None).values_list("provider_id", "country"))
    return {
        "countries": [shelf.country for shelf in asked],
        "types": [shelf.number_type for shelf in asked],
        "areas": [shelf.area_code for shelf in asked],
        "stopped": [provider for provider, _ in stops],
        "stopped_in": [country for _, country in stops],
    }
