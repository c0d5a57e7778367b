"""What comes in unasked: contacts of the day, capabilities that were seen, and what that opens."""

from datetime import date

import pytest
from django.db import OperationalError

from inventory.lifecycle import State
from inventory.models import DailyContact, DriftCase, DriftFinder, PhoneNumber
from inventory.services import observations
from inventory.services.observations import Seen, observe
from numbering.types import Capability
from tests.factories import DidFactory, NumberFactory

pytestmark = pytest.mark.django_db

DAY = date(2026, 11, 21)
VOICE, SMS = Capability.VOICE, Capability.SMS


def test_contacts_add_up_by_channel_and_day() -> None:
    number = NumberFactory.create(quarantined=True)
    assert observe([Seen(number.e164, VOICE, DAY, 2, 2), Seen(number.e164, SMS, DAY, 3, 1)]) == 2
    assert observe([Seen(number.e164, VOICE, DAY)]) == 1
    day = DailyContact.objects.get()
    assert (day.number, day.day, day.voice, day.sms, day.distinct_callers) == (number, DAY, 3, 3, 4)


def test_what_was_seen_is_a_column_of_its_own() -> None:
    number = NumberFactory.create(declared_capabilities=3, capabilities=1)
    observe([Seen(number.e164, SMS, DAY)])
    number.refresh_from_db()
    assert (number.observed_capabilities, number.capabilities) == (int(SMS), 1)
    assert number.observed_at
    assert not DriftCase.objects.exists(), "it is declared"


def test_what_is_seen_and_not_declared_opens_a_case_once() -> None:
    number = DidFactory.create(number__declared_capabilities=int(VOICE)).number
    observe([Seen(number.e164, SMS, DAY)])
    observe([Seen(number.e164, SMS, DAY)])
    case = DriftCase.objects.get()
    assert (case.found_by, case.observed, case.declared) == (DriftFinder.TRAFFIC, int(SMS), int(VOICE))
    assert PhoneNumber.objects.get().state == State.IN_SERVICE


def test_a_number_at_the_lab_hears_its_own_tests_and_others_are_not_ours() -> None:
    NumberFactory.create(e164=14155550001, testing=True)
    NumberFactory.create(e164=14155550002, state=State.RETURNED)
    assert observe([Seen(e164, VOICE, DAY) for e164 in (14155550001, 14155550002, 14155550003)]) == 0
    assert not DailyContact.objects.exists()


def test_what_could_not_be_written_down_wholly_is_not_counted_twice_when_repeated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    numbers = [NumberFactory.create(), NumberFactory.create()]
    seen = [Seen(number.e164, VOICE, DAY) for number in numbers]
    write = observations._observe

    def falls_over(number_id: int, each: Seen) -> None:
        if number_id == numbers[1].pk:
            raise OperationalError("the database restarts")
        write(number_id, each)

    monkeypatch.setattr(observations, "_observe", falls_over)
    with pytest.raises(OperationalError):
        observe(seen)
    monkeypatch.undo()
    observe(seen)
    assert [day.voice for day in DailyContact.objects.all()] == [1, 1]


def test_nobody_takes_a_number_off_sale_by_sending_something_to_it() -> None:
    number = NumberFactory.create(declared_capabilities=int(VOICE))
    observe([Seen(number.e164, SMS, DAY)])
    assert DriftCase.objects.get().found_by == DriftFinder.TRAFFIC
    assert PhoneNumber.objects.on_sale().exists()
