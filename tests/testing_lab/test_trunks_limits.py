"""What a trunk's owner allows is kept by all daemons together, and is measured where he measures it: at the trunk."""

import asyncio
import math
import os
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from typing import cast

import pytest
from django.db import connection
from django.db.backends.postgresql.base import DatabaseWrapper
from django.db.models.functions import Now

from testing_lab.asking import in_thread
from testing_lab.findings import OurTrouble
from testing_lab.models import Seat, Trunk
from testing_lab.sip import UserAgent, sdp
from testing_lab.sip.incoming import IncomingCall
from testing_lab.trunks import limits, rows, seats
from testing_lab.trunks.limits import OwnLimits
from tests.patience import PATIENCE
from tests.testing_lab.daemons import database_url


@pytest.fixture(autouse=True)
def _leave_no_connection() -> Iterator[None]:
    yield
    cast("DatabaseWrapper", connection).close_pool()


class CarrierEnd:
    """The carrier's side of a trunk: answers all calls, and writes down when they came and how many were up."""

    def __init__(self) -> None:
        self.came: list[float] = []
        self.up = self.most_up = 0

    async def take(self, call: IncomingCall) -> None:
        """As the agent's `on_invite`."""
        self.came.append(time.monotonic())
        self.up += 1
        self.most_up = max(self.most_up, self.up)
        await call.answer(sdp.answer(call.remote_sdp or b"", "127.0.0.1", 9) or b"")
        await call.ended.wait()
        self.up -= 1


async def call_from_two_processes(trunk: Trunk, calls: int, seconds: float) -> CarrierEnd:
    """Each of two processes wants `calls` calls of so many seconds at once; what the carrier saw of it."""
    carrier, agent = CarrierEnd(), await UserAgent.start("127.0.0.1", 0)
    agent.on_invite = carrier.take
    environ = os.environ | {"DATABASE_URL": await in_thread(database_url)}
    command = (sys.executable, "-m", "tests.testing_lab.dialling", trunk.pk, *agent.address, calls, seconds)
    processes = [
        await asyncio.create_subprocess_exec(*map(str, command), name, env=environ) for name in ("lab-1", "lab-2")
    ]
    try:
        async with asyncio.timeout(PATIENCE):
            assert [await process.wait() for process in processes] == [0, 0]
    finally:
        for process in processes:
            if process.returncode is None:
                process.kill()
        await agent.close()
    assert len(carrier.came) == 2 * calls
    return carrier


@pytest.mark.django_db(transaction=True)
async def test_two_processes_together_have_no_more_calls_up_than_the_trunk_allows() -> None:
    trunk = await in_thread(Trunk.objects.create, name="shared", preference=1, calls_per_second=1000, most_calls=3)
    carrier = await call_from_two_processes(trunk, calls=8, seconds=0.3)
    assert carrier.most_up == 3
    assert not await in_thread(Seat.objects.exists)


@pytest.mark.django_db(transaction=True)
async def test_two_processes_together_keep_the_rate_of_the_trunk() -> None:
    trunk = await in_thread(Trunk.objects.create, name="shared", preference=1, calls_per_second=2)
    carrier = await call_from_two_processes(trunk, calls=7, seconds=0)
    took = carrier.came[-1] - carrier.came[0]
    assert took > 3.4  # 13 intervals of half a second are 6.5 s; if each process had its own rate, it were 3


async def test_a_call_that_would_begin_too_late_does_not_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_seat(trunk: int, daemon: str, seat: int | None) -> tuple[int, bool]:
        asked.append(seat)
        return 7, False

    asked: list[int | None] = []
    left: list[int] = []
    monkeypatch.setattr(limits, "LONGEST_WAIT_S", 0.1)
    monkeypatch.setattr(limits, "LOOK_S", 0.01)
    monkeypatch.setattr(seats, "take", no_seat)
    monkeypatch.setattr(seats, "leave", left.append)
    with pytest.raises(OurTrouble, match="no room"):
        await limits.SharedLimits(1, "lab-1", asyncio.Event(), set()).take()
    assert asked[:2] == [None, 7]
    async with asyncio.timeout(PATIENCE):
        while not left:
            await asyncio.sleep(0.01)


@pytest.mark.django_db
def test_seats_are_given_in_the_order_of_asking_whichever_daemon_asks() -> None:
    trunk = Trunk.objects.create(name="shared", preference=1, calls_per_second=1000, most_calls=2)
    seats.take(trunk.pk, "lab-1", None)
    first, _ = seats.take(trunk.pk, "lab-1", None)
    second, second_sits = seats.take(trunk.pk, "lab-2", None)
    third, third_sits = seats.take(trunk.pk, "lab-1", None)
    assert (second_sits, third_sits) == (False, False)
    seats.leave(first)
    assert seats.take(trunk.pk, "lab-1", third) == (third, False)
    assert seats.take(trunk.pk, "lab-2", second) == (second, True)


