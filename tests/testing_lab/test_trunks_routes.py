"""The routes of a daemon follow the rows, and calls in hand end as they began."""

import asyncio
from collections.abc import AsyncIterator
from datetime import time

import pytest

from testing_lab.models import Trunk
from testing_lab.sip import UserAgent
from testing_lab.trunks import rows
from testing_lab.trunks.route import Route
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
        Trunk(pk=2, name="second", address="198.51.100.7:5060", preference=2, most_calls=2),
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


async def test_what_staff_change_makes_a_new_route_and_what_they_leave_alone_keeps_what_is_known(
    agent: UserAgent, staff: list[Trunk]
) -> None:
    routes = Routes("lab-1", agent, asyncio.Event())
    await routes.refresh()
    before = list(routes.in_order)
    for route in before:
        route.health.note("")
    staff[1] = Trunk(
        pk=2,
        name="second",
        address="198.51.100.8:5060",
        preference=2,
        username="yard",
        password="of its own",
        quiet_from=time(22),
        quiet_until=time(7),
    )
    await routes.refresh()
    first, second = routes.in_order
    assert (first, second is before[1]) == (before[0], False)
    assert (second.address, second.quiet is not None, second.health.is_up) == (("198.51.100.8", 5060), True, None)
    assert agent.endpoint.logins.keys() == {("198.51.100.8", 5060)}
    staff[1] = Trunk(pk=2, name="second", address="198.51.100.8:5060", preference=0)
    await routes.refresh()
    assert agent.endpoint.logins == {}, "nor is the password used any more"


async def test_each_answer_and_each_silence_is_told_with_who_asked(
    agent: UserAgent, staff: list[Trunk], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = list[tuple[int, str, str, bool]]()
    answers = {"first": iter(["", "", "silence", "silence"]), "second": iter(["403", "403", "403", "403"])}
    monkeypatch.setattr(rows, "note_answer", lambda *said, changed: told.append((*said, changed)))

    async def ask(route: Route, _: UserAgent) -> str:
        return next(answers[route.name])

    monkeypatch.setattr(Route, "ask", ask)
    routes = Routes("lab-1", agent, asyncio.Event())
    await routes.refresh()
    for _ in range(4):
        for known in routes._known.values():
            await routes._look_at(known)
    of_first = [(trouble, changed) for trunk, daemon, trouble, changed in told if (trunk, daemon) == (1, "lab-1")]
    assert of_first == [("", True), ("", False), ("silence", False), ("silence", True)]
    assert [changed for trunk, _, _, changed in told if trunk == 2] == [True, False, False, False]


async def test_a_trunk_bears_half_as_many_suites_as_calls_and_no_more_than_its_rate_can_begin_in_time(
    agent: UserAgent, staff: list[Trunk]
) -> None:
    routes = Routes("lab-1", agent, asyncio.Event())
    await routes.refresh()
    assert routes.room == 5
    for _ in range(2):
        routes.in_order[0].health.note("silence")
    assert routes.room == 1
    staff[1] = Trunk(pk=2, name="second", address="198.51.100.7:5060", preference=2, calls_per_second=1.0)
    await routes.refresh()
    assert routes.room == 20
