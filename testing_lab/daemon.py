"""The lab daemon: claims due suite runs and works on many at once, in one event loop, until told to stop.

The database is asked from threads, so that a slow query never delays a packet.
"""

import asyncio
import logging
import multiprocessing
import os
import socket
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor
from typing import Any

import django.db
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import OperationalError

from numbering.e164 import E164
from numbering.types import Capability
from testing_lab.equipment import Equipment, Switchboard
from testing_lab.line import Line
from testing_lab.media.instrument import LoopLag
from testing_lab.media.way import step_back
from testing_lab.messages.bucket import TokenBucket
from testing_lab.messages.link import SmscLink, SmscSettings
from testing_lab.models import SuiteRun
from testing_lab.services import claims, verdicts
from testing_lab.sip.agent import UserAgent
from testing_lab.suite_runner import run_suite

log = logging.getLogger(__name__)

POLL_S = 1.0
HOUSEKEEPING_S = 20.0
CALLS_PER_SECOND = 10.0


class Pace:
    """How many numbers at once: begins low, fewer as soon as the instrument is sick, more again while it is well.

    Additive increase, multiplicative decrease, as TCP finds its rate (RFC 5681 3.1).
    """

    LEAST = 2
    FIRST = 4
    MORE = 0.5  # for each suite that ran well
    LESS = 0.9  # for each that did not

    def __init__(self, most: int) -> None:
        self._most = float(most)
        self._now = min(float(self.FIRST), self._most)

    @property
    def room(self) -> int:
        """Suites that may run at once now."""
        return int(self._now)

    def note(self, *, sick: bool) -> None:
        """Learn from one finished suite."""
        wanted = self._now * self.LESS if sick else self._now + self.MORE
        self._now = max(min(wanted, self._most), min(self.LEAST, self._most))


class Daemon:
    """Use: `await Daemon(name).run(stop)`."""

    def __init__(self, name: str | None = None) -> None:
        self.name = name or f"{socket.gethostname()}:{os.getpid()}"[:80]
        self._reference = E164.parse(settings.LAB_REFERENCE_NUMBER)
        self._pace = Pace(settings.LAB_CONCURRENCY)
        self._working: dict[asyncio.Task[None], int] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; runs in hand are then dropped, and their leases given back at once."""
        async with asyncio.TaskGroup() as group:
            lab = await _set_up()
            house = group.create_task(self._keep_house())
            log.info("lab daemon %s: SIP on %s:%s, %s numbers at once", self.name, *lab.agent.address, self._pace.room)
            try:
                while not stop.is_set():
                    await self._claim(lab)
                    await _pause(stop, POLL_S)
            finally:
                house.cancel()
                await self._drop()
                await _tear_down(lab)

    async def _claim(self, lab: Equipment) -> None:
        room = self._pace.room - len(self._working)
        if room <= 0:
            return
        for run in await _in_thread(_open_and_claim, self.name, room):
            task = asyncio.create_task(self._work(run, lab), name=f"suite-run-{run.pk}")
            self._working[task] = run.pk
            task.add_done_callback(self._working.pop)

    async def _work(self, run: SuiteRun, lab: Equipment) -> None:
        line = Line(
            number=E164.from_int(run.number.e164),
            reference=self._reference,
            capabilities=Capability(run.number.declared_capabilities),
            seed=f"{run.pk}.{run.attempt}",
        )
        report = await run_suite(line, lab)
        self._pace.note(sick=report.instrument_sick)
        await _in_thread(verdicts.record, run, report)
        log.info(
            "%s: %s",
            line.number,
            {True: "passed", False: f"failed {report.failing}", None: "inconclusive"}[report.verdict],
        )

    async def _keep_house(self) -> None:
        while True:
            await _in_thread(claims.renew, list(self._working.values()), self.name)
            await _in_thread(claims.give_back_expired)
            await asyncio.sleep(HOUSEKEEPING_S)

    async def _drop(self) -> None:
        """Give up the runs in hand; no verdict is half-written, since `verdicts.record` is one transaction."""
        for task in self._working:
            task.cancel()
        await asyncio.gather(*self._working, return_exceptions=True)
        await _in_thread(claims.let_go, self.name)


def _open_and_claim(daemon: str, room: int) -> list[SuiteRun]:
    claims.open_runs()
    return claims.claim(daemon, room)


async def _in_thread(function: Callable[..., Any], *args: Any) -> Any:
    """Ask the database; while it is away, keep asking: the lab must outlive a restart of PostgreSQL."""
    pause = 0.5
    while True:
        try:
            return await sync_to_async(_with_fresh_connection, thread_sensitive=False)(function, *args)
        except OperationalError as error:
            log.warning("the database does not answer, asking again in %.1f s: %s", pause, error)
            await asyncio.sleep(pause)
            pause = min(pause * 2, 10.0)


def _with_fresh_connection(function: Callable[..., Any], *args: Any) -> Any:
    """Django ties connections to threads; give this one back to the pool when done."""
    try:
        return function(*args)
    finally:
        django.db.close_old_connections()


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return


async def _set_up() -> Equipment:
    host, port = _address(settings.LAB_SIP_ADDRESS)
    agent = await UserAgent.start(host, port)
    switchboard = Switchboard()
    agent.on_invite = switchboard.receive
    smsc_host, smsc_port = _address(settings.LAB_SMSC_ADDRESS)
    smsc = SmscLink(SmscSettings(smsc_host, smsc_port, settings.LAB_SMSC_SYSTEM_ID, settings.LAB_SMSC_PASSWORD))
    await smsc.open()
    lag = LoopLag()
    lag.start()
    trunk_calls = TokenBucket(CALLS_PER_SECOND)
    return Equipment(
        host, agent, _address(settings.LAB_TRUNK_ADDRESS), trunk_calls, switchboard, smsc, lag, calculator()
    )


def calculator() -> Executor:
    """One process for arithmetic, which gives way to the one that paces packets."""
    return ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"), initializer=step_back)


async def _tear_down(lab: Equipment) -> None:
    lab.lag.stop()
    await lab.smsc.close()
    await lab.agent.close()
    lab.calculator.shutdown(cancel_futures=True)


def _address(host_port: str) -> tuple[str, int]:
    host, _, port = host_port.rpartition(":")
    return host, int(port)
