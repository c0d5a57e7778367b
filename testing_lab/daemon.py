"""The lab daemon: claims due suite runs and works on many at once, in one event loop, until told to stop.

The database is asked from threads, so that a slow query never delays a packet.
"""

import asyncio
import contextlib
import gc
import logging
import os
import socket
import sys
from datetime import UTC, datetime

from django.conf import settings
from django.db import OperationalError

from inventory.traffic import ingest
from numbering.e164 import E164
from numbering.types import ALL_CAPABILITIES, Capability
from testing_lab import admission
from testing_lab.asking import ask, in_thread
from testing_lab.calculator import Calculator
from testing_lab.emergency import addresses
from testing_lab.equipment import Equipment, Switchboard
from testing_lab.media import speech
from testing_lab.media.instrument import LoopLag
from testing_lab.messages.link import SmscLink, SmscSettings
from testing_lab.messages.mms import MmsLink, MmsSettings
from testing_lab.models import Purpose, SuiteRun
from testing_lab.observer import Observer
from testing_lab.pace import Pace
from testing_lab.registry import all_tests
from testing_lab.services import claims, listening, trunk_checks, verdicts
from testing_lab.services.limits import line_of
from testing_lab.sip.agent import UserAgent
from testing_lab.sip.values import peer
from testing_lab.sole_use import SoleUse
from testing_lab.stir.certificates import Certificates
from testing_lab.suite_runner import FAST_REJECT, run_suite
from testing_lab.trunks import seats
from testing_lab.trunks.health import Health
from testing_lab.trunks.routes import Routes

log = logging.getLogger(__name__)

POLL_S = 1.0
MOST_BEGUN = 5
"""Suites that begin at one look. Forty at once would stop the event loop for 0.15 s, and end together, too."""
HOUSEKEEPING_S = 20.0
DOORS_S = 1.0
COLLECT_AT = (7_000, 10, 50)
"""Ten times and five times Python's own thresholds: to look through the calls of 50 numbers stops all for 0.1 s."""
SWITCH_S = 0.0005
"""For how long a thread that asks the database may keep the one that paces packets waiting. Python's own 5 ms are a
quarter of a packet interval, and that thread lets go at each system call, thus at each packet."""
FAREWELL_S = 2.0
MMSC_S, MMSC_RETRY_S = 30.0, 5.0


