"""A lab, for calls alone, whose trunk is the hand-made carrier."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from testing_lab.calculator import Calculator
from testing_lab.equipment import Equipment, Switchboard
from testing_lab.media.instrument import LoopLag
from testing_lab.sip.agent import UserAgent
from testing_lab.trunks.limits import OwnLimits
from testing_lab.trunks.route import Route
from tests.patience import PATIENCE


@asynccontextmanager
async def lab_at_a_strange_trunk(*, capture: Path | None = None) -> AsyncIterator[Equipment]:
    """`capture`: where the carrier shall write what it hears of the lab."""
    async with lab_without_a_trunk() as lab:
        carrier, trunk = await _start_carrier(f"127.0.0.1:{lab.agent.address[1]}", *([str(capture)] if capture else []))
        try:
            yield lab.over(Route("strange", trunk, OwnLimits(20)))
        finally:
            carrier.kill()
            await carrier.communicate()


@asynccontextmanager
async def lab_without_a_trunk() -> AsyncIterator[Equipment]:
    agent, switchboard, lag = await UserAgent.start("127.0.0.1", 0), Switchboard(), LoopLag()
    agent.on_invite = switchboard.receive
    lag.start()
    calculator, no_messages = Calculator(), dict[str, Any](smsc=None)
    try:
        yield Equipment(
            host="127.0.0.1",
            agent=agent,
            routes=[],
            switchboard=switchboard,
            lag=lag,
            calculator=calculator,
            **no_messages,
        )
    finally:
        calculator.close()
        await agent.close()
        lag.stop()


async def _start_carrier(*arguments: str) -> tuple[asyncio.subprocess.Process, tuple[str, int]]:
    command = (sys.executable, "-m", "tests.testing_lab.strangers.carrier", *arguments)
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    ready = await asyncio.wait_for(process.stdout.readline(), PATIENCE)
    return process, ("127.0.0.1", int(ready.split()[1]))
