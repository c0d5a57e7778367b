"""A route that fails alone: staff are told, no number is blamed or taken off sale, and it ends as it began."""

import random
from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from inventory.lifecycle import State
from inventory.models import PhoneNumber, Provider, SaleStop
from numbering.types import Capability, NumberType
from testing_lab.findings import failed, passed
from testing_lab.models import Incident, IncidentKind, Outcome, Purpose, RunState, Sample, SuiteRun, Trunk, Why
from testing_lab.outage_policy import governing
from testing_lab.sequential import cusum
from testing_lab.services import claims, hearing, outages, trunk_checks, verdicts
from testing_lab.services.hearing import Heard, Suspect
from testing_lab.services.sampling import Place
from testing_lab.suite_runner import SuiteReport
from tests.factories import AccountFactory, NumberFactory, ProviderFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def provider() -> Provider:
    return ProviderFactory.create()


@pytest.fixture
def second() -> Trunk:
    Trunk.objects.create(name="first", preference=1)
    return Trunk.objects.create(name="second", address="198.51.100.7:5060", preference=2)


@pytest.fixture
def stock(provider: Provider) -> list[PhoneNumber]:
    return NumberFactory.create_batch(30, provider=provider, capabilities=int(Capability.VOICE))


def over(route: str, *, passes: bool) -> SuiteReport:
    finding = passed(1) if passes else failed(0)
    return SuiteReport({"V01": finding}, routes={"InboundCall": route})


def call(*, first: bool, second: bool) -> int:
    """The lab daemon calls all that is due; what the routes make of it."""
    SuiteRun.objects.filter(state=RunState.DUE).update(due_at=timezone.now() - timedelta(seconds=1))
    runs = claims.claim("lab-1", 100)
    for run in runs:
        verdicts.record(run, over("second", passes=second) if run.trunk_id else over("first", passes=first))
    return len(runs)


def minutes_pass(minutes: int) -> None:
    """For the pauses between two rounds."""
    for run in SuiteRun.objects.filter(purpose=Purpose.ROUTE):
        SuiteRun.objects.filter(pk=run.pk).update(created_at=run.created_at - timedelta(minutes=minutes))
    for sample in Sample.objects.order_by("slot"):
        Sample.objects.filter(pk=sample.pk).update(slot=sample.slot - timedelta(minutes=minutes))


def until_an_incident(*, first: bool = True) -> Incident:
    trunk_checks.open_checks()
    for _ in range(6):
        call(first=first, second=False)
        outages.look()
        if found := Incident.objects.first():
            return found
        minutes_pass(2)
    raise AssertionError("none was opened")


def test_a_route_over_which_good_numbers_fail_gets_an_incident_and_the_numbers_stay_on_sale(
    provider: Provider, second: Trunk, stock: list[PhoneNumber]
) -> None:
    incident = until_an_incident()
    assert (incident.kind, incident.route, incident.provider, incident.country) == ("route", "second", provider, "US")
    assert (incident.stop, SaleStop.objects.exists()) == (None, False)
    assert {row["purpose"] for row in incident.evidence} == {Purpose.ROUTE}
    assert len({row["number"] for row in incident.evidence}) == len(incident.evidence) == 4
    assert PhoneNumber.objects.sellable(timezone.now()).count() == len(stock)
    assert "over second alone" in incident.entries.get().what


def test_one_check_that_fails_brings_three_more_at_once_and_calls_the_usual_way_to_compare(
    second: Trunk, stock: list[PhoneNumber]
) -> None:
    trunk_checks.open_checks()
    assert call(first=True, second=False) == 1
    minutes_pass(2)
    outages.look()
    outages.look()
    due = SuiteRun.objects.filter(state=RunState.DUE)
    assert sorted(due.values_list("purpose", flat=True)) == [Purpose.ROUTE] * 3 + [Purpose.SAMPLE] * 3
    assert call(first=True, second=True) == 6
    minutes_pass(2)
    outages.look()
    assert (Incident.objects.exists(), due.exists()) == (False, False), "it was that number"


def test_where_nothing_passes_any_way_it_is_no_matter_of_the_route(second: Trunk, stock: list[PhoneNumber]) -> None:
    incident = until_an_incident(first=False)
    assert incident.kind == IncidentKind.OUTAGE
    call(first=False, second=False)
    outages.look()
    assert not Incident.objects.filter(kind=IncidentKind.ROUTE).exists()


def test_what_a_customer_has_tested_does_not_tell_that_numbers_pass_elsewhere(
    provider: Provider, second: Trunk, stock: list[PhoneNumber]
) -> None:
    now = timezone.now()
    ordered = {"purpose": Purpose.CUSTOMER, "asked_by": AccountFactory.create()}
    done = {"state": RunState.DONE, "passed": True, "finished_at": now, "attempt": 1}
    SuiteRun.objects.create(number=stock[0], **ordered, **done)
    place, ago = Place(provider.pk, "US"), now - timedelta(minutes=1)
    assert not hearing.passes_elsewhere(place, ago)
    SuiteRun.objects.create(number=stock[0], purpose=Purpose.SAMPLE, **done)
    assert hearing.passes_elsewhere(place, ago)