class Daemon:
    """Use: `await Daemon(name).run(stop)`."""

    def __init__(self, name: str | None = None) -> None:
        self.name = name or f"{socket.gethostname()}:{os.getpid()}"[:80]
        self._references = [E164.parse(number) for number in _reference_numbers()]
        self._sole_use = SoleUse(_our_own())
        self._pace = Pace(settings.LAB_CONCURRENCY)
        self._working: dict[asyncio.Task[None], int] = {}
        self._smsc_bound = False
        self._mmsc = Health()
        self._quiet = ""
        self._observer = Observer([number.digits for number in self._references])

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; runs in hand are then dropped, and their leases given back at once.

        Raises InUse while another daemon has our address, bind, mail domain or reference number.
        """
        try:
            await ask(stop, self._sole_use.take)
            await self._serve(stop)
        finally:
            await in_thread(self._sole_use.give_up)

    async def _serve(self, stop: asyncio.Event) -> None:
        agent = await UserAgent.start(*peer(settings.LAB_SIP_ADDRESS))
        routes = Routes(self.name, agent, stop)
        await routes.refresh()
        lab = await _set_up(agent, routes)
        lab.switchboard.on_stranger = self._observer.call
        lab.smsc.tell_of_unclaimed(self._observer.message)
        await _warm_up(lab)
        log.info("lab daemon %s: SIP on %s:%s", self.name, *lab.agent.address)
        chores = (self._keep_house(routes, stop), routes.watch(), self._watch_smsc(lab), self._watch_mmsc(lab))
        helpers = [asyncio.create_task(each) for each in chores]
        try:
            while not stop.is_set():
                for ended in filter(asyncio.Task.done, helpers):
                    ended.result()  # without it we would work on half blind: better to fail, and be started anew
                await ask(stop, self._sole_use.take)  # a restart of PostgreSQL ends it
                await self._take_on(lab, routes, stop)
                await _pause(stop, POLL_S)
        finally:
            for helper in helpers:
                helper.cancel()
            await self._drop()
            await _tear_down(lab)

    async def _take_on(self, lab: Equipment, routes: Routes, stop: asyncio.Event) -> None:
        room = min(min(self._pace.room, routes.room) - len(self._working), MOST_BEGUN)
        closed = self._closed(routes)
        if room <= 0 or closed == ALL_CAPABILITIES or await self._is_quiet(routes, stop):
            return
        runs = await ask(stop, claims.claim, self.name, room, closed) or ()
        for run in runs:
            over = lab.over(*routes.of(run.trunk_id))
            task = asyncio.create_task(self._work(run, over, stop), name=f"suite-run-{run.pk}")
            self._working[task] = run.pk
            task.add_done_callback(self._forget)
        if len(runs) < room:  # to be claimed at the next look: asked together, a retry would forget what was claimed
            await ask(stop, claims.open_runs, room - len(runs), closed)

    def _closed(self, routes: Routes) -> Capability:
        """What can't be tested now, its door being closed: calls into nowhere say nothing about numbers."""
        closed = Capability(0)
        if not routes.any_up:
            closed |= Capability.VOICE | Capability.FAX
        if not self._smsc_bound:
            closed |= Capability.SMS
        if not self._mmsc.is_up:
            closed |= Capability.MMS
        return closed

    async def _is_quiet(self, routes: Routes, stop: asyncio.Event) -> bool:
        """Whether to begin nothing, in quiet hours or shortly before. Staff are told, in the log and in the runs."""
        quiet = routes.quiet()
        if str(quiet or "") != self._quiet:
            self._quiet = str(quiet or "")
            log.info("nothing is begun: %s", quiet) if quiet else log.info("quiet hours are over")
        if quiet is not None:
            await ask(stop, claims.note_quiet, quiet)
        return quiet is not None

    async def _work(self, run: SuiteRun, lab: Equipment, stop: asyncio.Event) -> None:
        reference = self._references[(run.pk + run.attempt) % len(self._references)]
        line = await ask(stop, line_of, run, reference, datetime.now(UTC))
        if line is None:
            return
        tests = trunk_checks.tests_of(run)
        report = await run_suite(line, lab, tests, first=FAST_REJECT if run.purpose == Purpose.REUSE else ())
        if run.purpose != Purpose.ROUTE:  # a second trunk that is down says nothing of our machine or of the first one
            self._pace.note(sick=report.sick)
        await ask(stop, verdicts.record, run, report)
        verdict = {True: "passed", False: f"failed {', '.join(report.failing)}", None: "inconclusive"}[report.verdict]
        log.info("%s: %s", line.number, verdict)

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._working.pop(task, None)
        if not task.cancelled() and (error := task.exception()):
            log.error("%s was not recorded; its lease will run out", task.get_name(), exc_info=error)

    async def _keep_house(self, routes: Routes, stop: asyncio.Event) -> None:
        while True:
            await ask(stop, claims.renew, list(self._working.values()), self.name)
            await ask(stop, seats.renew, list(routes.seats))
            await ask(stop, trunk_checks.open_checks)
            await ask(stop, claims.give_back_expired)
            if routes.any_up and self._smsc_bound:
                await ask(stop, listening.note, datetime.now(UTC))
            if seen := self._observer.take():
                await ask(stop, ingest.take, seen)
            await asyncio.sleep(HOUSEKEEPING_S)

    async def _watch_smsc(self, lab: Equipment) -> None:
        while True:
            if lab.smsc.bound != self._smsc_bound:
                self._smsc_bound = lab.smsc.bound
                log.info("the SMSC %s", "answers" if self._smsc_bound else "is away: no messages")
            await asyncio.sleep(DOORS_S)

    async def _watch_mmsc(self, lab: Equipment) -> None:
        while lab.mms is not None:
            trouble = await lab.mms.ask()
            if self._mmsc.note(trouble):
                log.info("the MMSC %s", f"is away, no pictures: {trouble}" if trouble else "answers")
            await asyncio.sleep(MMSC_RETRY_S if self._mmsc.in_doubt else MMSC_S)

    async def _drop(self) -> None:
        """Give up the runs in hand; no verdict is half-written, since `verdicts.record` is one transaction.

        Their calls are hung up, but a carrier that stops with us does not answer, and whoever stops us kills us soon.
        """
        working = list(self._working)
        for task in working:
            task.cancel()
        if working:
            await asyncio.wait(working, timeout=FAREWELL_S)
        with contextlib.suppress(OperationalError):  # then the leases run out by themselves
            await in_thread(claims.let_go, self.name)
            await in_thread(seats.let_go, self.name)


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return


