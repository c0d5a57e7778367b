"""Holds: all or none, their clocks, and the sweep."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Account, AccountStatus
from inventory.lifecycle import State
from inventory.models import Hold, LifecycleEntry, PhoneNumber, Reservation
from inventory.models.reservation import HoldEnd
from inventory.refusals import (
    AccountNotActive,
    HeldTooLong,
    NotAvailable,
    ReservationEnded,
    ReservationTooLong,
    TooManyHeld,
)
from inventory.services import assignments, reservations
from tests.factories import AccountFactory, HoldFactory, NumberFactory, ReservationFactory
from tests.inventory.conftest import while_we_wait

pytestmark = pytest.mark.django_db


def test_reserved_numbers_carry_the_holder_and_the_clock() -> None:
    account, numbers = AccountFactory.create(), NumberFactory.create_batch(3)
    made = reservations.reserve(account=account, numbers=[number.e164 for number in numbers])
    held = PhoneNumber.objects.filter(holder=account)
    assert {(number.state, number.due_at) for number in held} == {(State.RESERVED, made.expires_at)}
    assert made.expires_at - timezone.now() > timedelta(minutes=14)


def test_one_missing_number_reserves_none() -> None:
    free, failed = NumberFactory.create(), NumberFactory.create(failed=True)
    with pytest.raises(NotAvailable) as refused:
        reservations.reserve(account=AccountFactory.create(), numbers=[free.e164, failed.e164])
    assert str(failed) in str(refused.value)
    assert not Reservation.objects.exists()
    assert not Hold.objects.exists()
    assert PhoneNumber.objects.get(pk=free.pk).state == State.AVAILABLE


def test_a_number_named_twice_is_held_once() -> None:
    number = NumberFactory.create()
    made = reservations.reserve(account=AccountFactory.create(), numbers=[number.e164, number.e164])
    assert made.holds.count() == 1


def test_a_hold_that_ran_out_is_free_before_the_sweep_comes() -> None:
    past = timezone.now() - timedelta(minutes=1)
    hold = HoldFactory.create(number__due_at=past)
    made = reservations.reserve(account=AccountFactory.create(), numbers=[hold.number.e164])
    hold.refresh_from_db()
    assert (hold.ended, made.holds.get().number) == ("lapsed", hold.number)


def test_extending_ends_two_hours_after_the_beginning() -> None:
    made = HoldFactory.create().reservation
    Reservation.objects.filter(pk=made.pk).update(created_at=timezone.now() - timedelta(minutes=110))
    reservations.extend(reservation=made, lasting=timedelta(minutes=9))
    with pytest.raises(ReservationTooLong):
        reservations.extend(reservation=made, lasting=timedelta(minutes=11))


def test_extending_moves_the_clock_of_every_number() -> None:
    hold = HoldFactory.create()
    extended = reservations.extend(reservation=hold.reservation, lasting=timedelta(hours=1))
    assert PhoneNumber.objects.get(pk=hold.number.pk).due_at == extended.expires_at


def test_what_has_ended_is_not_extended() -> None:
    made = HoldFactory.create().reservation
    reservations.release(reservation=made)
    with pytest.raises(ReservationEnded):
        reservations.extend(reservation=made, lasting=timedelta(minutes=5))


def test_the_sweep_lapses_what_is_due_and_nothing_else() -> None:
    past = timezone.now() - timedelta(seconds=1)
    due, running = HoldFactory.create_batch(3, number__due_at=past), HoldFactory.create()
    assert reservations.lapse_due(limit=2) == 2
    assert reservations.lapse_due(limit=2) == 1
    assert reservations.lapse_due(limit=2) == 0
    lapsed = PhoneNumber.objects.filter(holds__in=due)
    assert {(number.state, number.holder) for number in lapsed} == {(State.AVAILABLE, None)}
    running.refresh_from_db()
    assert running.ended == ""
    assert LifecycleEntry.objects.filter(verb="lapse", actor="sweep:reservations").count() == 3


def run_out(reservation: Reservation) -> None:
    """Its time is over, and the sweep has not come by."""
    past = timezone.now() - timedelta(seconds=1)
    Reservation.objects.filter(pk=reservation.pk).update(created_at=past - timedelta(minutes=15), expires_at=past)
    PhoneNumber.objects.filter(holds__reservation=reservation).update(due_at=past)


@pytest.mark.django_db(transaction=True)
def test_giving_up_a_basket_that_ran_out_leaves_the_next_ones_hold_alone() -> None:
    hold = HoldFactory.create()
    run_out(hold.reservation)
    with while_we_wait(lambda: reservations.release(reservation=hold.reservation)):
        newer = reservations.reserve(account=AccountFactory.create(), numbers=[hold.number.e164])
    number = PhoneNumber.objects.get()
    assert (number.state, number.holder) == (State.RESERVED, newer.account)
    assert newer.holds.get().ended == ""


@pytest.mark.django_db(transaction=True)
def test_extending_a_basket_does_not_move_the_next_ones_clock() -> None:
    hold = HoldFactory.create()
    PhoneNumber.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    with while_we_wait(lambda: extend_in_vain(hold.reservation)):
        newer = reservations.reserve(account=AccountFactory.create(), numbers=[hold.number.e164])
    assert PhoneNumber.objects.get().due_at == newer.expires_at


def extend_in_vain(reservation: Reservation) -> None:
    """For an hour."""
    with pytest.raises(ReservationEnded):
        reservations.extend(reservation=reservation, lasting=timedelta(hours=1))


def test_an_account_that_was_closed_meanwhile_holds_nothing() -> None:
    account, number = AccountFactory.create(parent=AccountFactory.create()), NumberFactory.create()
    type(account).objects.filter(pk=account.pk).update(status=AccountStatus.CLOSED)
    with pytest.raises(AccountNotActive):
        reservations.reserve(account=account, numbers=[number.e164])


def test_an_account_holds_only_so_many_numbers_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reservations, "MAX_HELD", 2)
    account, (first, second, third) = AccountFactory.create(), NumberFactory.create_batch(3)
    held = reservations.reserve(account=account, numbers=[first.e164, second.e164])
    with pytest.raises(TooManyHeld, match="2 numbers at a time; 2 are held"):
        reservations.reserve(account=account, numbers=[third.e164])
    reservations.release(reservation=held)
    assert set(held.holds.values_list("ended", flat=True)) == {HoldEnd.RELEASED}
    reservations.reserve(account=account, numbers=[third.e164])


def held_before(account: Account, number: PhoneNumber, *, minutes: int, ended: HoldEnd, ago: timedelta) -> None:
    """A hold of that many minutes, which ended so long ago."""
    until = timezone.now() - ago
    past = ReservationFactory.create(
        account=account, created_at=until - timedelta(minutes=minutes), expires_at=until, released_at=until
    )
    Hold.objects.create(reservation=past, number=number, ended=ended, ended_at=until)


def test_nobody_holds_a_number_again_and_again() -> None:
    account, number = AccountFactory.create(), NumberFactory.create()
    held_before(account, number, minutes=60, ended=HoldEnd.LAPSED, ago=timedelta(hours=5))
    held_before(account, number, minutes=45, ended=HoldEnd.RELEASED, ago=timedelta(minutes=1))
    with pytest.raises(HeldTooLong) as refused:
        reservations.reserve(account=account, numbers=[number.e164], lasting=timedelta(minutes=16))
    assert refused.value.details == {"held_too_long": [str(number)]}
    assert PhoneNumber.objects.get().state == State.AVAILABLE
    made = reservations.reserve(account=account, numbers=[number.e164], lasting=timedelta(minutes=14))
    with pytest.raises(HeldTooLong):
        reservations.extend(reservation=made, lasting=timedelta(minutes=16))
    assert reservations.extend(reservation=made, lasting=timedelta(minutes=14)).expires_at >= made.expires_at


def test_who_has_held_a_number_as_long_as_it_may_can_still_buy_it_and_others_may_hold_it() -> None:
    (account, other), numbers = AccountFactory.create_batch(2), NumberFactory.create_batch(2)
    for number in numbers:
        held_before(account, number, minutes=120, ended=HoldEnd.LAPSED, ago=timedelta(minutes=1))
    reservations.reserve(account=other, numbers=[numbers[0].e164])
    assert assignments.buy(account=account, e164=numbers[1].e164, settings={}).account == account


@pytest.mark.parametrize(
    ("ended", "ago"), [(HoldEnd.LAPSED, timedelta(hours=24, minutes=1)), (HoldEnd.BOUGHT, timedelta(minutes=1))]
)
def test_a_hold_of_yesterday_or_one_that_ended_in_a_purchase_does_not_count(ended: HoldEnd, ago: timedelta) -> None:
    account, number = AccountFactory.create(), NumberFactory.create()
    held_before(account, number, minutes=120, ended=ended, ago=ago)
    reservations.reserve(account=account, numbers=[number.e164])


def test_a_sweep_that_came_late_is_not_the_holders_fault() -> None:
    account, number = AccountFactory.create(), NumberFactory.create()
    held_before(account, number, minutes=15, ended=HoldEnd.LAPSED, ago=timedelta(hours=4))
    Hold.objects.update(ended_at=timezone.now())
    reservations.reserve(account=account, numbers=[number.e164])


def test_accounts_that_are_not_active_hold_nothing() -> None:
    with pytest.raises(AccountNotActive):
        reservations.reserve(account=AccountFactory.create(status=AccountStatus.SUSPENDED), numbers=[1])
    with pytest.raises(ReservationTooLong):
        reservations.reserve(account=AccountFactory.create(), numbers=[1], lasting=timedelta(hours=3))
