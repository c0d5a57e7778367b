"""The queue of suite runs under several daemons, and the one transaction that ends a run."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import ClassVar, Self

import pytest
from django.db import connection
from django.utils import timezone

from inventory.lifecycle import State
from inventory.models import DriftCase, PhoneNumber
from numbering.types import Capability
from testing_lab.equipment import Equipment
from testing_lab.findings import failed, inconclusive, not_applicable, not_performed, passed
from testing_lab.line import Line
from testing_lab.models import Passport, Purpose, Result, RunState, SuiteRun
from testing_lab.pace import Pace
from testing_lab.registry import all_tests
from testing_lab.services import claims, passports, verdicts
from testing_lab.suite_runner import SuiteReport
from tests.factories import NumberFactory

pytestmark = pytest.mark.django_db

MakeNumber = Callable[..., PhoneNumber]
PASSED = SuiteReport({"V01": passed(1), "S01": passed(0.1), "S02": not_applicable()})
FAILED = SuiteReport({"V01": passed(1), "V06": failed(4.2, "burst ratio 1.0")})
UNCLEAR = SuiteReport({"V01": passed(1), "V05": inconclusive("instrument: pacing late")})


class BusyInstrument:
    """An observation that this machine was too busy to make."""

    our_trouble = True
    packets: ClassVar[dict[str, object]] = {}

    def __init__(self, trace: str = "") -> None:
        self.trace = trace

    @classmethod
    async def perform(cls, line: Line, lab: Equipment) -> Self:
        return cls()


SICK = SuiteReport({"V05": inconclusive("instrument: pacing late")}, {"InboundCall": [BusyInstrument()]})


def claimed(number: PhoneNumber, daemon: str = "lab-1") -> SuiteRun:
    claims.open_runs(100)
    return next(run for run in claims.claim(daemon, 10) if run.number == number)


def test_each_waiting_number_gets_one_run(in_testing: MakeNumber) -> None:
    in_testing()
    assert [claims.open_runs(100), claims.open_runs(100)] == [1, 0]


def waiting(*countries: str, **fields: object) -> list[PhoneNumber]:
    """Numbers that the lab has, the longest waiting first; new ones unless `fields` say otherwise."""
    times = [timezone.now() - timedelta(minutes=len(countries) - turn) for turn in range(len(countries))]
    kinds = zip(countries, times, strict=True)
    return [NumberFactory.create(testing=True, country=it, state_since=since, **fields) for it, since in kinds]


def next_claimed(limit: int) -> list[PhoneNumber]:
    claims.open_runs(limit)
    return [run.number for run in claims.claim("lab-1", 10)]


def test_half_of_the_turns_are_for_who_waits_longest_and_half_go_kind_by_kind() -> None:
    numbers = waiting("US", "US", "US", "US", "IE", "DE")
    assert [next_claimed(1), next_claimed(1)] == [[numbers[0], numbers[4]], [numbers[1], numbers[5]]]


def test_a_kind_that_has_had_a_turn_lets_one_that_comes_later_go_first() -> None:
    (first,) = waiting("US")
    verdicts.record(claimed(first), PASSED)
    (second, _), (late,) = waiting("US", "US"), waiting("IE")
    assert next_claimed(1) == [second, late]


def test_what_somebody_asked_for_goes_first() -> None:
    _, asked_for = waiting("US", "US")
    claims.open_runs(2)
    SuiteRun.objects.filter(number=asked_for).update(purpose=Purpose.STAFF)
    assert [run.number for run in claims.claim("lab-1", 1)] == [asked_for]


@pytest.mark.django_db(transaction=True)
def test_two_daemons_never_claim_one_run(in_testing: MakeNumber) -> None:
    for last in range(40):
        in_testing(14155550100 + last)
    claims.open_runs(100)

    def take(daemon: str) -> list[int]:
        try:
            return [run.pk for _ in range(10) for run in claims.claim(daemon, 3)]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        taken = [pk for daemon in pool.map(take, ["a", "b", "c", "d"]) for pk in daemon]
    assert len(taken) == len(set(taken)) == 40


def test_a_pass_sends_the_number_to_quarantine_with_its_passport(in_testing: MakeNumber) -> None:
    number = in_testing()
    verdicts.record(claimed(number), PASSED)
    number.refresh_from_db()
    assert number.state == State.QUARANTINED
    assert number.passport_expires_at is not None
    assert number.capabilities == int(Capability.VOICE | Capability.SMS)
    passport = Passport.objects.select_related("run").get(number=number)
    assert (passport.declared, passport.tested, passport.expires_at) == (3, 3, number.passport_expires_at)
    assert passport.run.passed
    assert set(Result.objects.values_list("code", "outcome")) == {
        ("V01", "pass"),
        ("S01", "pass"),
        ("S02", "not_applicable"),
    }


def test_octets_that_no_text_can_hold_cost_no_verdict(in_testing: MakeNumber) -> None:
    number = in_testing()
    seen = BusyInstrument("From: <sip:+1\udcff2\0@h>")
    report = SuiteReport({"V10": failed(detail="shown: +1\udcff2\0")}, {"InboundCall": [seen]})
    verdicts.record(claimed(number), report)
    result = Result.objects.select_related("evidence").get()
    assert result.detail == "shown: +1\ufffd2\ufffd"
    assert result.evidence is not None
    assert result.evidence.trace == "From: <sip:+1\ufffd2\ufffd@h>"


def test_a_failure_names_the_failing_tests_in_the_ledger(in_testing: MakeNumber) -> None:
    number = in_testing()
    verdicts.record(claimed(number), FAILED)
    number.refresh_from_db()
    assert number.state == State.FAILED
    assert number.ledger.latest("at").data["failing"] == ["V06"]


def test_a_failure_is_a_passport_too_and_says_what_was_proved_all_the_same(in_testing: MakeNumber) -> None:
    number = in_testing()
    verdicts.record(claimed(number), SuiteReport({"V01": failed(0), "V05": passed(4.3), "S01": passed(0.2)}))
    number.refresh_from_db()
    assert (number.capabilities, number.mos, number.passport_expires_at) == (int(Capability.SMS), 4.3, None)
    passport = Passport.objects.get(number=number)
    assert (passport.declared, passport.tested, passport.expires_at) == (3, int(Capability.SMS), None)


def test_what_staff_waived_is_not_asked_and_the_rest_is_enough(in_testing: MakeNumber) -> None:
    number = in_testing()
    PhoneNumber.objects.filter(pk=number.pk).update(waived_capabilities=int(Capability.SMS))
    verdicts.record(claimed(number), SuiteReport({"V01": passed(1), "S01": not_applicable()}))
    number.refresh_from_db()
    assert (number.state, number.capabilities) == (State.QUARANTINED, int(Capability.VOICE))


def test_a_sample_of_some_tests_is_no_passport(in_testing: MakeNumber) -> None:
    number = in_testing()
    run = claimed(number)
    SuiteRun.objects.update(purpose=Purpose.SAMPLE)
    run.purpose = Purpose.SAMPLE
    PhoneNumber.objects.filter(pk=number.pk).update(state=State.FAILED)
    verdicts.record(run, PASSED)
    assert not Passport.objects.exists()


def try_in_vain(number: PhoneNumber, times: int) -> timedelta:
    """Spoil so many attempts by our own trouble; for how long the run was put off in all."""
    pauses = timedelta()
    for _ in range(times):
        SuiteRun.objects.filter(state=RunState.DUE).update(due_at=timezone.now())
        verdicts.record(claimed(number), SICK)
        pauses += SuiteRun.objects.get().due_at - timezone.now()
    return pauses


def test_our_own_sickness_ends_with_staff_only_after_many_hours(in_testing: MakeNumber) -> None:
    number = in_testing()
    assert try_in_vain(number, claims.MAX_TROUBLES - 1) > timedelta(hours=6)
    assert SuiteRun.objects.get().state == RunState.DUE
    try_in_vain(number, 1)
    stuck = SuiteRun.objects.get()
    assert (stuck.state, stuck.strikes, stuck.note) == (RunState.STUCK, 0, "our own trouble: V05")
    claims.rerun(stuck, actor="user:ops")
    assert claimed(number).troubles == 0


def test_a_run_may_be_claimed_any_number_of_times(in_testing: MakeNumber) -> None:
    number = in_testing()
    claims.open_runs(1)
    SuiteRun.objects.update(attempt=32_767)
    verdicts.record(claimed(number), FAILED)
    number.refresh_from_db()
    assert number.state == State.FAILED


def test_an_inconclusive_run_leaves_the_number_in_testing_and_ends_with_staff(in_testing: MakeNumber) -> None:
    number = in_testing()
    for attempt in range(1, claims.MAX_STRIKES + 1):
        run = claimed(number)
        assert run.attempt == attempt
        verdicts.record(run, UNCLEAR)
        SuiteRun.objects.filter(state=RunState.DUE).update(due_at=timezone.now())
    number.refresh_from_db()
    assert number.state == State.TESTING
    stuck = SuiteRun.objects.get()
    assert (stuck.state, stuck.note) == (RunState.STUCK, "inconclusive: V05")
    claims.rerun(stuck, actor="user:ops")
    assert claimed(number).strikes == 0


def test_a_dead_daemons_run_is_given_to_another_and_its_late_report_is_dropped(in_testing: MakeNumber) -> None:
    number = in_testing()
    dead = claimed(number, "dead")
    SuiteRun.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert claims.give_back_expired() == 1
    alive = claimed(number, "alive")
    verdicts.record(dead, FAILED)
    number.refresh_from_db()
    assert number.state == State.TESTING
    verdicts.record(alive, PASSED)
    number.refresh_from_db()
    assert number.state == State.QUARANTINED


def test_a_run_that_kills_every_daemon_goes_to_staff(in_testing: MakeNumber) -> None:
    number = in_testing()
    for _ in range(claims.MAX_STRIKES):
        claimed(number)
        SuiteRun.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        claims.give_back_expired()
    assert SuiteRun.objects.get().state == RunState.STUCK


def test_a_daemon_that_stops_lets_go_at_no_cost(in_testing: MakeNumber) -> None:
    number = in_testing()
    claimed(number)
    assert claims.let_go("lab-1") == 1
    assert claimed(number).strikes == 0


def test_the_pace_gives_way_to_a_busy_machine_and_comes_back() -> None:
    pace = Pace(20)
    for _ in range(30):
        pace.note(sick=True)
    assert pace.room == Pace.LEAST
    for _ in range(40):
        pace.note(sick=False)
    assert pace.room == 20


def test_one_bad_moment_of_the_machine_counts_once_however_many_suites_were_in_hand() -> None:
    pace = Pace(20)
    for _ in range(40):
        pace.note(sick=False)
    for _ in range(20):
        pace.note(sick=True)
    assert pace.room == int(20 * Pace.LESS)
    pace.note(sick=True)
    assert pace.room == int(20 * Pace.LESS * Pace.LESS)


@pytest.mark.parametrize("off", [timedelta(hours=-1), timedelta(hours=1)])
def test_a_host_with_a_wrong_clock_keeps_its_own_runs_and_takes_nobody_elses(
    in_testing: MakeNumber, monkeypatch: pytest.MonkeyPatch, off: timedelta
) -> None:
    in_testing()
    claims.open_runs(1)
    SuiteRun.objects.update(due_at=timezone.now() - timedelta(days=1))
    now = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: now() + off)
    assert len(claims.claim("lab-1", 1)) == 1
    assert claims.give_back_expired() == 0
    monkeypatch.setattr(timezone, "now", lambda: now() - off)
    assert claims.give_back_expired() == 0


def test_a_suite_that_was_broken_off_opens_no_drift_case(in_testing: MakeNumber) -> None:
    number = in_testing()
    verdicts.record(claimed(number), SuiteReport({"S01": failed(), "V12": not_performed(["S01"])}))
    number.refresh_from_db()
    assert (number.state, DriftCase.objects.exists()) == (State.FAILED, False)


def test_a_suite_that_was_broken_off_is_no_full_one(in_testing: MakeNumber) -> None:
    run = claimed(in_testing())
    run.purpose = Purpose.SAMPLE
    report = SuiteReport({test.code: passed() for test in all_tests()})
    assert passports.is_full(run, report)
    report.findings["V12"] = not_performed(["S01"])
    assert not passports.is_full(run, report)


def test_what_a_first_route_would_not_have_is_no_strike(in_testing: MakeNumber) -> None:
    report = SuiteReport({"V17": inconclusive("?")}, passed_over={"LongCall": [BusyInstrument()]})
    verdicts.record(claimed(in_testing()), report)
    run = SuiteRun.objects.get()
    assert (run.strikes, run.troubles) == (0, 1)


def test_a_renewed_lease_is_not_given_back(in_testing: MakeNumber) -> None:
    run = claimed(in_testing())
    SuiteRun.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    claims.renew([run.pk], "lab-1")
    assert claims.give_back_expired() == 0
