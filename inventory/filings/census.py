"""Where the numbers of some countries stood at an instant, counted by block: what returns on utilisation are made of.

The ledger and our allocations alone tell it, so that a figure made years later is the one that was made then.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from django.db import connection

from inventory.allocations import room
from inventory.filings.reading import streamed
from inventory.models import Allocation
from numbering.types import NumberType

HUNDRED = 100  # numbers: every range begins at a multiple of it, and has whole ones


class Category(StrEnum):
    """47 CFR 52.15(f)(1): each number that we have is in one. None is `intermediate`: who resells is not known."""

    ASSIGNED = "assigned"
    RESERVED = "reserved"
    AGING = "aging"
    ADMINISTRATIVE = "administrative"  # held by an account of the operator itself
    AVAILABLE = "available"


class Scope(NamedTuple):
    """Which numbers are counted, in blocks of how many; `has_small`: a smaller range of ours is a block of its own."""

    countries: tuple[str, ...]
    number_types: tuple[NumberType, ...]
    block_size: int
    has_small: bool = False


class Block(NamedTuple):
    """What we have of one block, which begins at `first` (E.164 digits).

    `allocated`: how many of its numbers are ours by a regulator's decision, 0 where we only have what others let us
    have. `held` are in our stock; `counts` are of all that is ours, the numbers that nobody has opened among them.
    """

    first: int
    size: int
    allocated: int
    held: int
    holder: str
    area_code: str
    rate_centre: str
    region: str
    place: str
    counts: dict[Category, int]

    @property
    def is_own(self) -> bool:
        """Whether it is allocated to us."""
        return self.allocated > 0


# Our ranges of that day, by the hundred, so that a number finds its own by equality. A row that was wrong is withdrawn,
# and the right one may tell of the same days: the newer one speaks.
_RANGES = """
WITH hundreds AS MATERIALIZED (
    SELECT DISTINCT ON (hundred) hundred, allocation.id AS allocation_id,
        country = ANY(%(countries)s) AND number_type = ANY(%(types)s) AS concerned,
        CASE WHEN %(has_small)s THEN least(allocation.size, %(size)s) ELSE %(size)s END::bigint AS block_size,
        rest.since AS rested_since
    FROM inventory_allocation AS allocation
    LEFT JOIN unnest(%(rest_countries)s::text[], %(rest_types)s::text[], %(rest_since)s::timestamptz[])
        AS rest (of_country, of_type, since) ON rest.of_country = country AND rest.of_type = number_type
    CROSS JOIN LATERAL generate_series(first / 100, (first + allocation.size - 1) / 100) AS hundred
    WHERE allocated_on < %(at)s::timestamptz AT TIME ZONE 'UTC'
    AND (withdrawn_on IS NULL OR withdrawn_on >= (%(at)s::timestamptz AT TIME ZONE 'UTC'))
    ORDER BY hundred, allocation.id DESC
)
"""
# Every life of each number of a span. Two questions: two partial indexes hold them.
_LIVES = """(
    SELECT id, e164, country, number_type, area_code, place_id FROM inventory_phonenumber
    WHERE state <> 'RETURNED' AND e164 BETWEEN %(low)s AND %(high)s UNION ALL
    SELECT id, e164, country, number_type, area_code, place_id FROM inventory_phonenumber
    WHERE state = 'RETURNED' AND e164 BETWEEN %(low)s AND %(high)s
)"""
# The last move before the instant says where a number stood; only what was given up comes to rest by `expire`.
_LAST = """CROSS JOIN LATERAL (
    SELECT verb, target FROM inventory_lifecycleentry AS entry
    WHERE entry.number_id = number.id AND entry.at <= %(at)s ORDER BY entry.at DESC, entry.id DESC LIMIT 1
) AS last"""
# Whether it was with the operator itself, by the index assignment_no_two_at_once.
_IS_OPERATORS = """EXISTS (
    SELECT FROM inventory_assignment AS assignment JOIN accounts_account AS account ON account.id = account_id
    WHERE int8range(number_id, number_id, '[]') && int8range(number.id, number.id, '[]')
    AND valid @> %(at)s::timestamptz AND account.is_operator
)"""
# Likewise for a whole stock: the ledger is read once, in its own order, and sorted. To look each number up would be a
# read at random for each.
_EVERY_LAST = """JOIN (
    SELECT DISTINCT ON (number_id) number_id, verb, target FROM inventory_lifecycleentry
    WHERE at <= %(at)s ORDER BY number_id, at DESC, id DESC
) AS last ON last.number_id = number.id LEFT JOIN (
    SELECT number_id FROM inventory_assignment AS assignment JOIN accounts_account AS account ON account.id = account_id
    WHERE valid @> %(at)s::timestamptz AND account.is_operator
) AS operators ON operators.number_id = number.id"""
_STANDING = """
SELECT number.e164, number.area_code, number.place_id, hundreds.hundred IS NOT NULL AS is_own, TRUE AS held,
    coalesce(hundreds.block_size, %(size)s::bigint) AS block_size,
    CASE
        WHEN last.target = 'IN_SERVICE' THEN CASE WHEN {is_operators} THEN 'administrative' ELSE 'assigned' END
        WHEN last.target = 'RESERVED' THEN 'reserved'
        WHEN last.target = 'RELEASED' OR last.target = 'QUARANTINED' AND last.verb = 'expire' THEN 'aging'
        ELSE 'available'
    END AS category
