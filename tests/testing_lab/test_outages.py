"""The outage canary: from the first failing number to the last one that is on sale again."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.db import ProgrammingError, connection, transaction
from django.utils import timezone

from inventory.lifecycle import State
from inventory.models import LifecycleEntry, PhoneNumber, Provider, SaleStop
from inventory.refusals import NotAvailable
from inventory.services import assignments, sale_stops
from inventory.services.testing import start_retests
from testing_lab.findings import failed, passed
from testing_lab.models import Incident, IncidentEntry, Purpose, RunState, Sample, SuiteRun, Why
from testing_lab.outage_policy import OutagePolicy
from testing_lab.services import claims, hearing, outages, sampling, verdicts
from testing_lab.services.hearing import Suspect
from testing_lab.suite_runner import SuiteReport
from tests.factories import AccountFactory, NumberFactory, ProviderFactory

pytestmark = pytest.mark.django_db

GOOD = SuiteReport({"V01": passed(1)})
BAD = SuiteReport({"V01": failed(0), "V02": failed(12)})


@pytest.fixture
def provider() -> Provider:
    return ProviderFactory.create()


def stock(provider: Provider, size: int = 12, **fields: object) -> list[PhoneNumber]:
    return NumberFactory.create_batch(size, provider=provider, **fields)


def found(numbers: Sequence[PhoneNumber], *, passed: bool, purpose: Purpose = Purpose.SAMPLE, ago: int = 0) -> None:
    """A verdict on each, one after the other, the last so many minutes ago."""
    now = timezone.now() - timedelta(minutes=ago)
    for seconds, number in enumerate(reversed(numbers)):
        at = now - timedelta(seconds=seconds)
        SuiteRun.objects.create(
            number=number, purpose=purpose, state=RunState.DONE, passed=passed, finished_at=at, attempt=1
        )


def call(report: SuiteReport) -> int:
    """The lab daemon calls every sample that is due, with this outcome; how many."""
    SuiteRun.objects.filter(state=RunState.DUE).update(due_at=timezone.now() - timedelta(seconds=1))
    runs = claims.claim("lab-1", 100)
    for run in runs:
        verdicts.record(run, report)
    return len(runs)


def a_quarter_of_an_hour_later() -> None:
    """For the canary: its last round lies that far back."""
    for sample in Sample.objects.filter(why__in=(Why.OUTAGE, Why.DOUBT)):
        Sample.objects.filter(pk=sample.pk).update(slot=sample.slot - timedelta(minutes=15 + sample.pk))


def test_four_good_numbers_that_fail_in_a_row_are_an_outage_and_three_are_not(provider: Provider) -> None:
    numbers = stock(provider)
    found(numbers[:3], passed=False)
    outages.look()
    assert not Incident.objects.exists()
    found(numbers[3:4], passed=False)
    outages.look()
    incident = Incident.objects.get()
    assert (incident.provider, incident.country, incident.closed_at) == (provider, "US", None)
    assert incident.statistic >= incident.threshold
    assert [row["passed"] for row in incident.evidence] == [False] * 4
    assert incident.evidence[-1]["statistic"] == pytest.approx(incident.statistic, abs=0.01)
    assert incident.entries.get().actor == "lab:canary"


def test_passes_that_are_put_down_while_the_canary_looks_outweigh_and_end_no_look(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers, elsewhere = stock(provider), stock(ProviderFactory.create())
    suspects = hearing.suspects

    def passes_come_after_the_sums(since: datetime, policy: OutagePolicy) -> list[Suspect]:
        summed = suspects(since, policy)
        found(numbers[4:], passed=True)
        return summed

    found(numbers[:4], passed=False, ago=1)
    found(elsewhere[:4], passed=False, ago=1)
    monkeypatch.setattr(hearing, "suspects", passes_come_after_the_sums)
    outages.look()
    assert [incident.provider for incident in Incident.objects.all()] == [elsewhere[0].provider]


def test_failures_among_many_passes_are_the_numbers_own(provider: Provider) -> None:
    numbers = stock(provider, 40)
    for start in range(0, 40, 8):
        found(numbers[start : start + 7], passed=True, ago=100 - start)
        found(numbers[start + 7 : start + 8], passed=False, ago=99 - start)
    outages.look()
    assert not Incident.objects.exists()


def test_a_single_bad_number_is_no_outage_however_often_it_fails(provider: Provider) -> None:
    (number,) = stock(provider, 1)
    found([number] * 20, passed=False)
    outages.look()
    assert not Incident.objects.exists()


def test_a_bad_delivery_takes_twice_as_many_failures(provider: Provider) -> None:
    """What was just delivered proves less than what was good before."""
    numbers = stock(provider, 8)
    found(numbers[:7], passed=False, purpose=Purpose.RECEIVED)
    outages.look()
    assert not Incident.objects.exists()
    found(numbers[7:], passed=False, purpose=Purpose.RECEIVED)
    outages.look()
    assert Incident.objects.exists()


def customers_tests(numbers: Sequence[PhoneNumber], *, passed: bool) -> None:
    """Verdicts on runs that a customer has ordered."""
    now, customer = timezone.now(), AccountFactory.create()
    for seconds, number in enumerate(reversed(numbers)):
        at = now - timedelta(seconds=seconds)
        run = {"state": RunState.DONE, "passed": passed, "finished_at": at, "attempt": 1}
        SuiteRun.objects.create(number=number, purpose=Purpose.CUSTOMER, asked_by=customer, **run)


def test_what_customers_order_raises_a_doubt_and_decides_nothing(provider: Provider) -> None:
    numbers = stock(provider)
    customers_tests(numbers[:6], passed=False)
    outages.look()
    assert not Incident.objects.exists()
    assert Sample.objects.get(why=Why.DOUBT).size == 3
    found(numbers[6:10], passed=False)
    outages.look()
    incident = Incident.objects.get()
    assert {row["purpose"] for row in incident.evidence} == {Purpose.SAMPLE}
    customers_tests(numbers, passed=True)
    customers_tests(numbers, passed=True)
    outages.look()
    assert Incident.objects.get().closed_at is None


def test_a_stop_that_a_person_placed_before_outlasts_the_outage(provider: Provider) -> None:
    sale_stops.place(provider=provider, country="US", actor="user:ops", reason="unpaid bill")
    found(stock(provider, 4), passed=False)
    outages.look()
    outages.close(Incident.objects.get(), actor="user:ops", note="the provider has repaired it")
    assert SaleStop.objects.get().lifted_at is None


def test_failures_of_yesterday_or_of_others_do_not_count(provider: Provider) -> None:
    numbers = stock(provider, 4)
    found(numbers[:2], passed=False, ago=60 * 25)
    found(numbers[2:], passed=False)
    found(stock(provider, 2, country="IE"), passed=False)
    found(stock(ProviderFactory.create(), 2), passed=False)
    outages.look()
    assert not Incident.objects.exists()


def test_one_failing_sample_brings_more_calls_at_once_and_passes_end_the_doubt(provider: Provider) -> None:
    stock(provider)
    sampling.draw_nightly()
    SuiteRun.objects.exclude(pk=SuiteRun.objects.earliest("pk").pk).delete()
    assert call(BAD) == 1
    outages.look()
    outages.look()
    assert Sample.objects.get(why=Why.DOUBT).size == 3
    assert call(GOOD) == 4, "the three, and the confirming retest"
    outages.look()
    assert Sample.objects.filter(why=Why.DOUBT).count() == 1
    assert not Incident.objects.exists()


def test_the_whole_way_of_an_outage(provider: Provider) -> None:
    numbers, buyer = stock(provider, 20), AccountFactory.create()
    sampling.draw_nightly()
    unaffected = NumberFactory.create(provider=ProviderFactory.create())
    while not Incident.objects.exists():
        assert call(BAD)
        outages.look()
    calls = SuiteRun.objects.filter(passed=False).values("number").distinct().count()
    assert calls < 12, "it took no more"
    on_sale = PhoneNumber.objects.filter(state=State.AVAILABLE, provider=provider)
    assert on_sale.count() > 5, "the others' rows are as they were"
    assert list(PhoneNumber.objects.sellable(timezone.now())) == [unaffected]
    with pytest.raises(NotAvailable):
        assignments.buy(account=buyer, e164=on_sale[0].e164, settings={})
    on_sale.update(due_at=timezone.now())
    assert start_retests(10) == 0, "no routine retest would pass now"

    while call(BAD):
        pass
    failed_by_then = PhoneNumber.objects.filter(state=State.FAILED).count()
    outages.look()
    assert Sample.objects.filter(why=Why.OUTAGE).exists()
    assert call(BAD)
    outages.look()
    assert PhoneNumber.objects.filter(state=State.FAILED).count() == failed_by_then, "no more are failed for it"
    rounds = 0
    while Incident.objects.filter(closed_at=None).exists():
        a_quarter_of_an_hour_later()
        outages.look()
        call(GOOD)
        rounds += 1
        assert rounds < 12
    assert rounds >= 3, "one good round is not enough"
    incident, stop = Incident.objects.get(), SaleStop.objects.get()
    assert (incident.closed_by, stop.lifted_by) == ("lab:canary", "lab:canary")
    assert assignments.buy(account=buyer, e164=on_sale[0].e164, settings={})

    outages.retry_failed()
    assert not PhoneNumber.objects.filter(state=State.FAILED).exists()
    again = LifecycleEntry.objects.filter(reason="it failed in an outage that is over")
    assert again.count() >= failed_by_then > 0
    claims.open_runs(100)
    call(GOOD)
    outages.retry_failed()
    outages.look()
    assert Incident.objects.get().retested_at, "and what failed before does not open it again"
    assert PhoneNumber.objects.filter(provider=provider, state__in=(State.AVAILABLE, State.IN_SERVICE)).count() == len(
        numbers
    )


def test_staff_may_close_it_and_what_led_to_it_does_not_open_it_again(provider: Provider) -> None:
    found(stock(provider, 4), passed=False)
    outages.look()
    incident = Incident.objects.get()
    outages.remark(incident, actor="user:ops", what="the provider says it was a fibre cut")
    outages.close(incident, actor="user:ops", note="the provider has repaired it")
    with pytest.raises(outages.AlreadyClosed):
        outages.close(incident, actor="user:ops", note="twice")
    outages.look()
    assert not Incident.objects.filter(closed_at=None).exists()
    assert not SaleStop.objects.filter(lifted_at=None).exists()
    history = list(incident.entries.order_by("pk").values_list("actor", flat=True))
    assert history == ["lab:canary", "user:ops", "user:ops"]


def test_its_history_can_only_grow(provider: Provider) -> None:
    found(stock(provider, 4), passed=False)
    outages.look()
    with pytest.raises(ProgrammingError), transaction.atomic():
        IncidentEntry.objects.update(what="nothing happened")


@pytest.mark.django_db(transaction=True)
def test_of_workers_that_look_at_once_one_opens_it(provider: Provider) -> None:
    found(stock(provider, 6), passed=False)

    def look(_: int) -> None:
        try:
            outages.look()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(look, range(4)))
    assert (Incident.objects.count(), SaleStop.objects.count(), IncidentEntry.objects.count()) == (1, 1, 1)


def test_nothing_is_remembered_between_two_looks(provider: Provider) -> None:
    """A look after each result, or one look after all of them: the same evidence."""
    numbers, other = stock(provider, 8), ProviderFactory.create()
    twins = stock(other, 8)
    outcomes = [True, False, True, False, False, False, False, True]
    for number, passes in zip(numbers, outcomes, strict=True):
        found([number], passed=passes)
        outages.look()
    for number, passes in zip(twins, outcomes[:6], strict=False):
        found([number], passed=passes)
    outages.look()
    step_by_step, at_once = (Incident.objects.get(provider=each) for each in (provider, other))
    assert step_by_step.statistic == pytest.approx(at_once.statistic)
    assert [row["passed"] for row in step_by_step.evidence] == [row["passed"] for row in at_once.evidence]
