"""Events become contacts, and contacts the counts of a day: once each, whatever is told again."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from psycopg.types.range import TimestamptzRange

from inventory.lifecycle import State
from inventory.models import Assignment, Contact, DailyContact, DriftCase, DriftFinder, PhoneNumber, TrafficEvent
from inventory.traffic.callers import WITHHELD_A_DAY
from inventory.traffic.events import OLDEST, Event
from inventory.traffic.events import event as make
from inventory.traffic.forgetting import forget_old
from inventory.traffic.ingest import Taken, take
from numbering.types import Capability
from tests.factories import DidFactory, NumberFactory

VOICE, SMS = Capability.VOICE, Capability.SMS
NOON = timezone.now().replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=1)
ids = count()

pytestmark = pytest.mark.django_db


def heard(
    number: PhoneNumber, caller: str = "1", channel: Capability = VOICE, at: datetime = NOON, **more: Any
) -> Event:
    return make(next(ids).to_bytes(16), number.e164, at, channel, caller, **more)


@pytest.fixture
def number() -> PhoneNumber:
    return NumberFactory.create(quarantined=True, state_since=NOON - timedelta(days=30))


def counts(number: PhoneNumber) -> list[tuple[int, int, int, int]]:
    days = DailyContact.objects.filter(number=number).order_by("day")
    return [(day.voice, day.sms, day.otp, day.distinct_callers) for day in days]


def test_a_contact_is_one_caller_on_one_channel_and_day(number: PhoneNumber) -> None:
    redialled = [heard(number, "1"), heard(number, "1", at=NOON + timedelta(minutes=1)), heard(number, "2")]
    written = [heard(number, "1", SMS), heard(number, "1", SMS)]
    assert take([*redialled, *written, heard(number, "1", at=NOON - timedelta(days=1))]) == Taken(6, 6)
    assert counts(number) == [(1, 0, 0, 1), (2, 1, 0, 2)]


def test_what_is_told_again_changes_nothing(number: PhoneNumber) -> None:
    events = [heard(number, str(caller % 5), random.choice((VOICE, SMS)), otp=bool(caller % 2)) for caller in range(30)]
    events += [heard(number, "") for _ in range(2)]
    take(events)
    before = counts(number)
    assert take(events) == Taken(0, 0)
    assert take([*events[5:], *events[:9], heard(number, "1")]) == Taken(1, 1)
    assert counts(number) == before


def test_batches_add_up_in_any_order(number: PhoneNumber) -> None:
    events = [heard(number, str(caller % 7), (VOICE, SMS)[caller % 2], otp=caller % 3 == 0) for caller in range(40)]
    random.shuffle(events)
    for start in range(0, 40, 9):
        take(events[start : start + 9])
    assert counts(number) == [(7, 7, 7, 7)]


def test_withheld_callers_count_three_a_day_at_most(number: PhoneNumber) -> None:
    take([heard(number, "") for _ in range(2)])
    assert counts(number) == [(2, 0, 0, 2)]
    take([*(heard(number, "") for _ in range(5)), heard(number, "", SMS), heard(number, "1")])
    assert counts(number) == [(4, 0, 0, 4)]


def test_a_flood_of_withheld_calls_is_not_kept(number: PhoneNumber) -> None:
    take([heard(number, "") for _ in range(500)])
    assert Contact.objects.count() == WITHHELD_A_DAY


def test_a_one_time_code_that_comes_later_marks_the_sender_of_the_day(number: PhoneNumber) -> None:
    take([heard(number, "bank", SMS)])
    take([heard(number, "bank", SMS, otp=True), heard(number, "bank", SMS)])
    assert counts(number) == [(0, 1, 1, 1)]


def test_the_traffic_of_a_customer_is_not_kept(number: PhoneNumber) -> None:
    served = DidFactory.create().number
    assert take([heard(served, at=timezone.now()), heard(number)]) == Taken(2, 2)
    assert set(Contact.objects.values_list("number", flat=True)) == {number.pk}


def test_late_events_count_unless_somebody_had_the_number_then(number: PhoneNumber) -> None:
    did = DidFactory.create()
    number = did.number
    PhoneNumber.objects.filter(pk=number.pk).update(state_since=timezone.now())
    Assignment.objects.filter(did=did).update(valid=TimestamptzRange(NOON - timedelta(days=9), None))
    before, during = NOON - timedelta(days=10), NOON - timedelta(days=8)
    take([heard(number, at=before), heard(number, at=during)])
    assert list(DailyContact.objects.values_list("day", flat=True)) == [before.date()]


def test_a_number_at_the_lab_hears_its_own_tests_and_others_are_not_ours() -> None:
    testing = NumberFactory.create(testing=True, state_since=NOON)
    gone = NumberFactory.create(state=State.RETURNED)
    stranger = NumberFactory.build()
    assert take([heard(each) for each in (testing, gone, stranger)]) == Taken(3, 0)
    assert not DailyContact.objects.exists()


def test_what_reached_a_number_before_it_came_to_the_lab_counts_however_late_it_is_told() -> None:
    number = NumberFactory.create(testing=True, state_since=NOON)
    assert take([heard(number, at=NOON - timedelta(hours=1)), heard(number, "2", at=NOON)]) == Taken(2, 1)
    assert counts(number) == [(1, 0, 0, 1)]


def test_a_capability_that_is_seen_and_not_declared_opens_one_case_and_takes_nothing_off_sale() -> None:
    number = NumberFactory.create(declared_capabilities=int(VOICE))
    take([heard(number, "1", SMS), heard(number, "2", SMS), heard(number)])
    take([heard(number, "3", SMS)])
    case = DriftCase.objects.get()
    assert (case.found_by, case.observed, case.declared) == (DriftFinder.TRAFFIC, int(SMS | VOICE), int(VOICE))
    assert PhoneNumber.objects.on_sale().exists()


def test_many_numbers_that_are_heard_of_for_the_first_time_take_as_few_queries_as_one() -> None:
    def queries(numbers: Sequence[PhoneNumber]) -> int:
        with CaptureQueriesContext(connection) as asked:
            take([heard(number, channel=channel) for number in numbers for channel in (VOICE, SMS)])
        return len(asked)

    numbers = [NumberFactory.create(declared_capabilities=int(VOICE | SMS)) for _ in range(6)]
    assert queries(numbers[:1]) == queries(numbers[1:])
    assert set(PhoneNumber.objects.values_list("observed_capabilities", flat=True)) == {int(VOICE | SMS)}


def test_what_is_known_of_a_day_that_was_not_observed_stays_said(number: PhoneNumber) -> None:
    DailyContact.objects.create(number=number, day=NOON.date(), observed=False)
    take([heard(number)])
    assert [(day.voice, day.observed) for day in DailyContact.objects.all()] == [(1, False)]


def test_what_is_too_old_to_be_told_again_is_forgotten(number: PhoneNumber) -> None:
    oldest = timezone.now() - OLDEST
    take([heard(number, at=at) for at in (oldest, oldest - timedelta(days=3))])
    assert forget_old() == 3
    for kind in (TrafficEvent, Contact, DailyContact):
        assert [row.day for row in kind._default_manager.all()] == [oldest.date()]


@pytest.mark.django_db(transaction=True)
def test_feeds_that_tell_the_same_at_once_count_once(number: PhoneNumber) -> None:
    """Eight clients, overlapping batches, other orders: no deadlock, and every count as if one had told all."""
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connections

    numbers = [number, *(NumberFactory.create(quarantined=True, state_since=NOON) for _ in range(4))]
    events = [heard(numbers[each % 5], str(each % 11), (VOICE, SMS)[each % 2]) for each in range(220)]

    def tell(batch: Sequence[Event]) -> int:
        try:
            return take(batch).new
        finally:
            connections.close_all()

    batches = [random.sample(events, 150) for _ in range(7)] + [events]
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(tell, batches)) == 220
    assert {tuple(counts(each)) for each in numbers} == {((11, 11, 0, 11),)}
