"""The levels of one page of shelves: what stands there, what is coming, and what is to be there."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import NamedTuple

from django.db.models import Count
from django.utils import timezone

from inventory.levels.shelves import Breadth, Shelf, Wanted, by_state, for_sale, narrowed, shelves
from inventory.models import LineState, ProviderOrderLine, Quarantine, SkuState, StockTarget
from inventory.models.provider_order import OPEN_ORDER
from numbering.places import place_for
from numbering.recent import Recent

#: "Soon" is within so many days.
SOON = timedelta(days=7)
#: What customers are told: at least so many are for sale, and no more. Exact counts, asked for every minute, would
#: tell which numbers come back from whom.
STEPS = (1000, 100, 10, 1, 0)


class Aim(NamedTuple):
    """What is to stand on a shelf: what its SKUs' last night said (`inventory.models.SkuState`), all of them together,
    and how many staff want there besides. None where nobody said."""

    reorder_point: int | None = None
    floor: float | None = None
    up_to: float | None = None
    target: int | None = None

    def is_missed(self, position: int) -> bool:
        """Whether so many, on sale or on their way, are too few."""
        too_few = self.reorder_point is not None and position <= self.reorder_point
        return too_few or (self.target is not None and position < self.target)


class Level(NamedTuple):
    """One shelf. `counts` by state; `soon` of those in quarantine are expected out within `SOON`."""

    shelf: Shelf
    counts: dict[str, int]
    on_order: int
    soon: int
    aim: Aim


def page(wanted: Wanted, breadth: Breadth, *, after: Shelf | None, limit: int, backwards: bool) -> list[Shelf]:
    """Up to `limit` shelves, as they are walked; those too that are to hold something and are bare."""
    stocked = shelves(wanted, breadth, after=after, limit=limit, backwards=backwards)
    bare = {shelf for shelf in aims(breadth) if wanted.holds(shelf) and _lies_beyond(shelf, after, backwards)}
    return sorted({*stocked, *bare}, reverse=backwards)[:limit]


def levels(asked: Sequence[Shelf], breadth: Breadth) -> list[Level]:
    """Everything of these shelves, for the operator."""
    wanted = aims(breadth)
    counts = of_types(*asked) if breadth == Breadth.TYPE else by_state(asked, breadth)
    ordered, soon = _gathered(on_order(breadth), breadth), _gathered(expected(), breadth)
    return [Level(each, counts[each], ordered[each], soon[each], wanted.get(each, Aim())) for each in asked]


def coarse(asked: Sequence[Shelf], breadth: Breadth) -> dict[Shelf, int]:
    """How many of each shelf are for sale at least, in the steps that customers are told."""
    found = for_sale(asked, breadth, most=STEPS[0])
    return {shelf: next(step for step in STEPS if found[shelf] >= step) for shelf in asked}


def aims(breadth: Breadth) -> dict[Shelf, Aim]:
    """What is to stand where. What names no area code and no place means anywhere, so it is of the whole type."""
    found: dict[Shelf, Aim] = {}
    for shelf, reorder_point, floor, up_to in _of_nights(breadth):
        before = found.get(shelf, Aim(0, 0, 0))
        sums = (before.reorder_point or 0) + reorder_point, (before.floor or 0) + floor, (before.up_to or 0) + up_to
        found[shelf] = Aim(*sums)
    for shelf, quantity in _targets(breadth).items():
        found[shelf] = found.get(shelf, Aim())._replace(target=quantity)
    return found


def _breadth_of(shelf: Shelf) -> Breadth:
    if shelf.place_id:
        return Breadth.LOCALITY
    return Breadth.AREA_CODE if shelf.area_code else Breadth.TYPE


def _of_nights(breadth: Breadth) -> Iterator[tuple[Shelf, int, float, float]]:
    states = SkuState.objects.filter(sku__is_active=True)
    columns = ("sku__country", "sku__number_type", "sku__area_code", "sku__place_id", "s", "floor", "up_to")
    for country, number_type, area_code, place_id, *levels_ in states.values_list(*columns):
        shelf = Shelf(country, number_type, area_code, place_id or 0)
        if _breadth_of(shelf) == breadth:
            yield shelf, *levels_


def _targets(breadth: Breadth) -> Counter[Shelf]:
    rows = StockTarget.objects.filter(is_active=True).exclude(quantity=0)
    found: Counter[Shelf] = Counter()
    for country, number_type, area_code, quantity in rows.values_list(
        "country", "number_type", "area_code", "quantity"
    ):
        if _breadth_of(shelf := Shelf(country, number_type, area_code)) == breadth:
            found[shelf] += quantity
    return found


def _lies_beyond(shelf: Shelf, after: Shelf | None, backwards: bool) -> bool:
    return after is None or (shelf < after if backwards else shelf > after)


def _gathered(counts: Iterable[tuple[Shelf, int]], breadth: Breadth) -> Counter[Shelf]:
    found: Counter[Shelf] = Counter()
    for shelf, numbers in counts:
        found[narrowed(shelf, breadth)] += numbers
    return found


def on_order(breadth: Breadth) -> list[tuple[Shelf, int]]:
    """Of the open orders, which are few. Where a number lies that is not ours yet, its prefix tells."""
    lines = ProviderOrderLine.objects.filter(state=LineState.WANTED, order__state__in=OPEN_ORDER)
    columns = ("order__country", "order__number_type", "order__area_code")
    if breadth == Breadth.LOCALITY:
        rows = lines.values_list(*columns, "e164")
        return [(Shelf(country, kind, area, place_for(e164) or 0), 1) for country, kind, area, e164 in rows]
    counted = lines.values_list(*columns).annotate(lines=Count("*"))
    return [(Shelf(country, kind, area), count) for country, kind, area, count in counted]


def _expected() -> list[tuple[Shelf, int]]:
    """Read from `quarantine_foretold` as far as those days reach, not all that rest."""
    stays = Quarantine.objects.filter(ended_at=None, predicted_on__lte=timezone.now().date() + SOON)
    kinds = stays.values_list("number__country", "number__number_type", "number__area_code", "number__place_id")
    counted = kinds.annotate(stays=Count("*")).order_by()
    return [(Shelf(country, kind, area, place or 0), count) for country, kind, area, place, count in counted]


def _of_types(*asked: Shelf) -> dict[Shelf, Counter[str]]:
    return by_state(asked, Breadth.TYPE)


#: A type may have millions, and each is counted: docs/api.md has what that takes. So once a minute.
of_types = Recent(_of_types, seconds=60)
#: Out of quarantine soon: it changes with the nights, so a minute is nothing.
expected = Recent(_expected, seconds=60)
