"""A trunk on which calls must wait long: every moment that its owner grants is used, and all numbers are tested."""

import asyncio
import math
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random
from types import SimpleNamespace
from typing import Any, cast

import pytest

from testing_lab.equipment import Equipment, Switchboard
from testing_lab.findings import OurTrouble
from testing_lab.pace import Pace
from testing_lab.services.claims import MAX_TROUBLES, RETRY_AFTER
from testing_lab.trunks import limits
from testing_lab.trunks.limits import OwnLimits, SharedLimits
from testing_lab.trunks.route import Route
from tests.testing_lab.virtual_time import VirtualTime

REFERENCE = "+12025550142"
POLL_S, LONG_CALL_S, CALL_S, ARRIVAL_S = 1.0, 57.0, 10.0, 0.3


@dataclass
class Rows:
    """As `trunks.seats` answers, for one trunk, by the loop's clock."""

    calls_per_second: float
    most_calls: int = 100
    next_call_s: float = -math.inf
    seats: dict[int, bool] = field(default_factory=dict)  # and whether they are taken
    given: int = 0
    booked: int = 0

    def take(self, trunk: int, daemon: str, seat: int | None) -> tuple[int, bool]:
        if seat is None:
            self.given = seat = self.given + 1
        first = all(is_taken for other, is_taken in self.seats.items() if other < seat)
        self.seats[seat] = first and sum(self.seats.values()) < self.most_calls
        return seat, self.seats[seat]

    def leave(self, seat: int) -> None:
        del self.seats[seat]

    def book_call(self, trunk: int, within_s: float) -> float:
        now = now_s()
        if self.next_call_s > now + within_s:
            return math.inf
        self.booked += 1
        due = max(self.next_call_s, now)
        self.next_call_s = due + 1 / self.calls_per_second
        return due - now


def equipped(route: Route) -> Equipment:
    """With what it takes to wait."""
    nothing = cast("Any", None)
    return Equipment("", nothing, [route], Switchboard(), nothing, nothing, nothing)


def now_s() -> float:
    return asyncio.get_running_loop().time()


class Daemon:
    """Takes numbers on as the lab's daemon does, with its pace; each has the calls of a suite, in two lanes."""

    def __init__(self, name: str, waiting: "list[Number]", concurrency: int) -> None:
        route = Route("slow", ("192.0.2.7", 5060), SharedLimits(1, name, asyncio.Event(), set()))
        self._lab = equipped(route)
        self._pace, self._waiting, self._working = Pace(concurrency), waiting, set[asyncio.Task[None]]()
        self.begun: list[float] = []

    async def run(self) -> None:
        while self._waiting or self._working:
            room = self._pace.room - len(self._working)
            for number in [each for each in self._waiting if each.due_s <= now_s()][: max(room, 0)]:
                self._waiting.remove(number)
                task = asyncio.create_task(self._test(number))
                self._working.add(task)
                task.add_done_callback(self._working.discard)
            await asyncio.sleep(POLL_S)

    async def _test(self, number: "Number") -> None:
        well = await asyncio.gather(
            self._lane(number, (LONG_CALL_S, False)),
            self._lane(number, (CALL_S, False), (CALL_S, True), (CALL_S, False), (CALL_S, True)),
        )
        self._pace.note(sick=not all(well))
        if not all(well):
            number.troubles += 1
            number.due_s = now_s() + RETRY_AFTER.total_seconds() * number.troubles
            assert number.troubles < MAX_TROUBLES, "STUCK"
            self._waiting.append(number)

    async def _lane(self, number: "Number", *calls: tuple[float, bool]) -> bool:
        """Calls of so many seconds, some of them to the lab's own number; whether all were placed."""
        well = True
        for seconds, is_shared in calls:
            try:
                await self._call(number, seconds, is_shared=is_shared)
            except OurTrouble:
                well = False
        return well

    async def _call(self, number: "Number", seconds: float, *, is_shared: bool) -> None:
        async with self._lab.turn(REFERENCE if is_shared else number.digits, is_shared=is_shared) as leave:
            await leave.begin()
            leave.is_used = True
            self.begun.append(now_s())
            await asyncio.sleep(ARRIVAL_S)
        await asyncio.sleep(seconds)
        leave.give_back()


