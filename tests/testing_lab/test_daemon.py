"""The daemon from end to end: a number in TESTING is called, written to, judged and moved; a stop loses nothing."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast
from unittest.mock import Mock

import pytest
from django.db import connection
from django.db.backends.postgresql.base import DatabaseWrapper
from pytest_django import Settings

from inventory.lifecycle import State
from inventory.models import PhoneNumber
from numbering.types import Capability
from testing_lab import daemon as daemon_module
from testing_lab import suite_runner
from testing_lab.asking import in_thread
from testing_lab.daemon import MOST_BEGUN, Daemon
from testing_lab.exchanges.long_call import LongCall
from testing_lab.messages.link import SmscLink
from testing_lab.models import Outcome, Result, RunState, SuiteRun
from testing_lab.pace import Pace
from testing_lab.registry import all_tests
from testing_lab.services import claims
from testing_lab.sole_use import InUse
from tests.carrier import RunningCarrier, start_carrier
from tests.factories import NumberFactory, ProviderFactory
from tests.patience import PATIENCE
from tests.ports import reserve
from tests.testing_lab.locks import locks_held
from tests.testing_lab.test_against_a_carrier import buy_numbers

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _leave_no_connection() -> Iterator[None]:
    """The daemon asks from threads: what they gave back to the pool must not hold the test database."""
    yield
    cast("DatabaseWrapper", connection).close_pool()


def meet(
    settings: Settings, carrier: RunningCarrier, inbound: tuple[str, int], pictures: tuple[str, int] = ("127.0.0.1", 0)
) -> None:
    """Tell the lab where this carrier is."""
    for name, (host, port) in {
        "LAB_SIP_ADDRESS": inbound,
        "LAB_TRUNK_ADDRESS": carrier.sip_address,
        "LAB_SMSC_ADDRESS": carrier.smpp_address,
        "LAB_MMS_ADDRESS": pictures,
        "LAB_MMSC_ADDRESS": carrier.mms_address,
    }.items():
        setattr(settings, name, f"{host}:{port}")
    settings.LAB_STIR_CERTIFICATES = [f"{carrier.http_url}/certificates/"]
    settings.SANDBOX_URL, settings.SANDBOX_API_KEY = carrier.http_url, carrier.api_key
    settings.LAB_SMSC_SYSTEM_ID, settings.LAB_SMSC_PASSWORD = carrier.system_id, carrier.password


def in_testing(number: str, capabilities: Capability = Capability.VOICE | Capability.SMS, *, carrier: str = "") -> int:
    """A number at the lab; from a carrier of the sandbox, which registers emergency addresses, or from nobody."""
    provider = ProviderFactory.create(slug=carrier) if carrier else ProviderFactory.create(adapter="")
    sold = {"declared_capabilities": int(capabilities), "capabilities": 0}
    return int(NumberFactory.create(testing=True, e164=int(number), provider=provider, **sold).pk)


def state_of(pk: int) -> str:
    return PhoneNumber.objects.get(pk=pk).state


def passed_tests() -> set[str]:
    return set(Result.objects.filter(outcome=Outcome.PASS).values_list("code", flat=True))


def open_runs() -> list[str]:
    return list(SuiteRun.objects.exclude(state=RunState.DONE).values_list("state", flat=True))


async def test_a_number_is_tested_and_goes_to_quarantine(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = tuple(test for test in all_tests() if LongCall not in test.exchanges)
    monkeypatch.setattr(suite_runner, "all_tests", lambda: quick)
    inbound, pictures = ("127.0.0.1", reserve()), ("127.0.0.1", reserve())
    settings.LAB_FURTHER_REFERENCE_NUMBERS = ["+13025550142", "+13075550187"]
    ours = [settings.LAB_REFERENCE_NUMBER, *settings.LAB_FURTHER_REFERENCE_NUMBERS]
    with start_carrier(tmp_path, inbound_sip=inbound, inbound_mms=pictures, reference_numbers=ours) as carrier:
        meet(settings, carrier, inbound, pictures)
        sold = Capability.VOICE | Capability.SMS | Capability.MMS
        pk = await in_thread(in_testing, (await buy_numbers(carrier, 1))[0], sold, carrier="tern")
        stop = asyncio.Event()
        daemon = asyncio.create_task(Daemon("lab-under-test").run(stop))
        async with asyncio.timeout(600):  # a busy machine tries again after half a minute
            while await in_thread(state_of, pk) == State.TESTING:
                await asyncio.sleep(0.5)
        stop.set()
        await daemon
    assert await in_thread(state_of, pk) == State.QUARANTINED
    assert await in_thread(open_runs) == []
    assert await in_thread(passed_tests) >= {"E01", "M01", "S01", "S02", "S03", "S04", "S05", "V01"}


async def test_a_stop_in_the_middle_gives_the_run_back(tmp_path: Path, settings: Settings) -> None:
    inbound = "127.0.0.1", reserve()
    with start_carrier(tmp_path, inbound_sip=inbound) as carrier:
        meet(settings, carrier, inbound)
        pk = await in_thread(in_testing, (await buy_numbers(carrier, 1))[0])
        stop = asyncio.Event()
        daemon = asyncio.create_task(Daemon("lab-under-test").run(stop))
        async with asyncio.timeout(PATIENCE):
            while await in_thread(open_runs) != [RunState.CLAIMED]:
                await asyncio.sleep(0.2)
        stop.set()
        await daemon
    assert await in_thread(state_of, pk) == State.TESTING
    assert await in_thread(open_runs) == [RunState.DUE]


async def test_a_stop_gives_the_run_back_though_nobody_answers_its_farewells(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = asyncio.Event()

    async def unanswered(*_: object, **__: object) -> None:
        try:
            begun.set()
            await asyncio.Event().wait()
        finally:
            await asyncio.Event().wait()

    monkeypatch.setattr(daemon_module, "run_suite", unanswered)
    monkeypatch.setattr(daemon_module, "FAREWELL_S", 0.1)
    inbound = "127.0.0.1", reserve()
    with start_carrier(tmp_path, inbound_sip=inbound) as carrier:
        meet(settings, carrier, inbound)
        await in_thread(in_testing, "14155550123")
        stop = asyncio.Event()
        daemon = asyncio.create_task(Daemon("lab-under-test").run(stop))
        async with asyncio.timeout(PATIENCE):
            await begun.wait()
            stop.set()
            await daemon
    assert await in_thread(open_runs) == [RunState.DUE]


@pytest.mark.parametrize(("owner", "name"), [(claims, "renew"), (SmscLink, "bound")])
async def test_a_daemon_that_can_no_longer_keep_its_leases_or_watch_its_doors_ends(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, owner: Any, name: str
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a bug of ours")

    monkeypatch.setattr(owner, name, property(broken) if owner is SmscLink else broken)
    settings.LAB_SIP_ADDRESS, settings.LAB_TRUNK_ADDRESS, settings.LAB_SMSC_ADDRESS = ("127.0.0.1:0",) * 3
    with pytest.raises(RuntimeError, match="a bug of ours"):
        async with asyncio.timeout(PATIENCE):
            await Daemon("lab-under-test").run(asyncio.Event())


async def test_a_second_daemon_with_the_same_settings_does_not_start(settings: Settings) -> None:
    settings.LAB_SIP_ADDRESS, settings.LAB_TRUNK_ADDRESS, settings.LAB_SMSC_ADDRESS = ("127.0.0.1:0",) * 3
    stop = asyncio.Event()
    first = asyncio.create_task(Daemon("first").run(stop))
    async with asyncio.timeout(PATIENCE):
        while await in_thread(locks_held) < 4:
            await asyncio.sleep(0.02)
    with pytest.raises(InUse, match=re.escape("bind lab at 127.0.0.1:0, reference number +12025550142")):
        async with asyncio.timeout(PATIENCE):
            await Daemon("second").run(asyncio.Event())
    stop.set()
    await first
    async with asyncio.timeout(PATIENCE):
        while await in_thread(locks_held) > 0:
            await asyncio.sleep(0.02)


async def test_few_suites_begin_at_once(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    settings.LAB_CONCURRENCY = 50
    asked: list[int] = []
    monkeypatch.setattr(Pace, "FIRST", 50)

    def claim(_name: str, room: int, _closed: Capability) -> list[SuiteRun]:
        asked.append(room)
        return []

    monkeypatch.setattr(claims, "claim", claim)
    monkeypatch.setattr(claims, "open_runs", lambda *_: 0)
    routes = Mock(room=100, any_up=True, quiet=lambda: None)
    await Daemon("lab-under-test")._take_on(Mock(), routes, asyncio.Event())
    assert asked == [MOST_BEGUN]