def _our_own() -> tuple[str, ...]:
    """What no other daemon may use, in words."""
    return (
        f"SIP address {settings.LAB_SIP_ADDRESS}",
        f"mail domain {settings.LAB_MMS_DOMAIN} at {settings.LAB_MMSC_ADDRESS}",
        f"bind {settings.LAB_SMSC_SYSTEM_ID} at {settings.LAB_SMSC_ADDRESS}",
        *(f"reference number {number}" for number in _reference_numbers()),
    )


def _reference_numbers() -> list[str]:
    return [settings.LAB_REFERENCE_NUMBER, *settings.LAB_FURTHER_REFERENCE_NUMBERS]


async def _set_up(agent: UserAgent, routes: Routes) -> Equipment:
    switchboard = Switchboard()
    agent.on_invite = switchboard.receive
    smsc_host, smsc_port = peer(settings.LAB_SMSC_ADDRESS)
    door = SmscSettings(smsc_host, smsc_port, settings.LAB_SMSC_SYSTEM_ID, settings.LAB_SMSC_PASSWORD)
    smsc = SmscLink(door, routes.message_turn)
    await smsc.open()
    mms = await _open_mms(routes)
    lag = LoopLag()
    lag.start()
    certificates = Certificates(settings.LAB_STIR_CERTIFICATES)
    host, _ = peer(settings.LAB_SIP_ADDRESS)
    parts = (routes.in_order, switchboard, smsc, lag, Calculator(), certificates, mms, addresses.registrar_of)
    return Equipment(host, agent, *parts)


async def _warm_up(lab: Equipment) -> None:
    """What would stop the event loop later, in the middle of calls: 0.1 s to load the tests, 0.3 s to start the process
    that calculates, and again and again 0.3 s for the collector to look through all that stays anyway.
    """
    all_tests()
    await lab.calculator.run(speech.compose, "warm")
    sys.setswitchinterval(SWITCH_S)
    gc.set_threshold(*COLLECT_AT)
    gc.collect()
    gc.freeze()


async def _open_mms(routes: Routes) -> MmsLink:
    mmsc, transcodes = peer(settings.LAB_MMSC_ADDRESS), frozenset(settings.LAB_MMS_TRANSCODES)
    sources = admission.of_carrier(settings.LAB_CARRIER_SOURCES, [mmsc[0]])
    door = MmsSettings(*peer(settings.LAB_MMS_ADDRESS), mmsc, settings.LAB_MMS_DOMAIN, transcodes, sources=sources)
    link = MmsLink(door, routes.message_turn)
    await link.open()
    return link


async def _tear_down(lab: Equipment) -> None:
    lab.lag.stop()
    await lab.smsc.close()
    if lab.mms:
        await lab.mms.close()
    await lab.agent.close()
    lab.calculator.close()
