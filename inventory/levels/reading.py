"""The levels of one page of shelves: what stands there, what is coming, and what is to be there."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import NamedTuple

from django.db.models import Count
from django.utils import timezone

from inventory.levels.shelves import KEYS, Breadth, Shelf, Wanted, by_state, for_sale, shelves
from inventory.models import LineState, ProviderOrderLine, Quarantine, StockTarget
from inventory.models.provider_order import OPEN_ORDER
from numbering.recent import Recent

#: "Soon" is within so many days.
SOON = timedelta(days=7)
#: What customers are told: at least so many are for sale, and no more. Exact counts, asked for every minute, would
#: tell which numbers come back from whom.
STEPS = (1000, 100, 10, 1, 0)


class Level(NamedTuple):
    """One shelf. `counts` by state; `soon` of those in quarantine are expected out within `SOON`; `target`: how many
    staff want there, None where nobody said."""

    shelf: Shelf
    counts: dict[str, int]
    on_order: int
    soon: int
    target: int | None


def page(wanted: Wanted, breadth: Breadth, *, after: Shelf | None, limit: int, backwards: bool) -> list[Shelf]:
    """Up to `limit` shelves, as they are walked; those too that are to hold something and are bare."""
    stocked = shelves(wanted, breadth, after=after, limit=limit, backwards=backwards)
    bare = {shelf for shelf in targets(breadth) if wanted.holds(shelf) and _lies_beyond(shelf, after, backwards)}
    return sorted({*stocked, *bare}, reverse=backwards)[:limit]


def levels(asked: Sequence[Shelf], breadth: Breadth) -> list[Level]:
    """Everything of these shelves, for the operator."""
    counts, aims = by_state(asked, breadth), targets(breadth)
    ordered, soon = _gathered(_on_order(), breadth), _gathered(expected(), breadth)
    return [Level(each, counts[each], ordered[each], soon[each], aims.get(each)) for each in asked]


def coarse(asked: Sequence[Shelf], breadth: Breadth) -> dict[Shelf, int]:
    """How many of each shelf are for sale at least, in the steps that customers are told."""
    found = for_sale(asked, breadth, most=STEPS[0])
    return {shelf: next(step for step in STEPS if found[shelf] >= step) for shelf in asked}


def targets(breadth: Breadth) -> Counter[Shelf]:
    """What staff want where. A target without an area code means anywhere, so it is of the whole type."""
    rows = StockTarget.objects.filter(is_active=True).exclude(quantity=0)
    found: Counter[Shelf] = Counter()
    for *kind, quantity in rows.values_list("country", "number_type", "area_code", "quantity"):
        if bool(kind[2]) == (breadth == Breadth.AREA_CODE):
            found[Shelf(*kind)] += quantity
    return found


def _lies_beyond(shelf: Shelf, after: Shelf | None, backwards: bool) -> bool:
    return after is None or (shelf < after if backwards else shelf > after)


def _gathered(counts: Iterable[tuple[Shelf, int]], breadth: Breadth) -> Counter[Shelf]:
    found: Counter[Shelf] = Counter()
    for shelf, numbers in counts:
        found[Shelf(*shelf[: len(KEYS[breadth])])] += numbers
    return found


def _on_order() -> list[tuple[Shelf, int]]:
    """Of the open orders, which are few."""
    lines = ProviderOrderLine.objects.filter(state=LineState.WANTED, order__state__in=OPEN_ORDER)
    kinds = lines.values_list("order__country", "order__number_type", "order__area_code").annotate(lines=Count("*"))
    return [(Shelf(*kind), count) for *kind, count in kinds]


def _expected() -> list[tuple[Shelf, int]]:
    """Read from `quarantine_predicted` as far as those days reach, not all that rest."""
    stays = Quarantine.objects.filter(ended_at=None, predicted_on__lte=timezone.now().date() + SOON)
    kinds = stays.values_list("number__country", "number__number_type", "number__area_code")
    return [(Shelf(*kind), count) for *kind, count in kinds.annotate(stays=Count("*")).order_by()]


#: Out of quarantine soon: it changes with the nights, so a minute is nothing.
expected = Recent(_expected, seconds=60)
