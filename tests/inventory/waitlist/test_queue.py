"""Nobody who can't be served stands before all others, and who asked earlier is served earlier among those who fit."""

from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import nudges, sweeping
from inventory.models import PhoneNumber, WaitlistEntry, WaitMode, WaitState
from inventory.waitlist import queue
from inventory.waitlist.entries import Wish, wait
from inventory.waitlist.queue import serve_due, serve_kind
from inventory.waitlist.serving import serve
from numbering.recent import forget_everything
from numbering.types import NumberType
from tests.factories import AccountFactory, NumberFactory
from tests.inventory.waitlist.waiters import LOCAL, again, in_area, told, waiting

pytestmark = pytest.mark.django_db
TEN = ("201", "202", "203", "205", "206", "207", "208", "209", "210", "212")
AREAS = ("", "415", "510", "628")
SIX = timedelta(seconds=6)


@pytest.fixture
def ticks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock on which each look costs a second, and nothing else does."""
    seconds = count()
    monkeypatch.setattr(sweeping, "monotonic", lambda: next(seconds))
    cache.delete("waitlist:US:local")


def test_hundreds_who_cant_be_served_hold_up_nobody_behind_them() -> None:
    account, later = AccountFactory.create(), timezone.now() + timedelta(days=1)
    of = {"account": account, "country": "US", "number_type": "local", "mode": "notify", "expires_at": later}
    WaitlistEntry.objects.bulk_create(WaitlistEntry(**of, quantity=1, area_code="212") for _ in range(501))
    last = in_area("415")
    NumberFactory.create(area_code="415")
    assert serve_due() == 1
    assert again(last).state == WaitState.SERVED


def test_where_there_is_no_time_for_all_each_has_its_turn(ticks: None) -> None:
    """Six seconds are time for three from the beginning and three from where it stopped."""
    entries = [in_area(area) for area in TEN]
    NumberFactory.create(area_code=TEN[-1])
    rounds = [serve_kind("US", "local", SIX) for _ in range(3)]
    assert rounds == [0, 0, 1]
    assert again(entries[-1]).state == WaitState.SERVED


def test_who_asked_first_is_looked_at_in_every_round(ticks: None) -> None:
    first, *_ = [in_area(area) for area in TEN]
    serve_kind("US", "local", SIX)
    NumberFactory.create(area_code=TEN[0])
    assert serve_kind("US", "local", SIX) == 1
    assert again(first).state == WaitState.SERVED


def test_a_round_that_came_to_the_end_begins_anew(ticks: None) -> None:
    for area in range(212, 217):
        in_area(str(area))
    serve_kind("US", "local", SIX)
    assert cache.get("waitlist:US:local") is None


def test_a_kind_is_served_alone() -> None:
    local, mobile = waiting(LOCAL), waiting(Wish("US", NumberType.MOBILE))
    for number_type in (NumberType.LOCAL, NumberType.MOBILE):
        NumberFactory.create(number_type=number_type)
    assert serve_kind("US", "mobile") == 1
    assert [again(each).served for each in (local, mobile)] == [0, 1]


@pytest.mark.parametrize("on_sale", [0, 1])
def test_who_begins_to_wait_wakes_its_own_kind_if_there_is_any(
    on_sale: int, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    sent: list[tuple[str, tuple[Any, ...]]] = []
    monkeypatch.setattr(nudges, "_send", lambda name, args: sent.append((name, args)))
    NumberFactory.create_batch(on_sale)
    with django_capture_on_commit_callbacks(execute=True):
        waiting(quantity=2)
    assert sent == [("inventory.tasks.serve_waitlist", ("US", "local"))] * on_sale


def test_one_wish_that_cant_be_read_holds_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """A row of another release, say."""
    spoilt, good = waiting(Wish("US", NumberType.LOCAL, contains="777")), in_area("415")

    def trip(entry: WaitlistEntry) -> int | None:
        if entry.pk == spoilt.pk:
            raise ValueError("no pattern")
        return serve(entry)

    monkeypatch.setattr(queue, "serve", trip)
    NumberFactory.create(area_code="415")
    assert (serve_due(), again(good).served) == (1, 1)


_WISHES = st.lists(st.tuples(st.sampled_from(AREAS), st.integers(1, 3), st.sampled_from(WaitMode)), max_size=5)
_ARRIVALS = st.lists(st.lists(st.sampled_from(AREAS[1:]), max_size=4), min_size=1, max_size=3)


@given(wishes=_WISHES, arrivals=_ARRIVALS)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_who_asked_earlier_is_served_earlier_among_those_who_fit(
    wishes: list[tuple[str, int, WaitMode]], arrivals: list[list[str]]
) -> None:
    """After each round: no number went to one entry while an earlier one that it fits still waits for more."""
    with transaction.atomic():
        forget_everything()
        entries = [_wanted(*wish) for wish in wishes]
        for areas in arrivals:
            for area_code in areas:
                NumberFactory.create(area_code=area_code)
            before = {each.pk: told(each) for each in entries}
            serve_due()
            _check_fair([again(each) for each in entries], before)
        transaction.set_rollback(True)


def _wanted(area_code: str, quantity: int, mode: WaitMode) -> WaitlistEntry:
    wish = Wish("US", NumberType.LOCAL, area_code=area_code)
    return wait(account=AccountFactory.create(), wish=wish, quantity=quantity, mode=mode)


def _check_fair(entries: list[WaitlistEntry], before: dict[int, set[int]]) -> None:
    areas = dict(PhoneNumber.objects.values_list("e164", "area_code"))
    for place, entry in enumerate(entries):
        assert len(told(entry)) == entry.served <= entry.quantity
        for e164 in told(entry) - before[entry.pk]:
            passed_over = [
                each for each in entries[:place] if each.area_code in ("", areas[e164]) and e164 not in told(each)
            ]
            assert [each.sid for each in passed_over if each.state == WaitState.WAITING] == []
