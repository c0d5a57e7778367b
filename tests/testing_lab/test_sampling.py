"""The nightly sample: who is drawn, how often, when, and what a failing one brings about."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from inventory.lifecycle import State
from inventory.models import PhoneNumber, Provider
from inventory.services import sale_stops
from testing_lab.findings import failed, inconclusive, passed
from testing_lab.models import Purpose, RunState, Sample, SuiteRun, Why
from testing_lab.services import claims, sampling, verdicts
from testing_lab.suite_runner import SuiteReport
from tests.factories import DidFactory, NumberFactory, ProviderFactory

pytestmark = pytest.mark.django_db

MIDNIGHT = datetime(2026, 11, 22, tzinfo=UTC)
FAILED = SuiteReport({"V01": failed(0), "V05": passed(4.2)})
UNCLEAR = SuiteReport({"V01": passed(1), "V05": inconclusive("pacing late")})


@pytest.fixture
def provider() -> Provider:
    return ProviderFactory.create()


def stock(provider: Provider, size: int = 12, **fields: object) -> list[PhoneNumber]:
    return NumberFactory.create_batch(size, provider=provider, **fields)


def claimed_sample() -> SuiteRun:
    SuiteRun.objects.update(due_at=timezone.now())
    return next(run for run in claims.claim("lab-1", 10) if run.purpose == Purpose.SAMPLE)


def test_each_provider_in_each_country_is_sampled_once_a_night_however_often_the_task_runs(provider: Provider) -> None:
    stock(provider)
    stock(provider, 3, country="IE")
    stock(ProviderFactory.create())
    NumberFactory.create_batch(3)  # of no provider
    with time_machine.travel(MIDNIGHT + timedelta(minutes=1), tick=False):
        assert [sampling.draw_nightly(), sampling.draw_nightly()] == [3, 0]
    sizes = Sample.objects.order_by("size").values_list("size", "why", "slot")
    assert list(sizes) == [(size, Why.NIGHTLY, MIDNIGHT) for size in (3, 5, 5)]
    assert Counter(SuiteRun.objects.values_list("state", "purpose")) == {(RunState.DUE, Purpose.SAMPLE): 13}
    with time_machine.travel(MIDNIGHT + timedelta(days=1), tick=False):
        assert sampling.draw_nightly() == 3, "a number that still waits for last night's call is not drawn twice"


def test_the_calls_are_spread_over_six_hours(provider: Provider) -> None:
    for country in ("US", "IE", "DE", "FR", "FI", "SE", "NO", "DK"):
        stock(provider, 5, country=country)
    with time_machine.travel(MIDNIGHT + timedelta(minutes=1), tick=False):
        sampling.draw_nightly()
    due = list(SuiteRun.objects.order_by("due_at").values_list("due_at", flat=True))
    assert MIDNIGHT < due[0] < MIDNIGHT + timedelta(hours=3) < due[-1] <= MIDNIGHT + timedelta(hours=6)


def test_a_task_that_was_down_all_night_does_not_call_everything_at_once(provider: Provider) -> None:
    stock(provider)
    noon = MIDNIGHT + timedelta(hours=12)
    with time_machine.travel(noon, tick=False):
        sampling.draw_nightly()
    assert all(noon <= run.due_at <= noon + timedelta(minutes=36) for run in SuiteRun.objects.all())


@pytest.mark.django_db(transaction=True)
def test_of_tasks_that_come_by_at_once_one_draws(provider: Provider) -> None:
    stock(provider, 30)

    def draw(_: int) -> None:
        try:
            sampling.draw_nightly()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(draw, range(4)))
    assert SuiteRun.objects.count() == 5


def test_only_numbers_that_were_good_and_are_nobodys_are_drawn(provider: Provider) -> None:
    good = [*stock(provider, 1), *stock(provider, 1, quarantined=True)]
    stock(provider, 1, blocked=True)
    stock(provider, 1, quarantined=True, passport_expires_at=None)  # released: nobody knows yet
    stock(provider, 1, testing=True)
    stock(provider, 1, sourced=True)
    DidFactory.create(number__provider=provider)
    sampling.draw_nightly()
    assert {run.number_id for run in SuiteRun.objects.all()} == {number.pk for number in good}


def test_every_type_has_its_share_of_the_sample(provider: Provider) -> None:
    stock(provider, 12)
    for kind in ("mobile", "toll_free"):
        stock(provider, 2, number_type=kind)
    sampling.draw_nightly()
    drawn = Counter(SuiteRun.objects.values_list("number__number_type", flat=True))
    assert set(drawn) == {"local", "mobile", "toll_free"}
    assert max(drawn.values()) == 2


def test_every_number_is_drawn_in_its_time(provider: Provider) -> None:
    numbers = stock(provider, 8)
    for night in range(40):
        with time_machine.travel(MIDNIGHT + timedelta(days=night), tick=False):
            sampling.draw_nightly()
            SuiteRun.objects.exclude(state=RunState.DONE).update(
                state=RunState.DONE, passed=True, finished_at=timezone.now()
            )
    assert set(SuiteRun.objects.values_list("number", flat=True)) == {number.pk for number in numbers}


def test_a_number_that_was_sold_since_it_was_drawn_is_not_called(provider: Provider) -> None:
    (number,) = stock(provider, 1)
    sampling.draw_nightly()
    SuiteRun.objects.update(due_at=timezone.now())
    PhoneNumber.objects.filter(pk=number.pk).update(state=State.TESTING, due_at=None)
    assert claims.claim("lab-1", 10) == []
    assert claims.open_runs(10) == 0, "its sample is in the way"
    assert sampling.drop_stale() == 1
    assert SuiteRun.objects.get().state == RunState.DROPPED
    assert claims.open_runs(10) == 1


def test_samples_have_a_small_room_of_their_own_and_come_last(provider: Provider, settings: Any) -> None:
    settings.LAB_CONCURRENCY = 10
    stock(provider, 3)
    stock(ProviderFactory.create(), 3)
    NumberFactory.create_batch(9, testing=True)
    sampling.draw_nightly()
    claims.open_runs(9)
    SuiteRun.objects.filter(purpose=Purpose.SAMPLE).update(due_at=timezone.now() - timedelta(hours=1))
    first = Counter(run.purpose for run in claims.claim("lab-1", 8))
    rest = Counter(run.purpose for run in claims.claim("lab-1", 8))
    assert first == {Purpose.RECEIVED: 8}
    assert rest == {Purpose.RECEIVED: 1, Purpose.SAMPLE: 2}
    assert claims.claim("lab-1", 8) == []
    assert len(claims.claim("lab-2", 8)) == 2, "each daemon has its own"


def test_a_sample_that_passes_moves_nothing(provider: Provider) -> None:
    (number,) = stock(provider, 1)
    sampling.draw_nightly()
    verdicts.record(claimed_sample(), SuiteReport({"V01": passed(1)}))
    assert PhoneNumber.objects.get().state == State.AVAILABLE
    assert not number.ledger.exists()


def test_a_sample_that_fails_on_sale_is_tested_for_good_at_once(provider: Provider) -> None:
    (number,) = stock(provider, 1)
    sampling.draw_nightly()
    verdicts.record(claimed_sample(), FAILED)
    assert PhoneNumber.objects.get().state == State.TESTING
    entry = number.ledger.get()
    assert (entry.verb, entry.reason, entry.data["failing"]) == ("start_tests", "failed V01 while on sale", ["V01"])
    (again,) = claims.claim("lab-1", 10)
    assert (again.purpose, again.number) == (Purpose.RETEST, number)
    verdicts.record(again, SuiteReport({"V01": passed(1)}))
    assert PhoneNumber.objects.get().state == State.AVAILABLE


def test_a_sample_that_fails_in_quarantine_costs_the_passport(provider: Provider) -> None:
    stock(provider, 1, quarantined=True)
    sampling.draw_nightly()
    verdicts.record(claimed_sample(), FAILED)
    number = PhoneNumber.objects.get()
    assert (number.state, number.passport_expires_at) == (State.QUARANTINED, None)


def test_while_the_sale_is_stopped_a_failing_number_stays_where_it_is(provider: Provider) -> None:
    stock(provider, 1)
    sampling.draw_nightly()
    sale_stops.place(provider=provider, country="US", actor="test", reason="out")
    verdicts.record(claimed_sample(), FAILED)
    assert PhoneNumber.objects.get().state == State.AVAILABLE


@pytest.mark.parametrize("end", ["unclear", "killed"])
def test_a_sample_without_a_verdict_is_nobodys_work(provider: Provider, end: str) -> None:
    stock(provider, 1)
    sampling.draw_nightly()

    for _ in range(claims.MAX_STRIKES):
        run = claimed_sample()
        if end == "unclear":
            verdicts.record(run, UNCLEAR)
        else:
            SuiteRun.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
            claims.give_back_expired()
    run = SuiteRun.objects.get()
    assert (run.state, run.passed, run.finished_at is not None) == (RunState.DROPPED, None, True)
