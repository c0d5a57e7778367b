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
from tests.factories import NumberFactory
from tests.ports import reserve
from tests.testing_lab.test_against_a_carrier import break_number, buy_numbers
from tests.testing_lab.test_daemon import meet

pytestmark = pytest.mark.django_db(transaction=True)

JUDGED = {"V10", "V11", "V16", "V17"}


@pytest.fixture(autouse=True)
def _leave_no_connection() -> Iterator[None]:
    """The daemon asks from threads: what they gave back to the pool must not hold the test database."""
    yield
    cast("DatabaseWrapper", connection).close_pool()


def stock_up(numbers: list[str]) -> None:
    """A local, a national, and two local numbers that were in service before; limits of today for some of them."""
    used: list[dict[str, Any]] = [
        {"number_type": NumberType.LOCAL},
        {"number_type": NumberType.NATIONAL},
        *({"number_type": NumberType.LOCAL, "cleared_at": timezone.now()} for _ in range(2)),
    ]
    for number, life in zip(numbers, used, strict=True):
        life["declared_capabilities"] = int(Capability.VOICE)
        NumberFactory.create(testing=True, e164=int(number), capabilities=0, **life)
    today = timezone.now().date()
    lenient = LimitRow("V11", "cause_16", "required", 0, today, "a contract", "US", NumberType.NATIONAL)
    short = LimitRow("V16", "alive_s", "s", 8, today, "so that the test is short")
    still_to_come = LimitRow("V11", "cause_16", "required", 0, date(9999, 1, 1), "never", "US", NumberType.LOCAL)
    for row in (lenient, short, still_to_come):
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
            await break_number(carrier, number, {"kind": "wrong_release", "severity": "cause_dropped"})
        await break_number(carrier, released, {"kind": "cli", "severity": "wrong"})
        await in_thread(stock_up, numbers)
        stop = asyncio.Event()
        daemon = asyncio.create_task(Daemon("lab-under-test").run(stop))
        async with asyncio.timeout(300):  # a busy machine tries again after half a minute
            while await in_thread(waiting):
                await asyncio.sleep(0.5)
        stop.set()
        await daemon
    by_number = {number: await in_thread(found, number) for number in numbers}
    assert by_number[strict]["V11"] == ("fail", "<= 1 s, cause 16 required; busy stays 486")
    assert by_number[lenient]["V11"] == ("pass", "<= 1 s, cause 16 optional; busy stays 486")
    assert by_number[lenient]["V16"] == ("pass", ">= 8 s on hold, refreshed; match >= 0.3 afterwards")
    assert {code: outcome for code, (outcome, _) in by_number[released].items()} == {
        "V10": "fail",
        "V11": "not_performed",
        "V16": "not_performed",
        "V17": "not_performed",
    }
    assert {code: outcome for code, (outcome, _) in by_number[healthy].items()} == dict.fromkeys(JUDGED, "pass")
    assert await in_thread(seen_of, released) == {"InboundCall"}
    assert {await in_thread(purpose_of, number) for number in (released, healthy)} == {Purpose.REUSE}


def purpose_of(number: str) -> str:
    return SuiteRun.objects.get(number__e164=int(number)).purpose
