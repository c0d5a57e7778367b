"""User agents with quick timers, and hand-played peers, closed after each test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from testing_lab.sip import Timers, UserAgent

from .peer import ScriptedPeer

# RFC 3261's timers, 25 times as fast: 64*T1 is 1.28 s.
QUICK = Timers(t1=0.02, t2=0.16, t4=0.2)

AgentFactory = Callable[..., Awaitable[UserAgent]]


@pytest.fixture
async def start_agent() -> AsyncIterator[AgentFactory]:
    started: list[UserAgent] = []

    async def start(**settings: Any) -> UserAgent:
        agent = await UserAgent.start("127.0.0.1", 0, **{"timers": QUICK, **settings})
        started.append(agent)
        return agent

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


async def eventually(holds: Callable[[], object], seconds: float = 3.0) -> None:
    """Wait until a condition holds; fail when it never does."""
    async with asyncio.timeout(seconds):
        while not holds():
            await asyncio.sleep(0.005)
