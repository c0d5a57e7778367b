"""B2: the nightly recursion and the sums over the history are one thing."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from inventory.restock import propose
from inventory.restock.demand import FADING, State, nightly
from tests.inventory.restock.cases import DAY

START = date(2026, 1, 1)


def events(sku: str, days: list[list[int]]) -> list[dict[str, Any]]:
    return [
        {"sku": sku, "at": (START + timedelta(days=index)).isoformat(), "units_requested": units}
        for index, orders in enumerate(days)
        for units in orders
    ]


def state(skus: list[dict[str, Any]], demand: list[dict[str, Any]], day: str) -> State:
    [proposal] = propose(day, skus, demand)
    return State(*(proposal.terms[name] or 0.0 for name in State._fields))


def test_half_of_the_demand_of_90_days_ago_is_left() -> None:
    assert pytest.approx(0.5) == FADING**90


def test_the_history_gives_what_the_nights_give() -> None:
    rng = np.random.default_rng(8)
    days = [rng.integers(1, 200, rng.poisson(0.7)).tolist() for _ in range(300)]
    by_night = State()
    for orders in days:
        by_night = nightly(by_night, orders)
    last = (START + timedelta(days=299)).isoformat()
    sku = {"sku": "a", "available": 0, "L": 5, "since": START}
    assert state([sku], events("a", days), last) == pytest.approx(by_night, rel=1e-12)


def test_a_state_of_an_earlier_night_and_the_demand_since_give_the_same() -> None:
    days = [[3], [], [500, 1], [2], []]
    early = nightly(nightly(State(), days[0]), days[1])
    known = {"sku": "a", "available": 0, "L": 5, **early._asdict(), "as_of": "2026-01-02"}
    whole = {"sku": "a", "available": 0, "L": 5, "since": START}
    assert state([known], events("a", days), "2026-01-05") == pytest.approx(
        state([whole], events("a", days), "2026-01-05"), rel=1e-12
    )


def test_an_order_of_500_units_counts_as_100() -> None:
    sku = {"sku": "a", "available": 0, "L": 5, "since": START}
    assert state([sku], events("a", [[500]]), "2026-01-01") == State(1, 100, 10_000, 1)


def test_the_order_of_events_and_those_of_later_days_and_other_skus_change_nothing() -> None:
    sku = {"sku": "a", "available": 0, "L": 5}
    wanted = state([sku], events("a", [[1], [2, 4], [7]]), "2026-01-03")
    mixed = events("a", [[1], [2, 4], [7], [9]])[::-1] + events("b", [[5]])
    assert state([sku], mixed, "2026-01-03") == pytest.approx(wanted, rel=1e-12)


def test_an_event_told_twice_under_one_id_counts_once() -> None:
    event = {"sku": "a", "at": "2026-01-01T23:30:00-05:00", "units_requested": 3, "units_filled": 0, "id": "e1"}
    sku = {"sku": "a", "available": 0, "L": 5, "since": START}
    assert state([sku], [event, event], "2026-01-02") == pytest.approx(State(1, 3, 9, 1 + FADING))


def test_a_sku_without_demand_has_seen_as_many_days_as_the_log() -> None:
    sku = {"sku": "quiet", "available": 0, "L": 5}
    assert state([sku], events("other", [[1]]), "2026-01-02").e == pytest.approx(1 + FADING)
    assert state([sku], [], DAY) == State(0, 0, 0, 0)
