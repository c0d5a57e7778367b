"""The routes of a daemon follow the rows, and calls in hand end as they began."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from testing_lab.models import Trunk
from testing_lab.sip import UserAgent
from testing_lab.trunks import rows
from testing_lab.trunks.routes import Routes


@pytest.fixture
async def agent() -> AsyncIterator[UserAgent]:
    agent = await UserAgent.start("127.0.0.1", 0)
    yield agent
    await agent.close(0.1)


@pytest.fixture
def staff(monkeypatch: pytest.MonkeyPatch) -> list[Trunk]:
    """The rows as staff keep them."""
    kept = [
        Trunk(pk=1, name="first", address="192.0.2.7:5060", preference=1, most_calls=10),
        Trunk(pk=2, name="second", address="198.51.100.7:5060", preference=2, most_calls=1),
    ]
    monkeypatch.setattr(rows, "active", lambda: list(kept))
    return kept


def hears(agent: UserAgent, host: str) -> bool:
    return agent.endpoint._transport.admission.admits(host)


async def test_a_trunk_that_is_switched_off_is_heard_until_its_calls_are_over(
    agent: UserAgent, staff: list[Trunk]
) -> None:
    routes = Routes("lab-1", agent, asyncio.Event())
    await routes.refresh()
    del staff[1]
    await routes.refresh()
    assert [route.name for route in routes.in_order] == ["first"]
    assert [hears(agent, host) for host in ("192.0.2.7", "198.51.100.7", "203.0.113.7")] == [True, True, False]
    routes._doors["198.51.100.7"] = 0.0
    await routes.refresh()
    assert not hears(agent, "198.51.100.7")


async def test_a_trunk_bears_half_as_many_suites_as_calls(agent: UserAgent, staff: list[Trunk]) -> None:
    routes = Routes("lab-1", agent, asyncio.Event())
    await routes.refresh()
    assert routes.room == 5
    for _ in range(2):
        routes.in_order[0].health.note("silence")
    assert routes.room == 1
