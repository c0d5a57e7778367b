"""Routes that the lab's authors did not have in mind: what no ear minds fails no number, what every ear minds does.

The table is `faults.STRANGE`; each kind is a number of a carrier that shares no code with the lab or the sandbox.
"""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from testing_lab.calculator import Calculator
from testing_lab.equipment import Equipment, Switchboard
from testing_lab.exchanges.inbound_call import InboundCall
from testing_lab.media.instrument import LoopLag
from testing_lab.messages.bucket import TokenBucket
from testing_lab.models import Outcome
from testing_lab.registry import all_tests
from testing_lab.sip.agent import UserAgent
from testing_lab.suite_runner import SuiteReport
from tests.patience import PATIENCE
from tests.testing_lab.strangers.faults import STRANGE, Strange
from tests.testing_lab.test_against_a_carrier import reports_of, told

JUDGES = [test for test in all_tests() if test.exchanges == (InboundCall,)]


@asynccontextmanager
async def lab_at_a_strange_trunk() -> AsyncIterator[Equipment]:
    """A lab for calls alone."""
    agent, switchboard, lag = await UserAgent.start("127.0.0.1", 0), Switchboard(), LoopLag()
    agent.on_invite = switchboard.receive
    lag.start()
    carrier = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.testing_lab.strangers.carrier", f"127.0.0.1:{agent.address[1]}"),
        stdout=subprocess.PIPE,
    )
    assert carrier.stdout is not None
    ready = await asyncio.wait_for(carrier.stdout.readline(), PATIENCE)
    calculator, no_messages = Calculator(), dict[str, Any](smsc=None)
    trunk = "127.0.0.1", int(ready.split()[1])
    yield Equipment(
        host="127.0.0.1",
        agent=agent,
        trunk=trunk,
        trunk_calls=TokenBucket(20),
        switchboard=switchboard,
        lag=lag,
        calculator=calculator,
        **no_messages,
    )
    calculator.close()
    await agent.close()
    lag.stop()
    carrier.kill()
    await carrier.wait()


def is_right(report: SuiteReport, strange: Strange) -> bool:
    failing = set(report.failing)
    unclear = any(finding.outcome == Outcome.INCONCLUSIVE for finding in report.findings.values())
    return strange.fails <= failing <= strange.fails | strange.may and (bool(failing) or not unclear)


async def test_what_no_ear_minds_passes_and_what_every_ear_minds_fails() -> None:
    numbers = {f"+141555501{index:02}": strange for index, strange in enumerate(STRANGE)}
    async with lab_at_a_strange_trunk() as lab:
        reports = await reports_of(dict.fromkeys(numbers, JUDGES), lab)
    wrong = [
        f"{strange.name}: should fail {sorted(strange.fails)}: {told(reports[number])}"
        for number, strange in numbers.items()
        if not is_right(reports[number], strange)
    ]
    assert not wrong, "\n".join(wrong)
