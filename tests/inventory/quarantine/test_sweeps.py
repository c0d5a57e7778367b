"""Into quarantine when nobody reclaimed the number, out of it when it is clean."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from inventory.lifecycle import State
from inventory.models import DailyContact, LifecycleEntry, PhoneNumber, Quarantine
from inventory.models.quarantine import QuarantineSource
from inventory.quarantine.contacts import record_contacts
from inventory.quarantine.stays import enter
from inventory.quarantine.sweeps import clear_due, expire_due
from tests.factories import AccountFactory, NumberFactory

pytestmark = pytest.mark.django_db


def quarantined(days_ago: int = 60, **fields: object) -> PhoneNumber:
    """A number whose stay began so many days ago and whose clock has run out."""
    number = NumberFactory.create(quarantined=True, due_at=timezone.now(), **fields)
    enter(number, source=QuarantineSource.RELEASED, since=timezone.now() - timedelta(days=days_ago))
    return number


def test_a_clean_number_with_a_current_passport_goes_on_sale() -> None:
    number = quarantined()
    assert clear_due(10) == 1
    number.refresh_from_db()
    assert (number.state, number.cleared_at is not None) == (State.AVAILABLE, True)
    assert number.due_at
    assert number.passport_expires_at
    assert timezone.now() < number.due_at < number.passport_expires_at
    stay = Quarantine.objects.get()
    assert (stay.verdict, stay.ended_at is not None) == ("minimum passed; no feed of contacts", True)
    entry = LifecycleEntry.objects.get()
    assert (entry.verb, entry.rule, entry.actor) == ("clear", stay.rule, "sweep:quarantine")


def test_a_clean_number_whose_passport_ran_out_is_tested_once_more() -> None:
    number = quarantined(passport_expires_at=timezone.now() - timedelta(days=1))
    clear_due(10)
    number.refresh_from_db()
    assert (number.state, number.cleared_at is not None, number.due_at) == (State.TESTING, True, None)


def test_a_number_that_was_called_yesterday_stays() -> None:
    number = quarantined()
    record_contacts(number, timezone.now().date() - timedelta(days=1), voice=1, distinct_callers=1)
    clear_due(10)
    number.refresh_from_db()
    assert number.state == State.QUARANTINED
    assert number.due_at
    assert number.due_at > timezone.now() + timedelta(days=5)
    assert clear_due(10) == 0


def test_a_number_still_called_at_the_maximum_leaves_the_stock() -> None:
    number = quarantined(days_ago=400)
    record_contacts(number, timezone.now().date(), sms=3)
    clear_due(10)
    number.refresh_from_db()
    assert (number.state, Quarantine.objects.get().verdict) == (State.RETURNED, "retired")


def test_contacts_of_the_last_holder_do_not_count() -> None:
    number = quarantined(days_ago=50)
    record_contacts(number, timezone.now().date() - timedelta(days=51), voice=9)
    clear_due(10)
    number.refresh_from_db()
    assert number.state == State.AVAILABLE


def test_a_day_is_written_once_however_often_it_is_sent() -> None:
    number = NumberFactory.create()
    for voice in (1, 3):
        record_contacts(number, timezone.now().date(), voice=voice)
    assert DailyContact.objects.get().voice == 3


def test_a_released_number_ages_from_its_release() -> None:
    released_at = datetime(2026, 10, 1, tzinfo=UTC)
    number = NumberFactory.create(
        state=State.RELEASED,
        holder=AccountFactory.create(),
        state_since=released_at,
        due_at=released_at + timedelta(days=10),
    )
    assert expire_due(10) == 1
    number.refresh_from_db()
    stay = Quarantine.objects.get()
    assert (number.state, number.holder, number.cleared_at) == (State.QUARANTINED, None, None)
    assert (stay.entered_at, stay.source) == (released_at, "released")
    assert stay.earliest_at == number.due_at == released_at + timedelta(days=45)


def test_a_released_number_may_be_reclaimed_until_its_window_ends() -> None:
    NumberFactory.create(
        state=State.RELEASED, holder=AccountFactory.create(), due_at=timezone.now() + timedelta(hours=1)
    )
    assert expire_due(10) == 0


def test_a_number_without_a_stay_does_not_hold_up_the_others() -> None:
    NumberFactory.create(quarantined=True, due_at=timezone.now() - timedelta(days=1))
    sound = quarantined()
    assert clear_due(10) == 1
    sound.refresh_from_db()
    assert sound.state == State.AVAILABLE
