"""The lab daemon: claims due suite runs and works on many at once, in one event loop, until told to stop.

The database is asked from threads, so that a slow query never delays a packet.
"""

import asyncio
import contextlib
import logging
import os
import socket
from datetime import UTC, datetime

from django.conf import settings
from django.db import OperationalError

from numbering.e164 import E164
from testing_lab.asking import ask, in_thread
from testing_lab.calculator import Calculator
from testing_lab.equipment import Equipment, Switchboard
from testing_lab.media.instrument import LoopLag
from testing_lab.messages.bucket import TokenBucket
from testing_lab.messages.link import SmscLink, SmscSettings
from testing_lab.messages.mms import MmsLink, MmsSettings
from testing_lab.models import Purpose, SuiteRun
from testing_lab.pace import Pace
from testing_lab.services import claims, verdicts
from testing_lab.services.limits import line_of
from testing_lab.sip.agent import UserAgent
from testing_lab.sip.errors import SipError
from testing_lab.sole_use import SoleUse
from testing_lab.stir.certificates import Certificates
from testing_lab.suite_runner import FAST_REJECT, run_suite

log = logging.getLogger(__name__)

POLL_S = 1.0
HOUSEKEEPING_S = 20.0
DOORS_S = 5.0
CALLS_PER_SECOND = 10.0


class Daemon:
    """Use: `await Daemon(name).run(stop)`."""

    def __init__(self, name: str | None = None) -> None:
        self.name = name or f"{socket.gethostname()}:{os.getpid()}"[:80]
        self._references = [E164.parse(number) for number in _reference_numbers()]
        self._sole_use = SoleUse(_our_own())
        self._pace = Pace(settings.LAB_CONCURRENCY)
        self._working: dict[asyncio.Task[None], int] = {}
        self._doors_open = False

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
        lab = await _set_up()
        log.info("lab daemon %s: SIP on %s:%s", self.name, *lab.agent.address)
        helpers = [asyncio.create_task(each) for each in (self._keep_house(stop), self._watch_doors(lab))]
        try:
            while not stop.is_set():
                for ended in filter(asyncio.Task.done, helpers):
                    ended.result()  # without it we would work on half blind: better to fail, and be started anew
                await ask(stop, self._sole_use.take)  # a restart of PostgreSQL ends it
                if self._doors_open:
                    await self._take_on(lab, stop)
                await _pause(stop, POLL_S)
        finally:
            for helper in helpers:
                helper.cancel()
            await self._drop()
            await _tear_down(lab)

    async def _take_on(self, lab: Equipment, stop: asyncio.Event) -> None:
        room = self._pace.room - len(self._working)
        if room <= 0:
            return
        runs = await ask(stop, claims.claim, self.name, room) or ()
        for run in runs:
            task = asyncio.create_task(self._work(run, lab, stop), name=f"suite-run-{run.pk}")
            self._working[task] = run.pk
            task.add_done_callback(self._forget)
        if len(runs) < room:  # to be claimed at the next look: asked together, a retry would forget what was claimed
            await ask(stop, claims.open_runs, 2 * room)

    async def _work(self, run: SuiteRun, lab: Equipment, stop: asyncio.Event) -> None:
        reference = self._references[(run.pk + run.attempt) % len(self._references)]
        line = await ask(stop, line_of, run, reference, datetime.now(UTC))
        if line is None:
            return
        report = await run_suite(line, lab, first=FAST_REJECT if run.purpose == Purpose.REUSE else ())
        self._pace.note(sick=report.our_trouble)
        await ask(stop, verdicts.record, run, report)
        verdict = {True: "passed", False: f"failed {', '.join(report.failing)}", None: "inconclusive"}[report.verdict]
        log.info("%s: %s", line.number, verdict)

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._working.pop(task, None)
        if not task.cancelled() and (error := task.exception()):
            log.error("%s was not recorded; its lease will run out", task.get_name(), exc_info=error)

    async def _keep_house(self, stop: asyncio.Event) -> None:
        while True:
            await ask(stop, claims.renew, list(self._working.values()), self.name)
            await ask(stop, claims.give_back_expired)
            await asyncio.sleep(HOUSEKEEPING_S)

    async def _watch_doors(self, lab: Equipment) -> None:
        """Take nothing on while the trunk or the SMSC is away: calls into nowhere say nothing about numbers."""
        while True:
            is_open = lab.smsc.bound and await _trunk_answers(lab)
            if is_open != self._doors_open:
                log.info("trunk and SMSC answer" if is_open else "trunk or SMSC does not answer: waiting for it")
            self._doors_open = is_open
            await asyncio.sleep(DOORS_S)

    async def _drop(self) -> None:
        """Give up the runs in hand; no verdict is half-written, since `verdicts.record` is one transaction."""
        working = list(self._working)
        for task in working:
            task.cancel()
        await asyncio.gather(*working, return_exceptions=True)
        with contextlib.suppress(OperationalError):  # then the leases run out by themselves
            await in_thread(claims.let_go, self.name)


async def _trunk_answers(lab: Equipment) -> bool:
    try:
        await lab.agent.options(f"sip:{lab.trunk[0]}:{lab.trunk[1]}", via=lab.trunk, timeout=2.0)
    except SipError:
        return False
    return True


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


async def _set_up() -> Equipment:
    host, port = _address(settings.LAB_SIP_ADDRESS)
    agent = await UserAgent.start(host, port)
    switchboard = Switchboard()
    agent.on_invite = switchboard.receive
    smsc_host, smsc_port = _address(settings.LAB_SMSC_ADDRESS)
    smsc = SmscLink(SmscSettings(smsc_host, smsc_port, settings.LAB_SMSC_SYSTEM_ID, settings.LAB_SMSC_PASSWORD))
    await smsc.open()
    mms = await _open_mms()
    lag = LoopLag()
    lag.start()
    trunk_calls = TokenBucket(CALLS_PER_SECOND)
    trunk, certificates = _address(settings.LAB_TRUNK_ADDRESS), Certificates(settings.LAB_STIR_CERTIFICATES)
    return Equipment(host, agent, trunk, trunk_calls, switchboard, smsc, lag, Calculator(), certificates, mms)


async def _open_mms() -> MmsLink:
    mmsc, transcodes = _address(settings.LAB_MMSC_ADDRESS), frozenset(settings.LAB_MMS_TRANSCODES)
    link = MmsLink(MmsSettings(*_address(settings.LAB_MMS_ADDRESS), mmsc, settings.LAB_MMS_DOMAIN, transcodes))
    await link.open()
    return link


async def _tear_down(lab: Equipment) -> None:
    lab.lag.stop()
    await lab.smsc.close()
    if lab.mms:
        await lab.mms.close()
    await lab.agent.close()
    lab.calculator.close()


def _address(host_port: str) -> tuple[str, int]:
    host, _, port = host_port.rpartition(":")
    return host, int(port)
