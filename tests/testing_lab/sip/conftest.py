"""User agents and hand-played peers, closed after each test, in a time of their own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from testing_lab.sip import UserAgent

from .clock import StillLoop
from .peer import ScriptedPeer

AgentFactory = Callable[..., Awaitable[UserAgent]]


def pytest_asyncio_loop_factories(item: pytest.Item) -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The clock stands still, except for SIPp: it is a process of its own and lives in the world's time."""
    if "sipp" in getattr(item, "fixturenames", ()):
        return {"real time": asyncio.SelectorEventLoop}
    return {"still": StillLoop}


@pytest.fixture
async def start_agent() -> AsyncIterator[AgentFactory]:
    started: list[UserAgent] = []

    async def start(**settings: Any) -> UserAgent:
        started.append(await UserAgent.start("127.0.0.1", 0, **settings))
        return started[-1]

    yield start
    await asyncio.gather(*(agent.close(grace=0.2) for agent in started))


@pytest.fixture
async def agent(start_agent: AgentFactory) -> UserAgent:
    return await start_agent()


@pytest.fixture
async def peer() -> AsyncIterator[ScriptedPeer]:
    played = await ScriptedPeer.start()
    yield played
    played.close()


async def eventually(holds: Callable[[], object], seconds: float = 120.0) -> None:
    """Wait until a condition holds; fail when it never does."""
    async with asyncio.timeout(seconds):
        while not holds():
            await asyncio.sleep(0.5)
