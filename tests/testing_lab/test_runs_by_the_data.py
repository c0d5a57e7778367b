"""Through the daemon, over real sockets: a limit's row decides a verdict, and a released number is rejected early."""

import asyncio
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, cast

import pytest
from django.db import connection
from django.db.backends.postgresql.base import DatabaseWrapper
from django.utils import timezone
from pytest_django import Settings

from inventory.lifecycle import State
from inventory.models import PhoneNumber
from numbering.types import Capability, NumberType
from testing_lab import suite_runner
from testing_lab.asking import in_thread
from testing_lab.daemon import Daemon
from testing_lab.limits import LimitRow
from testing_lab.models import Evidence, Limit, Purpose, Result, SuiteRun
from testing_lab.registry import all_tests
from tests.carrier import start_carrier
from tests.factories import NumberFactory, ProviderFactory
from tests.ports import reserve
from tests.testing_lab.test_against_a_carrier import break_number, buy_numbers
from tests.testing_lab.test_daemon import meet

pytestmark = pytest.mark.django_db(transaction=True)

JUDGED = {"V10", "V17"}  # of signalling alone: however busy the machine, they are judged

CLI = "the caller's exact E.164 number"


@pytest.fixture(autouse=True)
def _leave_no_connection() -> Iterator[None]:
    """The daemon asks from threads: what they gave back to the pool must not hold the test database."""
    yield
    cast("DatabaseWrapper", connection).close_pool()


def stock_up(numbers: list[str]) -> None:
    """All were in service before, the second is a national number; limits of today for some of them."""
    kinds = [NumberType.LOCAL, NumberType.NATIONAL, NumberType.LOCAL, NumberType.LOCAL]
    sold: dict[str, Any] = {"declared_capabilities": int(Capability.VOICE), "capabilities": 0}
    for number, kind in zip(numbers, kinds, strict=True):
        provider = ProviderFactory.create(adapter="")  # nobody registers emergency addresses: E01 does not apply
        life: dict[str, Any] = {"number_type": kind, "cleared_at": timezone.now(), "provider": provider}
        NumberFactory.create(testing=True, e164=int(number), **life, **sold)
    today = timezone.now().date()
    one_channel = LimitRow("V17", "channels", "calls", 1, today, "a contract", "US", NumberType.NATIONAL)
    still_to_come = LimitRow("V17", "channels", "calls", 1, date(9999, 1, 1), "never", "US", NumberType.LOCAL)
    short = LimitRow("V16", "alive_s", "s", 12, today, "so that the test is short")
    for row in (one_channel, still_to_come, short):
        Limit.of(row).save()


def waiting() -> bool:
    return PhoneNumber.objects.filter(state=State.TESTING).exists()


def found(number: str) -> dict[str, tuple[str, str]]:
    """Outcome and limit by code, of the attempt that decided."""
    run = SuiteRun.objects.get(number__e164=int(number))
    results = Result.objects.filter(run=run, attempt=run.attempt, code__in=JUDGED)
    return {result.code: (result.outcome, result.limit) for result in results}


def seen_of(number: str) -> set[str]:
    return set(Evidence.objects.filter(run__number__e164=int(number)).values_list("exchange", flat=True))


async def test_a_row_decides_a_verdict_and_a_released_number_is_rejected_without_a_long_call(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = tuple(test for test in all_tests() if test.code in JUDGED)
    monkeypatch.setattr(suite_runner, "all_tests", lambda: few)
    inbound = "127.0.0.1", reserve()
    with start_carrier(tmp_path, inbound_sip=inbound) as carrier:
        meet(settings, carrier, inbound)
        strict, lenient, released, healthy = numbers = await buy_numbers(carrier, 4)
        for number in (strict, lenient):
            await break_number(carrier, number, {"kind": "channels", "severity": "one_busy"})
        await break_number(carrier, released, {"kind": "cli", "severity": "wrong"})
        await in_thread(stock_up, numbers)
        stop = asyncio.Event()
        daemon = asyncio.create_task(Daemon("lab-under-test").run(stop))
        async with asyncio.timeout(600):  # a busy machine tries again after half a minute
            while await in_thread(waiting):
                await asyncio.sleep(0.5)
        stop.set()
        await daemon
    by_number = {number: await in_thread(found, number) for number in numbers}
    assert by_number[strict] == {"V10": ("pass", CLI), "V17": ("fail", ">= 2 at once")}
    assert by_number[lenient] == {"V10": ("pass", CLI), "V17": ("pass", ">= 1 at once")}
    assert by_number[released] == {"V10": ("fail", CLI), "V17": ("not_performed", ">= 2 at once")}
    assert by_number[healthy] == {"V10": ("pass", CLI), "V17": ("pass", ">= 2 at once")}
    assert await in_thread(seen_of, released) == {"InboundCall"}
    assert {await in_thread(purpose_of, number) for number in numbers} == {Purpose.REUSE}


def purpose_of(number: str) -> str:
    return SuiteRun.objects.get(number__e164=int(number)).purpose
