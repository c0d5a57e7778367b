"""Exchanges whose parties all live in one event loop need no time."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from testing_lab.equipment import Equipment, Switchboard
from testing_lab.media.instrument import LoopLag
from testing_lab.sip import UserAgent
from testing_lab.trunks.limits import OwnLimits
from testing_lab.trunks.route import Route
from tests.testing_lab.sip.clock import StillLoop
from tests.testing_lab.sip.peer import ScriptedPeer


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"still": StillLoop}


@pytest.fixture
async def trunk() -> AsyncIterator[UserAgent]:
    agent = await UserAgent.start("127.0.0.1", 0)
    yield agent
    await agent.close(grace=0.2)


@pytest.fixture
async def lab(trunk: UserAgent) -> AsyncIterator[Equipment]:
    agent, switchboard = await UserAgent.start("127.0.0.1", 0), Switchboard()
    agent.on_invite = switchboard.receive
    no_media_no_messages = {"smsc": None, "calculator": None}
    yield Equipment(
        host="127.0.0.1",
        agent=agent,
        routes=[Route("trunk", trunk.address, OwnLimits(1000))],
        switchboard=switchboard,
        lag=LoopLag(),
        **no_media_no_messages,  # type: ignore[arg-type]  # no call here gets so far
    )
    await agent.close(grace=0.2)


@pytest.fixture
async def far_end() -> AsyncIterator[ScriptedPeer]:
    peer = await ScriptedPeer.start()
    yield peer
    peer.close()
