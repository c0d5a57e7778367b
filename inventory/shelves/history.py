"""The sums of demand of each SKU, carried forward to the end of a closed day."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
from django.db import connection
from django.db.models import Min

from inventory.models import DemandEvent, Sku, SkuState
from inventory.restock.demand import BULK, History, State, added
from inventory.shelves.kinds import Kind, Shelves
from inventory.shelves.stock import Market

LONGEST_MEMORY = timedelta(days=900)  # ten half-lives: what lies before weighs a thousandth

# One row for orders of equal size on one day; an account's wishes for one kind are one, of the most units. A number
# that was delivered against a firm order was bought for its customer: no shelf must hold the like for the next one.
# In one order, whatever the planner thinks: sums of floats hang on it, and a night that is run again gives the same.
_ASKED_FOR = f"""
    SELECT area_code, place_id, capabilities, (at AT TIME ZONE 'UTC')::date AS day, account_id,
        least(units_requested, {BULK}) AS units, count(*)
    FROM inventory_demandevent
    WHERE country = %(country)s AND number_type = %(number_type)s AND at >= %(since)s AND at < %(until)s
    AND key NOT IN (
        SELECT 'purchase:' || did.sid
        FROM inventory_firmdelivery AS delivery JOIN inventory_did AS did ON did.id = delivery.did_id
        WHERE delivery.at >= %(since)s
    )
    GROUP BY 1, 2, 3, 4, 5, 6
    ORDER BY 1, 2, 3, 4, 5, 6
"""  # noqa: S608 - our own words


class _Asked(NamedTuple):
    sku: int
    day: date
    account: int | None
    units: int
    times: int


def carried_forward(
    market: Market, skus: Sequence[Sku], known: Mapping[int, SkuState], shelves: Shelves, day: date
) -> dict[int, tuple[float, float, float, float]]:
    """N, Q, Q2 and e of these SKUs at the end of `day`, by id. One query for all, and one for where the log begins.

    Exact however often it is run, and over however many days: what is told of a closed day is there already.
    """
    began = _log_began(market)
    since = [_since(sku, known.get(sku.pk), began, day) for sku in skus]
    before = _before([known.get(sku.pk) for sku in skus])
    places = {sku.pk: place for place, sku in enumerate(skus)}
    asked = [each for each in _asked_for(market, shelves, min(since), day) if each.sku in places]
    after = added(before, np.array([each.toordinal() for each in since]), _history(asked, places), day.toordinal())
    columns = (np.asarray(column).tolist() for column in after)
    return dict(zip((sku.pk for sku in skus), zip(*columns, strict=True), strict=True))


def _since(sku: Sku, state: SkuState | None, began: date | None, day: date) -> date:
    """The first day that is still to be counted: for a new SKU that of the log, which knows what was asked before."""
    if state:
        return state.as_of + timedelta(days=1)
    first = min(filter(None, [began, sku.created_at.date()]))
    return min(day, max(first, day - LONGEST_MEMORY))


def _log_began(market: Market) -> date | None:
    first = DemandEvent.objects.filter(**market.columns).aggregate(first=Min("at"))["first"]
    return first.date() if first else None


def _before(states: Sequence[SkuState | None]) -> State:
    rows = [(each.n, each.q, each.q2, each.e) if each else (0.0, 0.0, 0.0, 0.0) for each in states]
    return State(*np.array(rows, dtype=np.float64).reshape(-1, 4).T)


def _asked_for(market: Market, shelves: Shelves, since: date, day: date) -> Iterable[_Asked]:
    """Purchases as they are; of the wishes of one account for one SKU on one day the greatest."""
    wishes: dict[tuple[int, date, int], int] = {}
    with connection.cursor() as cursor:
        cursor.execute(_ASKED_FOR, {**market.columns, "since": since, "until": day + timedelta(days=1)})
        for area, place, mask, at, account, units, count in cursor:
            if (sku := shelves.of_wish(Kind(area, place, mask))) is None:
                continue
            if account is None:
                yield _Asked(sku, at, account, units, count)
            else:
                wishes[sku, at, account] = max(units, wishes.get((sku, at, account), 0))
    yield from (_Asked(sku, at, account, units, 1) for (sku, at, account), units in wishes.items())


def _history(asked: Sequence[_Asked], places: Mapping[int, int]) -> History:
    times = np.array([each.times for each in asked], dtype=np.int64)
    columns = (
        [places[each.sku] for each in asked],
        [each.day.toordinal() for each in asked],
        [each.units for each in asked],
    )
    return History(*(np.repeat(np.array(column, dtype=np.int64), times) for column in columns))