def test_a_round_over_a_route_has_numbers_of_each_type_drawn_before_its_row_is_locked(
    provider: Provider, second: Trunk, stock: list[PhoneNumber]
) -> None:
    NumberFactory.create_batch(
        2, provider=provider, capabilities=int(Capability.VOICE), number_type=NumberType.NATIONAL
    )
    with CaptureQueriesContext(connection) as asked:
        trunk_checks.check_again(Place(provider.pk, "US"), "second", Why.DOUBT, governing(timezone.now().date()))
    of_types = SuiteRun.objects.values_list("number__number_type", flat=True)
    assert set(of_types) == {NumberType.LOCAL, NumberType.NATIONAL}
    draws, [locks] = (
        [at for at, query in enumerate(asked) if words in query["sql"]] for words in ("spread", "FOR UPDATE")
    )
    assert len(draws) >= 2
    assert max(draws) < locks


def test_it_ends_when_numbers_pass_over_the_route_again_and_no_number_is_tested_anew(
    second: Trunk, stock: list[PhoneNumber]
) -> None:
    incident = until_an_incident()
    rounds = 0
    while not Incident.objects.filter(closed_at__isnull=False).exists():
        minutes_pass(16)
        outages.look()
        rounds += call(first=True, second=True) > 0
        assert rounds < 6
    assert rounds >= 3, "one good round is not enough"
    incident.refresh_from_db()
    assert incident.closed_by == "lab:canary"
    outages.retry_failed()
    outages.look()
    assert (Incident.objects.count(), PhoneNumber.objects.exclude(state=State.AVAILABLE).count()) == (1, 0)


def test_it_ends_when_the_trunk_is_switched_off(second: Trunk, stock: list[PhoneNumber]) -> None:
    incident = until_an_incident()
    Trunk.objects.filter(pk=second.pk).update(active=False)
    outages.look()
    incident.refresh_from_db()
    assert incident.closed_note == "nothing goes over second any more: it is switched off"


@pytest.mark.parametrize(
    ("route", "found"),
    [("second", (None, Outcome.INCONCLUSIVE, State.TESTING)), ("first", (False, Outcome.FAIL, State.FAILED))],
)
def test_while_it_is_open_what_fails_over_that_route_is_no_fault_of_the_number(
    second: Trunk, stock: list[PhoneNumber], provider: Provider, route: str, found: tuple[object, ...]
) -> None:
    until_an_incident()
    SuiteRun.objects.filter(state=RunState.DUE).delete()
    new = NumberFactory.create(provider=provider, testing=True)
    SuiteRun.objects.create(number=new)
    [run] = claims.claim("lab-1", 1)
    verdicts.record(run, over(route, passes=False))
    run.refresh_from_db()
    new.refresh_from_db()
    assert (run.passed, run.results.get().outcome, new.state) == found
    assert run.strikes == 0


def history(numbers: Sequence[PhoneNumber], trunk: Trunk, dice: random.Random) -> None:
    """A day of verdicts of all kinds, some at the same moment."""
    now, customer = timezone.now(), AccountFactory.create()
    for _ in range(120):
        purpose = dice.choice([Purpose.SAMPLE, Purpose.RECEIVED, Purpose.CUSTOMER, Purpose.ROUTE])
        SuiteRun.objects.create(
            number=dice.choice(numbers),
            purpose=purpose,
            asked_by=customer if purpose == Purpose.CUSTOMER else None,
            trunk=trunk if purpose == Purpose.ROUTE else None,
            state=RunState.DONE,
            passed=dice.random() < 0.6,
            finished_at=now - timedelta(minutes=dice.randrange(600)),
        )


def of_all(suspect: Suspect) -> Iterator[Heard]:
    """With what customers ordered."""
    done = SuiteRun.objects.filter(state=RunState.DONE, finished_at__gt=suspect.since)
    there = done.filter(trunk__name=suspect.route) if suspect.route else done.filter(trunk=None)
    policy = governing(timezone.now().date())
    for run in there.select_related("number").order_by("finished_at", "pk"):
        passed, at = bool(run.passed), run.finished_at or timezone.now()
        weight = policy.weight(run.purpose, passed=passed)
        yield Heard(run.pk, run.number_id, run.number.e164, run.purpose, passed, at, weight)


@pytest.mark.parametrize("seed", range(5))
def test_the_database_makes_the_statistic_that_the_verdicts_make_one_after_the_other(
    second: Trunk, stock: list[PhoneNumber], seed: int
) -> None:
    history(stock, second, random.Random(seed))
    policy, since = governing(timezone.now().date()), timezone.now() - timedelta(days=1)
    suspects = hearing.suspects(since, policy)
    assert [each.route for each in suspects] == ["", "second"]
    for each in suspects:
        verdicts_there = hearing.counted(hearing.heard(each.place, each.route, each.since, policy))
        assert each.value == pytest.approx(cusum(verdict.weight for verdict in verdicts_there).value)
        assert each.doubt == pytest.approx(cusum(verdict.weight for verdict in hearing.counted(of_all(each))).value)
