"""A machine that is too busy to measure says so: it never fails a good number."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from testing_lab.exchanges.inbound_call import InboundCall
from testing_lab.models import Outcome
from testing_lab.registry import all_tests
from testing_lab.suite_runner import run_suite
from tests.carrier import RunningCarrier
from tests.testing_lab import test_against_a_carrier
from tests.testing_lab.test_against_a_carrier import buy_numbers, equipment, line, told

carrier, inbound = test_against_a_carrier.carrier, test_against_a_carrier.inbound  # its fixtures
AT_ONCE = 2


@contextmanager
def hogs() -> Iterator[None]:
    """Two busy processes for each core, at our own priority."""
    with ExitStack() as stack:
        for _ in range(2 * (os.cpu_count() or 1)):
            hog = subprocess.Popen([sys.executable, "-c", "while True: pass"])
            stack.callback(hog.wait)
            stack.callback(hog.kill)
        yield


async def test_a_good_number_is_never_failed_beside_a_cpu_hog(
    carrier: RunningCarrier, inbound: tuple[str, int]
) -> None:
    of_the_call = [test for test in all_tests() if test.exchanges == (InboundCall,)]
    numbers = await buy_numbers(carrier, AT_ONCE)
    async with equipment(carrier, inbound) as lab:
        with hogs():
            reports = await asyncio.gather(*(run_suite(line(number), lab, of_the_call) for number in numbers))
    for report in reports:
        assert not report.failing, told(report)
        if report.verdict is None:
            unclear = {f.detail for f in report.findings.values() if f.outcome == Outcome.INCONCLUSIVE}
            assert report.our_trouble, unclear
