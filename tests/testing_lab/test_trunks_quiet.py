"""Quiet hours: nothing begins within them, by the clocks of the trunk's own zone, and runs wait without harm."""

from collections.abc import Callable
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest
import time_machine

from inventory.models import PhoneNumber
from testing_lab.findings import Finding, inconclusive
from testing_lab.models import Outcome, Purpose, RunState, SuiteRun
from testing_lab.services import claims, verdicts
from testing_lab.sip import OutgoingCall, UserAgent
from testing_lab.suite_runner import SuiteReport
from testing_lab.trunks.limits import Leave, OwnLimits
from testing_lab.trunks.quiet import QuietHours, QuietReigns
from testing_lab.trunks.route import Route
from tests.patience import PATIENCE

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = QuietHours(time(22), time(7), BERLIN)
NOON = QuietHours(time(12), time(13, 30), BERLIN)


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("hours", "moment", "until"),
    [
        (NIGHT, "2026-01-15 21:59:59.999999", None),
        (NIGHT, "2026-01-15 22:00:00", "2026-01-16 07:00"),
        (NIGHT, "2026-01-16 00:00:00", "2026-01-16 07:00"),
        (NIGHT, "2026-01-16 06:59:59.999999", "2026-01-16 07:00"),
        (NIGHT, "2026-01-16 07:00:00", None),
        (NOON, "2026-01-16 11:59:59.999999", None),
        (NOON, "2026-01-16 12:00:00", "2026-01-16 13:30"),
        (NOON, "2026-01-16 13:30:00", None),
    ],
)
def test_quiet_begins_and_ends_at_the_stroke_of_the_clock(hours: QuietHours, moment: str, until: str | None) -> None:
    assert hours.until(berlin(moment).astimezone(UTC)) == (until and berlin(until))


@pytest.mark.parametrize(("day", "begins"), [("2026-01-15", "21:00"), ("2026-07-15", "20:00")])
def test_the_clocks_of_the_zone_count_in_summer_and_winter(day: str, begins: str) -> None:
    begin = datetime.fromisoformat(f"{day} {begins}").replace(tzinfo=UTC)
    assert NIGHT.until(begin)
    assert not NIGHT.until(begin.replace(hour=begin.hour - 1, minute=59, second=59))


@pytest.mark.parametrize(("before", "ends"), [("2026-03-28 23:00", "05:00"), ("2026-10-24 23:00", "06:00")])
def test_a_night_in_which_the_clocks_change_ends_at_its_hour(before: str, ends: str) -> None:
    until = NIGHT.until(berlin(before))
    assert until
    assert f"{until.astimezone(UTC):%H:%M}" == ends


async def invite(route: Route, agent: UserAgent) -> OutgoingCall:
    async with route.leave() as leave:
        return await route.invite(agent, "+14155550123", leave, caller="+12025550142", sdp=b"")


async def test_a_call_is_placed_until_the_last_moment_before_and_none_after() -> None:
    agent, trunk = await UserAgent.start("127.0.0.1", 0), await UserAgent.start("127.0.0.1", 0)
    route = Route("berlin", trunk.address, OwnLimits(1000), NIGHT)
    with time_machine.travel(berlin("2026-01-15 21:59:59.9"), tick=False) as clock:
        assert (await (await invite(route, agent)).final(PATIENCE)).status == 480
        clock.move_to(berlin("2026-01-15 22:00:00"))
        with pytest.raises(QuietReigns, match="quiet hours of trunk berlin until 07:00 CET"):
            await invite(route, agent)
    await trunk.close(0.1)
    await agent.close(0.1)


async def test_a_call_that_waited_for_its_turn_until_quiet_began_is_not_placed() -> None:
    agent = await UserAgent.start("127.0.0.1", 0)
    with time_machine.travel(berlin("2026-01-15 21:59:59"), tick=False) as clock:

        class Waiting(OwnLimits):
            async def take(self) -> Leave:
                clock.move_to(berlin("2026-01-15 22:00:00"))
                return await super().take()

        limits = Waiting(1000, most_calls=1)
        with pytest.raises(QuietReigns):
            await invite(Route("berlin", ("127.0.0.1", 9), limits, NIGHT), agent)
    await limits.take()  # the seat was given back
    await agent.close(0.1)


@pytest.mark.django_db
def test_a_run_that_quiet_overtook_waits_without_a_strike(in_testing: Callable[..., PhoneNumber]) -> None:
    SuiteRun.objects.create(number=in_testing())
    [run] = claims.claim("lab-1", 1)
    until = berlin("2026-01-16 07:00")
    findings: dict[str, Finding] = {"V01": inconclusive("quiet")}
    verdicts.record(run, SuiteReport(findings, quiet=QuietReigns("berlin", until)))
    run.refresh_from_db()
    assert (run.state, run.due_at, run.strikes, run.troubles) == (RunState.DUE, until, 0, 0)
    assert run.note == "quiet hours of trunk berlin until 07:00 CET"


@pytest.mark.django_db
def test_a_fault_that_was_found_before_quiet_began_stands(in_testing: Callable[..., PhoneNumber]) -> None:
    SuiteRun.objects.create(number=in_testing())
    [run] = claims.claim("lab-1", 1)
    quiet = QuietReigns("berlin", berlin("2026-01-16 07:00"))
    verdicts.record(run, SuiteReport({"V01": Finding(Outcome.FAIL)}, quiet=quiet))
    run.refresh_from_db()
    assert (run.state, run.passed) == (RunState.DONE, False)


@pytest.mark.django_db
def test_staff_are_told_why_due_runs_wait_until_they_are_claimed(in_testing: Callable[..., PhoneNumber]) -> None:
    run = SuiteRun.objects.create(number=in_testing(), purpose=Purpose.RECEIVED)
    quiet = QuietReigns("berlin", berlin("2026-01-16 07:00"))
    assert [claims.note_quiet(quiet), claims.note_quiet(quiet)] == [1, 0]
    run.refresh_from_db()
    assert (run.state, run.note) == (RunState.DUE, str(quiet))
    [claimed] = claims.claim("lab-1", 1)
    assert claimed.note == ""
