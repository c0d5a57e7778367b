"""Which numbers of our ranges are free, block by block: a block is a thousand numbers, or the whole of a smaller range.

Opened blocks come first, the fullest before all others, and a new one only when those of its kind and rate centre are
full: whoever spreads over many blocks can neither donate one nor show that he needs another (47 CFR 52.15(j)(1)).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from compliance.models import AgingRule
from inventory.models import Allocation, LineState, Provider
from inventory.models.allocation import BLOCK
from numbering.types import NumberType

REST = timedelta(days=90)  # after a number came back; longer where the law says so

# Numbers that nobody may have: active, resting, in our stock, or on order; each once. One that came in by an import was
# never activated: of it the stock alone tells. Span by span, from activation_one_at_a_time, activation_returned,
# number_one_live_row, number_past_life and order_line_one_order_at_a_time.
_TAKEN = """
FROM unnest(%(first)s::bigint[], %(stop)s::bigint[], %(since)s::timestamptz[], %(size)s::bigint[])
    AS asked (first, stop, since, size)
CROSS JOIN LATERAL (
    SELECT e164 FROM inventory_activation WHERE e164 >= first AND e164 < stop AND returned_at IS NULL UNION
    SELECT e164 FROM inventory_activation
    WHERE e164 >= first AND e164 < stop AND returned_at IS NOT NULL AND returned_at > since UNION
    SELECT e164 FROM inventory_phonenumber WHERE e164 >= first AND e164 < stop AND state <> 'RETURNED' UNION
    SELECT e164 FROM inventory_phonenumber
    WHERE e164 >= first AND e164 < stop AND state = 'RETURNED' AND state_since > since UNION
    SELECT e164 FROM inventory_providerorderline AS line JOIN inventory_providerorder AS own ON own.id = line.order_id
    WHERE e164 >= first AND e164 < stop AND line.state = %(wanted)s AND own.key <> %(but_for)s
) AS taken
"""
_BY_BLOCK = f"SELECT e164 - e164 %% size, count(*) {_TAKEN} GROUP BY 1"
_EACH = f"SELECT e164 {_TAKEN}"
_RESTING = """
SELECT e164 FROM inventory_activation WHERE e164 = ANY(%(digits)s) AND returned_at > %(since)s UNION
SELECT e164 FROM inventory_phonenumber
WHERE e164 = ANY(%(digits)s) AND state = 'RETURNED' AND state_since > %(since)s
"""


@dataclass
class Block:
    """A block of a range; `taken`: how many of its numbers are not free. `kind` is what is filled before the next."""

    allocation: Allocation
    first: int
    taken: int

    @property
    def size(self) -> int:
        """How many numbers it has."""
        return min(self.allocation.size, BLOCK)

    @property
    def is_open(self) -> bool:
        """Whether somebody has, awaits or lately had a number of it."""
        return self.taken > 0

    @property
    def kind(self) -> tuple[str, str, str, str]:
        """Blocks that can stand for each other."""
        return self.allocation.kind


def blocks(allocations: Iterable[Allocation], *, but_for: str = "") -> list[Block]:
    """All blocks, in the order in which they are to be filled. What the order with the key `but_for` awaits counts as
    free."""
    return _counted([(each, range(each.first, each.end)) for each in allocations], but_for)


def blocks_with(homes: Mapping[int, Allocation], *, but_for: str = "") -> list[Block]:
    """Likewise, of the blocks alone in which these numbers (E.164 digits) lie, each given with its range."""
    spans = {span.start: (home, span) for digits, home in homes.items() for span in [_block_of(digits, home)]}
    return _counted(list(spans.values()), but_for)


def free(block: Block) -> Iterator[int]:
    """Its free numbers, E.164 digits in order."""
    if block.taken >= block.size:
        return iter(())
    span = range(block.first, block.first + block.size)
    taken = {digits for (digits,) in _asked(_EACH, _values([(block.allocation, span)], but_for=""))}
    return (digits for digits in span if digits not in taken)


def current(provider: Provider) -> "QuerySet[Allocation]":
    """Its ranges that are not withdrawn, in order."""
    return Allocation.objects.filter(provider=provider, withdrawn_on=None).order_by("first")


def rest(country: str, number_type: str, now: datetime) -> timedelta:
    """How long a number stays in its range before it is offered again: its last user may have been anybody."""
    law = AgingRule.objects.governing(country, NumberType(number_type), now.date())
    return max(REST, timedelta(days=(law and law.minimum_days) or 0))


def resting(digits: Iterable[int], allocation: Allocation) -> set[int]:
    """Those of these numbers that came back not long ago."""
    now = timezone.now()
    since = now - rest(allocation.country, allocation.number_type, now)
    return {e164 for (e164,) in _asked(_RESTING, {"digits": list(digits), "since": since})}


def _block_of(digits: int, home: Allocation) -> range:
    """Blocks begin at a multiple of their size, as ranges do."""
    size = min(home.size, BLOCK)
    return range(digits - digits % size, digits - digits % size + size)


def _counted(spans: list[tuple[Allocation, range]], but_for: str) -> list[Block]:
    """The blocks of these spans, counted in the database: a span may have a million numbers."""
    taken: dict[int, int] = dict(_asked(_BY_BLOCK, _values(spans, but_for)))
    found = [
        Block(allocation, first, taken.get(first, 0))
        for allocation, span in spans
        for first in range(span.start, span.stop, min(allocation.size, BLOCK))
    ]
    return sorted(found, key=lambda block: (not block.is_open, -block.taken, block.first))


def _values(spans: Iterable[tuple[Allocation, range]], but_for: str) -> dict[str, Any]:
    now, rests = timezone.now(), cache(rest)
    return {
        "first": [span.start for _, span in spans],
        "stop": [span.stop for _, span in spans],
        "since": [now - rests(of.country, of.number_type, now) for of, _ in spans],
        "size": [min(of.size, BLOCK) for of, _ in spans],
        "wanted": LineState.WANTED,
        "but_for": but_for,
    }


def _asked(question: str, values: Mapping[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(question, values)
        rows: list[Any] = cursor.fetchall()
    return rows