FROM {lives} AS number LEFT JOIN hundreds ON hundreds.hundred = number.e164 / 100 {last}
WHERE coalesce(hundreds.concerned, number.country = ANY(%(countries)s) AND number.number_type = ANY(%(types)s))
AND last.target <> 'RETURNED'
"""
# What was given up, and was retired before it was clean, is in its range again, and nobody may have it yet.
_RESTING = f"""
SELECT DISTINCT past.e164, '', NULL::bigint, TRUE, FALSE, hundreds.block_size, 'aging'
FROM inventory_lifecycleentry AS gone JOIN inventory_phonenumber AS past ON past.id = gone.number_id
JOIN hundreds ON hundreds.hundred = past.e164 / 100
WHERE gone.verb = 'retire' AND gone.at > %(longest_rest)s AND gone.at > hundreds.rested_since AND gone.at <= %(at)s
AND hundreds.concerned AND past.e164 BETWEEN %(low)s AND %(high)s
AND gone.source = 'QUARANTINED' AND 'expire' = (
    SELECT verb FROM inventory_lifecycleentry AS before
    WHERE before.number_id = past.id AND before.at <= gone.at AND before.id <> gone.id
    ORDER BY before.at DESC, before.id DESC LIMIT 1
)
AND NOT EXISTS (
    SELECT FROM {_LIVES} AS number {_LAST} WHERE number.e164 = past.e164 AND last.target <> 'RETURNED'
)
"""  # noqa: S608 - made of constants alone
_STOOD = f"""
, stood AS ({_STANDING.format(lives=_LIVES, last=_LAST, is_operators=_IS_OPERATORS)} UNION ALL {_RESTING})
"""
_ALL = _STANDING.format(lives="inventory_phonenumber", last=_EVERY_LAST, is_operators="operators.number_id IS NOT NULL")
# Counted by place first, which leaves little to sort: a block lies where most of its numbers do.
_BLOCKS = f"""
{_RANGES}, stood AS ({_ALL} UNION ALL {_RESTING}), counted AS (
    SELECT e164 - e164 %% block_size AS begins, block_size, is_own, place_id, area_code,
        count(*) FILTER (WHERE held) AS held,
        {", ".join(f"count(*) FILTER (WHERE category = '{category}') AS {category}" for category in Category)}
    FROM stood GROUP BY 1, 2, 3, 4, 5
), summed AS (
    SELECT begins, block_size, is_own, (array_agg(place_id ORDER BY held DESC, place_id))[1] AS place_id,
        (array_agg(area_code ORDER BY held DESC, area_code))[1] AS area_code, sum(held)::bigint AS held,
        {", ".join(f"sum({category})::bigint AS {category}" for category in Category)}
    FROM counted GROUP BY 1, 2, 3
), allocated AS (
    SELECT hundred * 100 - hundred * 100 %% block_size AS begins, block_size, TRUE AS is_own,
        count(*) * 100 AS allocated, max(allocation_id) AS allocation_id
    FROM hundreds WHERE concerned GROUP BY 1, 2
)
SELECT begins, block_size, coalesce(allocated, 0), coalesce(held, 0), coalesce(allocation.holder, ''),
    coalesce(area_code, ''), coalesce(nullif(allocation.rate_centre, ''), place.rate_centre, ''),
    coalesce(nullif(allocation.region, ''), place.region, ''),
    coalesce(nullif(allocation.locality, ''), place.name, ''),
    {", ".join(f"coalesce({category}, 0)" for category in Category)}
