"""Retest before reuse: a number that somebody had is never sold again without a full suite after its release."""

from datetime import timedelta

import pgtrigger
import pytest
from django.db import ProgrammingError, transaction
from django.utils import timezone

from inventory.lifecycle import State
from inventory.models import Assignment, LifecycleEntry, PhoneNumber
from inventory.quarantine.sweeps import clear_due, expire_due
from inventory.services import assignments
from testing_lab.findings import passed
from testing_lab.models import Purpose, SuiteRun
from testing_lab.services import claims, verdicts
from testing_lab.suite_runner import SuiteReport
from tests.factories import AccountFactory, NumberFactory

pytestmark = pytest.mark.django_db


def used_and_released() -> PhoneNumber:
    """A number with a passport for another four weeks, that nobody has reclaimed in time."""
    number, buyer = NumberFactory.create(), AccountFactory.create()
    did = assignments.buy(account=buyer, e164=number.e164, settings={})
    assignments.release(did=did, actor="test")
    return over(number)


def over(number: PhoneNumber) -> PhoneNumber:
    """Its clock has run out."""
    PhoneNumber.objects.filter(pk=number.pk).update(due_at=timezone.now() - timedelta(seconds=1))
    number.refresh_from_db()
    return number


def test_a_released_number_goes_through_the_whole_suite_before_anybody_else_gets_it() -> None:
    number = used_and_released()
    assert number.passport_expires_at
    assert number.passport_expires_at > timezone.now() + timedelta(days=20)
    assert expire_due(10) == 1
    assert clear_due(10) == 0, "it rests first"
    over(number)
    with pgtrigger.ignore("inventory.Quarantine:limits_stay", "inventory.Quarantine:minimum_only_grows"):
        number.quarantines.update(entered_at=timezone.now() - timedelta(days=130), earliest_at=timezone.now())
    assert clear_due(10) == 1
    assert claims.open_runs(10) == 1
    (run,) = claims.claim("lab-1", 10)
    assert (run.purpose, run.number.state, run.number.passport_expires_at) == (Purpose.REUSE, State.TESTING, None)
    verdicts.record(run, SuiteReport({"V01": passed(1)}))
    number.refresh_from_db()
    assert number.state == State.AVAILABLE
    verbs = LifecycleEntry.objects.filter(number=number).order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["reserve", "assign", "release", "expire", "clear_to_retest", "pass_retest"]
    ended = Assignment.objects.get().valid.upper
    assert SuiteRun.objects.filter(number=number, passed=True, started_at__gt=ended).exists()


def test_who_reclaims_a_number_keeps_its_passport() -> None:
    number, buyer = NumberFactory.create(), AccountFactory.create()
    did = assignments.buy(account=buyer, e164=number.e164, settings={})
    assignments.release(did=did, actor="test")
    assignments.buy(account=buyer, e164=number.e164, settings={})
    number.refresh_from_db()
    assert (number.state, number.passport_expires_at is not None) == (State.IN_SERVICE, True)


def test_the_database_lets_no_passport_outlive_a_release() -> None:
    number = used_and_released()
    with pytest.raises(ProgrammingError, match="tested before reuse"), transaction.atomic():
        PhoneNumber.objects.filter(pk=number.pk).update(state=State.QUARANTINED, holder=None, due_at=timezone.now())
    number.refresh_from_db()
    assert number.state == State.RELEASED


def test_the_database_gives_a_number_at_rest_no_passport_back() -> None:
    number = used_and_released()
    assert expire_due(10) == 1
    with pytest.raises(ProgrammingError, match="tested before reuse"), transaction.atomic():
        PhoneNumber.objects.filter(pk=number.pk).update(passport_expires_at=timezone.now() + timedelta(days=30))
    number.refresh_from_db()
    assert (number.state, number.passport_expires_at) == (State.QUARANTINED, None)
