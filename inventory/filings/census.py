"""Where the numbers of some countries stood at an instant, counted by block: what returns on utilisation are made of.

The ledger alone tells it, so that a figure made years later is the one that was made then.
"""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from django.db import connection

from numbering.types import NumberType

#: The numbers of these adapters come from ranges that the regulator allocated to us.
OWN = ("", "own_blocks")


class Category(StrEnum):
    """47 CFR 52.15(f)(1): each number that we hold is in one. None is `intermediate`: who resells is not known."""

    ASSIGNED = "assigned"
    RESERVED = "reserved"
    AGING = "aging"
    ADMINISTRATIVE = "administrative"  # held by an account of the operator itself
    AVAILABLE = "available"


class Scope(NamedTuple):
    """Which numbers are counted, and how many digits at the end of a number its block leaves open."""

    countries: tuple[str, ...]
    number_types: tuple[NumberType, ...]
    open_digits: int

    @property
    def block_size(self) -> int:
        """Numbers in a block."""
        return int(10**self.open_digits)


class Block(NamedTuple):
    """What we hold of one block; `number` is its digits without the open ones, `is_own`: allocated, not bought."""

    number: int
    is_own: bool
    area_code: str
    rate_centre: str
    region: str
    place: str
    counts: dict[Category, int]

    @property
    def held(self) -> int:
        """All categories together."""
        return sum(self.counts.values())


# The last move before the instant says where a number stood; only what was given up comes to rest by `expire`.
_STOOD = """
    SELECT number.e164, number.area_code, number.place_id,
        coalesce(provider.adapter, '') = ANY(%(own)s) AS is_own,
        CASE
            WHEN last.target = 'IN_SERVICE' THEN CASE WHEN EXISTS (
                SELECT FROM inventory_assignment AS assignment
                JOIN accounts_account AS account ON account.id = assignment.account_id
                WHERE assignment.number_id = number.id AND assignment.valid @> %(at)s::timestamptz
                AND account.is_operator
            ) THEN 'administrative' ELSE 'assigned' END
            WHEN last.target = 'RESERVED' THEN 'reserved'
            WHEN last.target = 'RELEASED' OR last.target = 'QUARANTINED' AND last.verb = 'expire' THEN 'aging'
            ELSE 'available'
        END AS category
    FROM inventory_phonenumber AS number
    LEFT JOIN inventory_provider AS provider ON provider.id = number.provider_id
    CROSS JOIN LATERAL (
        SELECT verb, target FROM inventory_lifecycleentry AS entry
        WHERE entry.number_id = number.id AND entry.at <= %(at)s ORDER BY entry.at DESC, entry.id DESC LIMIT 1
    ) AS last
    WHERE number.country = ANY(%(countries)s) AND number.number_type = ANY(%(types)s) AND last.target <> 'RETURNED'
"""
_BLOCKS = f"""
WITH stood AS ({_STOOD})
SELECT stood.e164 / %(size)s AS block, is_own,
    mode() WITHIN GROUP (ORDER BY area_code),
    coalesce(mode() WITHIN GROUP (ORDER BY place.rate_centre), ''),
    coalesce(mode() WITHIN GROUP (ORDER BY place.region), ''),
    coalesce(mode() WITHIN GROUP (ORDER BY place.name), ''),
    {", ".join(f"count(*) FILTER (WHERE category = '{category}')" for category in Category)}
FROM stood LEFT JOIN numbering_place AS place ON place.id = stood.place_id
GROUP BY 1, 2 ORDER BY 1, 2 DESC
"""  # noqa: S608 - made of constants alone
_OF_BLOCK = f"""
WITH stood AS ({_STOOD} AND number.e164 BETWEEN %(first)s AND %(last)s)
SELECT e164, category FROM stood WHERE is_own = %(is_own)s ORDER BY e164
"""  # noqa: S608 - likewise


def blocks(scope: Scope, at: datetime) -> Iterator[Block]:
    """Every block of which we held a number then, in the order of its digits; what is ours before what was bought."""
    with connection.cursor() as cursor:
        cursor.execute(_BLOCKS, _values(scope, at))
        for number, is_own, area_code, rate_centre, region, place, *counts in cursor.fetchall():
            known = dict(zip(Category, counts, strict=True))
            yield Block(number, is_own, area_code, rate_centre, region, place, known)


def stood(scope: Scope, at: datetime, block: int, *, is_own: bool) -> dict[int, Category]:
    """The numbers of one block (E.164 digits) and where each stood then."""
    first = block * scope.block_size
    span = {"first": first, "last": first + scope.block_size - 1, "is_own": is_own}
    with connection.cursor() as cursor:
        cursor.execute(_OF_BLOCK, _values(scope, at) | span)
        return {e164: Category(category) for e164, category in cursor.fetchall()}


def _values(scope: Scope, at: datetime) -> dict[str, Any]:
    return {
        "own": list(OWN),
        "at": at,
        "countries": list(scope.countries),
        "types": list(scope.number_types),
        "size": scope.block_size,
    }