@pytest.mark.django_db
def test_what_a_dead_daemon_held_is_free_when_its_lease_runs_out() -> None:
    trunk = Trunk.objects.create(name="shared", preference=1, most_calls=2)
    for _ in range(2):
        seats.take(trunk.pk, "dead", None)
    seats.take(trunk.pk, "dead too", None)
    asking, sits = seats.take(trunk.pk, "lab-1", None)
    assert not sits
    Seat.objects.exclude(pk=asking).update(lease_until=Now() - timedelta(seconds=1))
    assert seats.take(trunk.pk, "lab-1", asking) == (asking, True)


@pytest.mark.django_db
def test_calls_of_a_daemon_that_lives_keep_their_seats_and_one_that_stops_leaves_all() -> None:
    trunk = Trunk.objects.create(name="shared", preference=1, most_calls=2)
    nobodys, _ = seats.take(trunk.pk, "lab-1", None)  # PostgreSQL went down before it could answer
    seat, _ = seats.take(trunk.pk, "lab-1", None)
    Seat.objects.update(lease_until=Now() - timedelta(seconds=1))
    seats.renew([seat])
    assert seats.take(trunk.pk, "lab-2", None)[1]
    assert not seats.take(trunk.pk, "lab-2", None)[1]
    assert Seat.objects.filter(pk=seat).exists()
    assert not Seat.objects.filter(pk=nobodys).exists()
    seats.let_go("lab-1")
    seats.let_go("lab-2")
    assert not Seat.objects.exists()


@pytest.mark.django_db
def test_messages_have_a_rate_of_their_own() -> None:
    trunk = Trunk.objects.create(name="shared", preference=1, calls_per_second=0.01, messages_per_second=0.5)
    assert seats.book_call(trunk.pk, 0) == 0
    waits = [seats.book_message(trunk.pk) for _ in range(4)]
    assert waits == pytest.approx([0, 2, 4, 6], abs=1.5)


@pytest.mark.django_db
def test_a_first_start_makes_the_trunk_of_the_settings_and_later_ones_leave_it_alone() -> None:
    [first] = rows.active()
    assert (first.name, first.address, first.preference) == ("first", "", 1)
    Trunk.objects.filter(pk=first.pk).update(active=False)
    assert rows.active() == []


async def test_a_trunk_of_our_own_has_as_many_seats_as_it_says() -> None:
    own = OwnLimits(1000, most_calls=2)
    first, _ = await own.take(), await own.take()
    third = asyncio.create_task(own.take())
    await asyncio.sleep(0.05)
    assert not third.done()
    first.give_back()
    await asyncio.wait_for(third, PATIENCE)


@pytest.mark.django_db
def test_a_call_that_will_not_wait_so_long_for_its_moment_leaves_it_to_others() -> None:
    trunk = Trunk.objects.create(name="shared", preference=1, calls_per_second=0.01)
    assert seats.book_call(trunk.pk, 40) == 0
    trunk.refresh_from_db()
    booked = trunk.next_call_at
    assert [seats.book_call(trunk.pk, 40) for _ in range(5)] == [math.inf] * 5
    trunk.refresh_from_db()
    assert trunk.next_call_at == booked
    assert seats.book_call(trunk.pk, 130) == pytest.approx(100, abs=30)
    with pytest.raises(Trunk.DoesNotExist):
        seats.book_call(trunk.pk + 1, 40)


@pytest.mark.django_db(transaction=True)
async def test_a_daemon_knows_the_seats_that_its_calls_have() -> None:
    trunk = await in_thread(Trunk.objects.create, name="shared", preference=1, calls_per_second=1000, most_calls=2)
    held: set[int] = set()
    shared = limits.SharedLimits(trunk.pk, "lab-1", asyncio.Event(), held)
    leaves = [await shared.take() for _ in range(2)]
    assert held == set(await in_thread(lambda: list(Seat.objects.values_list("pk", flat=True))))
    for leave in leaves:
        await leave.begin()
        leave.give_back()
    assert not held
    async with asyncio.timeout(PATIENCE):
        while await in_thread(Seat.objects.exists):
            await asyncio.sleep(0.01)


@pytest.mark.django_db
def test_a_trunk_of_one_call_from_before_two_were_asked_for_gets_a_second() -> None:
    raise_it = import_module("testing_lab.migrations.0010_two_calls_at_once_at_least").Migration.operations[0]
    trunk = Trunk.objects.create(name="shared", preference=1)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE testing_lab_trunk DROP CONSTRAINT trunk_limits_positive")
        cursor.execute("UPDATE testing_lab_trunk SET most_calls = 1")
        cursor.execute(raise_it.sql)
    trunk.refresh_from_db()
    assert trunk.most_calls == 2