FROM allocated FULL JOIN summed USING (begins, block_size, is_own)
LEFT JOIN inventory_allocation AS allocation ON allocation.id = allocation_id
LEFT JOIN numbering_place AS place ON place.id = summed.place_id
ORDER BY begins, block_size, is_own DESC
"""  # noqa: S608 - likewise
_OF_BLOCK = f"""
{_RANGES} {_STOOD}
SELECT e164, category FROM stood WHERE is_own = %(is_own)s ORDER BY e164
"""  # noqa: S608 - likewise
_HUNDREDS_OF_BLOCK = f"""
{_RANGES}
SELECT hundred FROM hundreds WHERE concerned AND hundred BETWEEN %(low)s / 100 AND %(high)s / 100 ORDER BY 1
"""  # noqa: S608 - likewise
EVERYWHERE = (0, 10**15)  # no number has sixteen digits


def blocks(scope: Scope, at: datetime) -> Iterator[Block]:
    """Every block that was ours then, or of which we had a number, in the order of its digits; ours before bought."""
    for first, size, allocated, held, holder, area_code, rate_centre, region, place, *counts in streamed(
        _BLOCKS, _values(scope, at, EVERYWHERE)
    ):
        known = dict(zip(Category, counts, strict=True))
        if allocated:  # all that nobody has
            known[Category.AVAILABLE] = allocated - sum(known.values()) + known[Category.AVAILABLE]
        yield Block(first, size, allocated, held, holder, area_code, rate_centre, region, place, known)


def stood(scope: Scope, at: datetime, block: range, *, is_own: bool) -> dict[int, Category]:
    """The numbers of one block (E.164 digits) and where each stood then; of ours also those that nobody opened."""
    values = _values(scope, at, (block.start, block.stop - 1)) | {"is_own": is_own}
    with connection.cursor() as cursor:
        cursor.execute(_OF_BLOCK, values)
        known = {e164: Category(category) for e164, category in cursor.fetchall()}
        if not is_own:
            return known
        cursor.execute(_HUNDREDS_OF_BLOCK, values)
        hundreds = [hundred * HUNDRED for (hundred,) in cursor.fetchall()]
    whole = (e164 for first in hundreds for e164 in range(first, first + HUNDRED))
    return {e164: known.get(e164, Category.AVAILABLE) for e164 in whole}


def _values(scope: Scope, at: datetime, span: tuple[int, int]) -> dict[str, Any]:
    rests = _rests(scope, at)
    return {
        "at": at,
        "countries": list(scope.countries),
        "types": list(scope.number_types),
        "size": scope.block_size,
        "has_small": scope.has_small,
        "low": span[0],
        "high": span[1],
        "rest_countries": [country for country, _ in rests],
        "rest_types": [number_type for _, number_type in rests],
        "rest_since": [at - rest for rest in rests.values()],
        "longest_rest": at - max(rests.values(), default=timedelta()),
    }


def _rests(scope: Scope, at: datetime) -> dict[tuple[str, str], timedelta]:
    """How long what comes back to our ranges of this scope rests, by country and type of the range."""
    ranges = Allocation.objects.filter(country__in=scope.countries, number_type__in=scope.number_types)
    kinds = set(ranges.values_list("country", "number_type"))
    return {kind: room.rest(*kind, at) for kind in sorted(kinds)}