@dataclass
class Number:
    digits: str
    due_s: float = 0.0
    troubles: int = 0


@dataclass
class Day:
    took_s: float
    begun: list[float]
    by_daemon: list[int]
    troubles: int


@pytest.fixture
def day(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run so many daemons until so many numbers are tested."""

    async def ask(_stop: asyncio.Event, question: Any, *args: Any) -> Any:
        return question(*args)

    async def live(rows: Rows, daemons: int, numbers: int, concurrency: int) -> Day:
        monkeypatch.setattr(limits, "ask", ask)
        monkeypatch.setattr(limits, "seats", rows)
        monkeypatch.setattr(limits, "uniform", Random(1).uniform)
        monkeypatch.setattr(limits, "time", SimpleNamespace(monotonic=now_s))
        known = [Number(f"+1415555{n:04d}") for n in range(numbers)]
        waiting = list(known)
        labs = [Daemon(f"lab-{n}", waiting, concurrency) for n in range(daemons)]
        await asyncio.gather(*(lab.run() for lab in labs))
        begun = sorted(at for lab in labs for at in lab.begun)
        assert not any(rows.seats.values())
        return Day(now_s(), begun, [len(lab.begun) for lab in labs], sum(each.troubles for each in known))

    def run(rows: Rows, daemons: int = 1, numbers: int = 300, concurrency: int = 50) -> Day:
        with asyncio.Runner(loop_factory=VirtualTime) as runner:
            return runner.run(live(rows, daemons, numbers, concurrency))

    return run


def test_one_call_a_second_is_enough_for_three_hundred_numbers(day: Any) -> None:
    rows = Rows(calls_per_second=1)
    seen = day(rows, concurrency=20)
    assert (seen.troubles, rows.booked) == (0, len(seen.begun))
    assert seen.took_s < 1.1 * len(seen.begun), "a moment of the trunk went by unused"


@pytest.mark.parametrize("daemons", [1, 3])
def test_where_more_calls_wait_than_can_begin_in_time_the_others_begin_and_all_numbers_are_tested(
    day: Any, daemons: int
) -> None:
    rows = Rows(calls_per_second=1)
    seen = day(rows, daemons, numbers=100)
    assert seen.troubles > 0
    assert rows.booked == len(seen.begun), "calls that were given up took moments with them"
    assert min(after - before for before, after in pairwise(seen.begun)) > 0.999, "faster than the owner allows"
    middle = seen.begun[: len(seen.begun) // 2]
    assert middle[-1] < 1.1 * len(middle), "a moment of the trunk went by unused"
    assert min(seen.by_daemon) > max(seen.by_daemon) / 2


def test_a_moment_whose_call_breaks_off_is_the_next_call_s_and_the_urgent_one_goes_first() -> None:
    async def wait() -> list[str]:
        moments, went = limits._Moments(), list[str]()

        async def call(name: str, wait_s: float, *, is_urgent: bool = False) -> None:
            await moments.use(wait_s, is_urgent=is_urgent)
            went.append(f"{name} at {now_s():.0f}")

        calls = [asyncio.create_task(call(name, wait_s)) for name, wait_s in (("a", 1), ("b", 2), ("c", 3))]
        calls.append(asyncio.create_task(call("urgent", 4, is_urgent=True)))
        await asyncio.sleep(0.5)
        calls[1].cancel()
        await asyncio.wait(calls)
        return went

    with asyncio.Runner(loop_factory=VirtualTime) as runner:
        assert runner.run(wait()) == ["urgent at 1", "a at 2", "c at 3"]


def test_who_waits_for_the_lab_s_own_number_in_vain_is_told_so_and_the_next_is_not() -> None:
    async def wait() -> None:
        own = OwnLimits(1000, most_calls=1)
        lab = equipped(Route("own", ("192.0.2.7", 5060), own))
        async with lab.switchboard.turn(REFERENCE):
            with pytest.raises(OurTrouble, match="one after the other"):
                async with lab.turn(REFERENCE, is_shared=True):
                    pass
            assert now_s() == pytest.approx(40)
        async with lab.turn(REFERENCE, is_shared=True) as leave:
            assert leave.is_urgent

    with asyncio.Runner(loop_factory=VirtualTime) as runner:
        runner.run(wait())
