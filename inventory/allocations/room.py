"""Which numbers of our ranges are free, block by block: a block is a thousand numbers, or the whole of a smaller range.

Opened blocks come first, the fullest before all others, and a new one only when those of its kind and rate centre are
full: whoever spreads over many blocks can neither donate one nor show that he needs another (47 CFR 52.15(j)(1)).
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from compliance.models import AgingRule
from inventory.models import Activation, Allocation, LineState, PhoneNumber, Provider, ProviderOrderLine
from inventory.models.allocation import BLOCK
from numbering.types import NumberType

REST = timedelta(days=90)  # after a number came back; longer where the law says so


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
        of = self.allocation
        return of.country, of.number_type, of.rate_centre, of.locality


def blocks(allocations: Iterable[Allocation], *, but_for: str = "") -> list[Block]:
    """All blocks, in the order in which they are to be filled. What the order with the key `but_for` awaits counts as
    free."""
    found = [block for allocation in allocations for block in _of(allocation, but_for)]
    return sorted(found, key=lambda block: (not block.is_open, -block.taken, block.first))


def free(block: Block) -> Iterator[int]:
    """Its free numbers, E.164 digits in order."""
    of, end = block.allocation, block.first + block.size
    taken = set(_taken(block.first, end, _rested_since(of, timezone.now()), but_for=""))
    return (digits for digits in range(block.first, end) if digits not in taken)


def current(provider: Provider) -> Iterable[Allocation]:
    """Its ranges that are not withdrawn, in order."""
    return Allocation.objects.filter(provider=provider, withdrawn_on=None).order_by("first")


def rest(country: str, number_type: str, now: datetime) -> timedelta:
    """How long a number stays in its range before it is offered again: its last user may have been anybody."""
    law = AgingRule.objects.governing(country, NumberType(number_type), now.date())
    return max(REST, timedelta(days=(law and law.minimum_days) or 0))


def resting(digits: Iterable[int], allocation: Allocation) -> set[int]:
    """Those of these numbers that came back not long ago."""
    since = _rested_since(allocation, timezone.now())
    return set(Activation.objects.filter(e164__in=digits, returned_at__gt=since).values_list("e164", flat=True))


def _of(allocation: Allocation, but_for: str) -> Iterator[Block]:
    size = min(allocation.size, BLOCK)
    since = _rested_since(allocation, timezone.now())
    taken = Counter(digits // size for digits in set(_taken(allocation.first, allocation.end, since, but_for=but_for)))
    for first in range(allocation.first, allocation.end, size):
        yield Block(allocation, first, taken[first // size])


def _taken(first: int, end: int, rested_since: datetime, *, but_for: str) -> Iterator[int]:
    """Numbers of a span that nobody may have: active, resting, in our stock, or on order. Some come more than once."""
    span = Q(e164__gte=first, e164__lt=end)
    active = Q(returned_at=None) | Q(returned_at__gt=rested_since)
    yield from Activation.objects.filter(span, active).values_list("e164", flat=True)
    yield from PhoneNumber.objects.live().filter(span).values_list("e164", flat=True)
    lines = ProviderOrderLine.objects.filter(span, state=LineState.WANTED).exclude(order__key=but_for)
    yield from lines.values_list("e164", flat=True)


def _rested_since(allocation: Allocation, now: datetime) -> datetime:
    return now - rest(allocation.country, allocation.number_type, now)
