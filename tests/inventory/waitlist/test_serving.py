"""Those who wait are served in the order in which they asked, and each number serves one of them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pgtrigger
import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.models import Account, AccountStatus
from inventory.lifecycle import State
from inventory.models import (
    DemandEvent,
    DemandKind,
    Hold,
    PhoneNumber,
    WaitlistEntry,
    WaitlistOffer,
    WaitlistServing,
    WaitMode,
    WaitState,
)
from inventory.models.reservation import HoldEnd
from inventory.refusals import AccountNotActive, NobodysAreaCode, NobodysCountry, TooManyWaiting
from inventory.search.stock import point_of
from inventory.services import assignments, reservations
from inventory.waitlist import serving
from inventory.waitlist.entries import MOST_ENTRIES, Wish, cancel, expire_due
from inventory.waitlist.queue import serve_due
from inventory.waitlist.serving import HEAD_START, serve
from numbering.types import Capability, NumberType
from tests.factories import AccountFactory, NumberFactory
from tests.inventory.services.test_reservations import held_before
from tests.inventory.waitlist.waiters import LOCAL, again, in_area, told, waiting

pytestmark = pytest.mark.django_db


def expire(entry: WaitlistEntry) -> None:
    with pgtrigger.ignore("inventory.WaitlistEntry:wishes_stay"):
        WaitlistEntry.objects.filter(pk=entry.pk).update(expires_at=timezone.now() - timedelta(seconds=1))


def test_nothing_is_served_while_nothing_is_on_sale() -> None:
    entry = waiting()
    NumberFactory.create(testing=True)
    assert serve_due() == 0
    assert (again(entry).state, again(entry).served) == (WaitState.WAITING, 0)


@pytest.mark.parametrize("mode", list(WaitMode))
def test_who_asked_first_is_served_first_and_a_number_serves_one(mode: WaitMode) -> None:
    first, second = waiting(mode=mode), waiting(mode=mode)
    number = NumberFactory.create()
    assert serve_due() == 1
    assert (told(first), told(second)) == ({number.e164}, set())
    assert [again(each).state for each in (first, second)] == [WaitState.SERVED, WaitState.WAITING]
    other = NumberFactory.create()
    serve_due()
    assert told(second) == {other.e164}


def test_a_reserved_number_is_held_for_its_waiter_as_long_as_usual() -> None:
    entry = waiting()
    number = NumberFactory.create()
    serve_due()
    hold = Hold.objects.get(number=number, ended="")
    assert hold.reservation.account == entry.account
    assert WaitlistServing.objects.get(entry=entry).reservation == hold.reservation
    assert hold.reservation.expires_at - hold.reservation.created_at <= reservations.USUAL
    assert PhoneNumber.objects.get(pk=number.pk).state == State.RESERVED


def test_who_is_told_has_a_head_start_and_then_the_next_one_is_told() -> None:
    first, second = waiting(mode=WaitMode.NOTIFY), waiting(mode=WaitMode.NOTIFY)
    number = NumberFactory.create()
    assert PhoneNumber.objects.get(pk=number.pk).state == State.AVAILABLE
    serve_due()
    assert (serve_due(), told(second)) == (0, set())
    with pgtrigger.ignore("inventory.WaitlistOffer:append_only"):
        WaitlistOffer.objects.update(at=timezone.now() - HEAD_START)
    serve_due()
    assert told(first) == told(second) == {number.e164}


def test_a_waiter_gets_as_many_as_it_asked_for_as_they_come() -> None:
    entry = waiting(quantity=3)
    for size, state in ((2, WaitState.WAITING), (2, WaitState.SERVED)):
        NumberFactory.create_batch(size)
        serve_due()
        assert again(entry).state == state
    assert len(told(entry)) == again(entry).served == 3


def test_what_lapsed_unused_is_not_held_for_the_same_wish_again() -> None:
    entry = waiting(quantity=2)
    number = NumberFactory.create()
    serve_due()
    reservations.release(reservation=Hold.objects.get(number=number).reservation)
    assert serve_due() == 0
    assert again(entry).served == 1


WISHES: dict[str, tuple[Wish, dict[str, Any], dict[str, Any]]] = {
    "area code": (Wish("US", NumberType.LOCAL, area_code="415"), {"area_code": "415"}, {"area_code": "510"}),
    "pattern": (Wish("US", NumberType.LOCAL, contains="777"), {"e164": 14155777123}, {"e164": 14155111123}),
    "capabilities": (
        Wish("US", NumberType.LOCAL, capabilities=int(Capability.SMS)),
        {"capabilities": 3},
        {"capabilities": 1},
    ),
    "type": (Wish("US", NumberType.MOBILE), {"number_type": "mobile"}, {"number_type": "local"}),
    "blocked": (LOCAL, {}, {"blocked": True}),
}


@pytest.mark.parametrize("what", sorted(WISHES))
def test_only_what_was_asked_for_serves(what: str) -> None:
    wish, fits, does_not = WISHES[what]
    entry = waiting(wish)
    NumberFactory.create(**does_not)
    assert serve_due() == 0
    number = NumberFactory.create(**fits)
    serve_due()
    assert told(entry) == {number.e164}


def test_a_wish_that_finds_nothing_holds_up_no_other() -> None:
    waiting(Wish("US", NumberType.LOCAL, area_code="212"))
    second = waiting(Wish("US", NumberType.LOCAL, area_code="415"))
    NumberFactory.create(area_code="415")
    assert serve_due() == 1
    assert again(second).state == WaitState.SERVED


def test_who_holds_as_much_as_it_may_is_passed_over_and_keeps_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reservations, "MAX_HELD", 1)
    greedy, patient = waiting(quantity=2), waiting()
    NumberFactory.create_batch(1)
    serve_due()
    NumberFactory.create_batch(1)
    serve_due()
    assert (again(greedy).served, again(patient).served) == (1, 1)
    assert again(greedy).state == WaitState.WAITING


def test_who_has_room_for_some_gets_those(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reservations, "MAX_HELD", 2)
    entry = waiting(quantity=3)
    NumberFactory.create_batch(3)
    assert (serve_due(), again(entry).served) == (1, 2)
    assert (serve_due(), again(entry).served) == (0, 2)


def test_what_an_account_has_held_too_long_is_passed_over_for_others() -> None:
    account = AccountFactory.create()
    point = point_of(account)
    worn = [NumberFactory.create(spread=(point + step / 1000) % 1) for step in range(2)]
    for number in worn:
        held_before(account, number, minutes=119, ended=HoldEnd.LAPSED, ago=timedelta(hours=1))
    entry = waiting(account=account)
    assert serve_due() == 0
    fresh = NumberFactory.create(spread=(point + 0.5) % 1)
    assert serve_due() == 1
    assert told(entry) == {fresh.e164}


def test_who_was_told_of_what_lies_nearest_is_told_of_what_lies_behind() -> None:
    """More than a first page of the search holds."""
    account = AccountFactory.create()
    point, nearest = point_of(account), serving.SPARE + 1
    entry = waiting(account=account, mode=WaitMode.NOTIFY, quantity=nearest + 1)
    for step in range(nearest):
        NumberFactory.create(spread=(point + step / 1000) % 1)
    serve_due()
    assert again(entry).served == nearest
    behind = NumberFactory.create(spread=(point + 0.5) % 1)
    assert (serve_due(), again(entry).state) == (1, WaitState.SERVED)
    assert behind.e164 in told(entry)


@pytest.mark.parametrize("mode", list(WaitMode))
def test_what_others_were_told_of_just_now_hides_nothing(mode: WaitMode, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "SPARE", 0)
    monkeypatch.setattr(serving, "STRETCH", 1)
    first, second = waiting(mode=WaitMode.NOTIFY, quantity=3), waiting(mode=mode)
    numbers = {number.e164 for number in NumberFactory.create_batch(4)}
    serve_due()
    assert told(second) == numbers - told(first)
    assert len(told(second)) == 1


@pytest.mark.parametrize(
    "ends",
    [
        lambda entry: cancel(entry, actor="user:ops", reason="asked us to"),
        lambda entry: Account.objects.filter(pk=entry.account_id).update(status=AccountStatus.SUSPENDED),
        expire,
    ],
    ids=["cancelled", "suspended", "expired"],
)
def test_who_waits_no_longer_is_not_served(ends: Callable[[WaitlistEntry], object]) -> None:
    entry = waiting()
    ends(entry)
    NumberFactory.create()
    assert serve_due() == 0
    assert serve(entry) == 0


def test_an_entry_whose_time_is_over_ends() -> None:
    over, going_on = waiting(), waiting()
    expire(over)
    assert expire_due(10) == 1
    assert [again(each).state for each in (over, going_on)] == [WaitState.EXPIRED, WaitState.WAITING]


def test_what_nobody_has_on_sale_counts_as_demand_of_every_entry() -> None:
    NumberFactory.create(area_code="415")
    account = AccountFactory.create()
    for _ in range(2):
        in_area("415", quantity=5, account=account)
    in_area("415", quantity=3, account=AccountFactory.create())
    counted = DemandEvent.objects.filter(kind=DemandKind.WAITLIST, area_code="415")
    assert sorted(counted.values_list("units_requested", "units_filled")) == [(2, 0), (4 + 4, 0)]


def test_who_cancels_and_waits_again_has_asked_once() -> None:
    account = AccountFactory.create()
    for quantity in (2, 4, 3):
        cancel(in_area("415", quantity=quantity, account=account), actor="account:AC1")
    assert DemandEvent.objects.get().units_requested == 4


@pytest.mark.parametrize(
    ("wish", "refusal"),
    [
        (Wish("ZZ", NumberType.LOCAL), NobodysCountry),
        (Wish("US", NumberType.LOCAL, area_code="999"), NobodysAreaCode),
        (Wish("US", NumberType.LOCAL, area_code="416"), NobodysAreaCode),
        (Wish("US", NumberType.LOCAL, area_code="800"), NobodysAreaCode),
        (Wish("US", NumberType.TOLL_FREE, area_code="700"), NobodysAreaCode),
    ],
    ids=["no country", "nobody's", "Toronto's", "another type's", "not in use"],
)
def test_nobody_waits_for_what_can_never_come(wish: Wish, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        waiting(wish)
    assert not DemandEvent.objects.exists()


@pytest.mark.parametrize(
    ("wish", "area_code"),
    [
        (Wish("CA", NumberType.TOLL_FREE, area_code="833"), "833"),
        (Wish("CA", NumberType.LOCAL, area_code="416"), "416"),
        (Wish("DE", NumberType.LOCAL, area_code="89"), "89"),
        (Wish("DK", NumberType.MOBILE), ""),
    ],
    ids=["toll free", "Toronto's", "another plan's", "any"],
)
def test_what_can_come_is_waited_for_and_counts(wish: Wish, area_code: str) -> None:
    waiting(wish)
    assert DemandEvent.objects.get().area_code == area_code


@pytest.mark.parametrize("mode", list(WaitMode))
def test_what_was_waited_for_counts_when_it_is_asked_for_and_not_again_when_it_is_bought(mode: WaitMode) -> None:
    account = AccountFactory.create()
    NumberFactory.create(area_code="415")
    entry = in_area("415", quantity=3, mode=mode, account=account)
    serve_due()
    NumberFactory.create_batch(2, area_code="415")
    serve_due()
    for e164 in sorted(told(entry)):
        assignments.buy(account=account, e164=e164, settings={})
    counted = DemandEvent.objects.values_list("kind", "units_requested", "units_filled")
    assert sorted(counted) == [("basket" if mode == WaitMode.RESERVE else "purchase", 1, 1), ("waitlist", 2, 0)]


def test_what_no_shelf_can_promise_counts_when_it_is_bought() -> None:
    entry = waiting(Wish("US", NumberType.LOCAL, contains="+1415"))
    number = NumberFactory.create()
    serve_due()
    assignments.buy(account=entry.account, e164=number.e164, settings={})
    assert [event.kind for event in DemandEvent.objects.all()] == ["basket"]


def test_what_another_waited_for_counts_when_somebody_buys_it() -> None:
    waiting(mode=WaitMode.NOTIFY)
    number = NumberFactory.create()
    serve_due()
    assignments.buy(account=AccountFactory.create(), e164=number.e164, settings={})
    assert sorted(event.kind for event in DemandEvent.objects.all()) == ["purchase", "waitlist"]


def test_nobody_waits_for_more_than_its_share() -> None:
    account = AccountFactory.create()
    for _ in range(MOST_ENTRIES):
        last = waiting(account=account)
    with pytest.raises(TooManyWaiting):
        waiting(account=account)
    cancel(last, actor="account:AC1")
    waiting(account=account)


def test_a_closed_account_does_not_wait() -> None:
    with pytest.raises(AccountNotActive):
        waiting(account=AccountFactory.create(status=AccountStatus.CLOSED))


@pytest.mark.parametrize("mode", list(WaitMode))
@pytest.mark.django_db(transaction=True)
def test_sweeps_at_once_serve_who_asked_first_and_nobody_twice(mode: WaitMode) -> None:
    entries = [waiting(mode=mode) for _ in range(4)]
    numbers = {number.e164 for number in NumberFactory.create_batch(2)}
    with ThreadPoolExecutor(4) as sweeps:
        list(sweeps.map(lambda _: _swept(), range(4)))
    assert [again(each).served for each in entries] == [1, 1, 0, 0]
    assert told(entries[0]) | told(entries[1]) == numbers
    assert WaitlistOffer.objects.count() == 2


def _swept() -> None:
    try:
        serve_due()
    finally:
        connection.close()


def test_who_dies_before_the_end_has_served_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the next sweep does it."""
    entry = waiting()
    number = NumberFactory.create()

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(serving, "_write", die)
        with pytest.raises(KeyboardInterrupt), transaction.atomic():
            serve_due()
    assert PhoneNumber.objects.get(pk=number.pk).state == State.AVAILABLE
    assert (again(entry).served, Hold.objects.count()) == (0, 0)
    assert serve_due() == 1


def test_what_was_wished_is_never_changed() -> None:
    entry = waiting()
    for change in ({"quantity": 2}, {"account": AccountFactory.create()}, {"area_code": "415"}):
        with pytest.raises(Exception, match="Cannot update"), transaction.atomic():
            WaitlistEntry.objects.filter(pk=entry.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        WaitlistEntry.objects.filter(pk=entry.pk).update(served=1)
