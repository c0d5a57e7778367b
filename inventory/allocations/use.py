"""How well our blocks are used, now: utilisation, contamination, and what could be donated.

`inventory.filings.census` answers the same for an instant of the past, from the ledger; this one counts what is there.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from django.db import connection
from django.utils import timezone

from inventory.allocations import room
from inventory.filings.census import Category
from inventory.models import Allocation
from inventory.models.allocation import BLOCK

DONATED_UP_TO = 0.10  # contamination at which a thousands block may be donated (47 CFR 52.20(c))

# By spans of digits, from number_one_live_row, number_past_life, activation_one_at_a_time
# and activation_returned.
_COUNTS = """
SELECT number.e164 / %(size)s,
    CASE
        WHEN number.state = 'IN_SERVICE' THEN CASE WHEN holder.is_operator THEN 'administrative' ELSE 'assigned' END
        WHEN number.state = 'RESERVED' THEN 'reserved'
        WHEN number.state = 'RELEASED' OR number.state = 'QUARANTINED' AND stay.source = 'released' THEN 'aging'
        ELSE 'available'
    END, count(*)
FROM inventory_phonenumber AS number
LEFT JOIN accounts_account AS holder ON holder.id = number.holder_id
LEFT JOIN inventory_quarantine AS stay ON stay.number_id = number.id AND stay.ended_at IS NULL
WHERE number.e164 >= %(first)s AND number.e164 < %(end)s AND number.state <> 'RETURNED'
GROUP BY 1, 2
UNION ALL
SELECT e164 / %(size)s, 'active', count(*) FROM inventory_activation
WHERE e164 >= %(first)s AND e164 < %(end)s AND returned_at IS NULL GROUP BY 1
UNION ALL
SELECT e164 / %(size)s, 'resting', count(*) FROM (
    SELECT e164 FROM inventory_activation
    WHERE e164 >= %(first)s AND e164 < %(end)s AND returned_at IS NOT NULL AND returned_at > %(rested_since)s UNION
    SELECT e164 FROM inventory_phonenumber
    WHERE e164 >= %(first)s AND e164 < %(end)s AND state = 'RETURNED' AND state_since > %(rested_since)s
) AS past WHERE NOT EXISTS (
    SELECT FROM inventory_activation AS again WHERE again.e164 = past.e164 AND again.returned_at IS NULL
) AND NOT EXISTS (
    SELECT FROM inventory_phonenumber AS number WHERE number.e164 = past.e164 AND number.state <> 'RETURNED'
) GROUP BY 1
"""


class BlockUse(NamedTuple):
    """A block of a range of ours. `counts` are of the numbers in our stock; `active` of those activated, wherever they
    are; `resting` of those that came back and can't be given to anybody yet."""

    first: int
    size: int
    counts: dict[Category, int]
    active: int
    resting: int

    @property
    def is_open(self) -> bool:
        """Whether any of its numbers was taken out of it, and is not free again."""
        return bool(self.active or self.resting or sum(self.counts.values()))

    @property
    def unavailable(self) -> int:
        """Numbers that can't be given to anybody now: the contaminated ones."""
        return self.resting + sum(count for category, count in self.counts.items() if category != Category.AVAILABLE)

    @property
    def utilisation(self) -> float:
        """What customers have of the whole block, 0 to 1."""
        return self.counts[Category.ASSIGNED] / self.size

    @property
    def contamination(self) -> float:
        """The share that can't be given to anybody now, 0 to 1."""
        return self.unavailable / self.size

    @property
    def aging(self) -> int:
        """Given up by somebody, and not for the next one yet."""
        return self.counts[Category.AGING] + self.resting

    @property
    def utilisation_percent(self) -> str:
        """With one digit behind the point."""
        return f"{100 * self.utilisation:.1f}"

    @property
    def contamination_percent(self) -> str:
        """Likewise."""
        return f"{100 * self.contamination:.1f}"

    @property
    def may_be_donated(self) -> bool:
        """Whether it is a whole thousands block with so little in it that a pool would take it."""
        return self.size == BLOCK and self.contamination <= DONATED_UP_TO


def blocks_of(allocation: Allocation) -> list[BlockUse]:
    """Its blocks in the order of their digits, also those that nobody opened."""
    size, found = min(allocation.size, BLOCK), dict[int, dict[str, int]]()
    for block, what, count in _counted(allocation, size):
        found.setdefault(block * size, {})[what] = count
    return [_use(first, size, found.get(first, {})) for first in range(allocation.first, allocation.end, size)]


def whole(blocks: Iterable[BlockUse]) -> BlockUse:
    """All of a range as one block. Raises ValueError for no blocks."""
    first, *others = blocks
    for each in others:
        counts = {category: first.counts[category] + each.counts[category] for category in Category}
        first = BlockUse(
            first.first, first.size + each.size, counts, first.active + each.active, first.resting + each.resting
        )
    return first


def _counted(allocation: Allocation, size: int) -> Iterator[Any]:
    now = timezone.now()
    values: dict[str, Any] = {
        "size": size,
        "first": allocation.first,
        "end": allocation.end,
        "rested_since": now - room.rest(allocation.country, allocation.number_type, now),
    }
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, values)
        yield from cursor.fetchall()


def _use(first: int, size: int, found: dict[str, int]) -> BlockUse:
    counts = {category: found.get(category, 0) for category in Category}
    return BlockUse(first, size, counts, found.get("active", 0), found.get("resting", 0))
