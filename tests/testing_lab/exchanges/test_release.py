"""Hanging up: what the far end hears of it, and what silence means."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from testing_lab.exchanges import release
from testing_lab.exchanges.release import Release
from testing_lab.media.instrument import LoopLag
from testing_lab.sip import IncomingCall, OutgoingCall, UserAgent
from tests.testing_lab.sip.peer import SOME_SDP

Connected = tuple[OutgoingCall, IncomingCall]
Connect = Callable[[], Awaitable[Connected]]


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    near, far = await UserAgent.start("127.0.0.1", 0), await UserAgent.start("127.0.0.1", 0)
    arrived: list[IncomingCall] = []

    async def take(call: IncomingCall) -> None:
        arrived.append(call)
        await call.answer(SOME_SDP)

    far.on_invite = take

    async def make() -> Connected:
        call = await near.invite("sip:+14155550123@lab", via=far.address, caller="+12025550142", sdp=SOME_SDP)
        await call.final(30)
        return call, arrived[-1]

    yield make
    await near.close(grace=0.2)
    await far.close(grace=0.2)


async def test_the_far_end_hears_when_and_why(connect: Connect) -> None:
    call, far = await connect()
    seen = await release.hang_up(call, far, LoopLag())
    assert seen.latency_s is not None
    assert 0 <= seen.latency_s < 5
    assert seen == Release(seen.latency_s, cause=16)


async def test_a_call_that_the_other_side_ended_was_not_released_by_us(connect: Connect) -> None:
    call, far = await connect()
    await far.bye()
    assert await release.hang_up(call, far, LoopLag()) == Release(unasked=True)


async def test_a_bye_that_somebody_else_answers_has_not_come(connect: Connect) -> None:
    call, _ = await connect()
    _, bystander = await connect()
    assert await release.hang_up(call, bystander, LoopLag()) == Release()


async def test_a_bye_that_nobody_answers_was_swallowed_if_the_call_still_stands(connect: Connect) -> None:
    call, far = await connect()
    receive = far.receive
    far.receive = lambda transaction, request: None if request.method == "BYE" else receive(transaction, request)  # type: ignore[method-assign]  # a trunk that swallows it
    assert await release.hang_up(call, far, LoopLag()) == Release()


async def test_a_bye_that_is_answered_481_finds_a_trunk_that_lost_the_call(connect: Connect) -> None:
    call, lost = await connect()
    _, bystander = await connect()
    lost.drop()
    assert (await release.hang_up(call, bystander, LoopLag())).forgotten


async def test_a_trunk_that_says_nothing_any_more_has_lost_the_call(connect: Connect) -> None:
    call, far = await connect()
    far.receive = lambda *_: None  # type: ignore[method-assign]  # a trunk that is down
    assert (await release.hang_up(call, far, LoopLag())).forgotten


async def test_a_stall_of_our_own_loop_leaves_the_release_unclear(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LoopLag, "worst_ms", lambda *_: 900.0)
    call, far = await connect()
    assert await release.hang_up(call, far, LoopLag()) == Release(unclear="event loop stalled for 900 ms")
