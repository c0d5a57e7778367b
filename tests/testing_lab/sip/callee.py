"""A stranger whom we call: what it does, as a script for SIPp, and what we must make of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from testing_lab.sip import OutgoingCall
from tests.patience import PATIENCE

from .peer import SOME_SDP
from .script import agrees, answers, asks, audio, hears

Drive = Callable[[OutgoingCall], Awaitable[None]]
ACK_AND_BYE = hears("ACK"), hears("BYE"), agrees()
TIMER = (("Session-Expires", "90"),)
HANGS_UP = asks("BYE", cseq=9), hears(200)


async def we_hang_up(call: OutgoingCall) -> None:
    if (await call.final(PATIENCE)).status == 200:
        assert (await call.bye(timeout=PATIENCE)).status == 200


async def they_hang_up(call: OutgoingCall) -> None:
    await call.final(PATIENCE)
    await asyncio.wait_for(call.ended.wait(), PATIENCE)
    assert call.ended_by == "remote"


async def we_withdraw(call: OutgoingCall) -> None:
    async with asyncio.timeout(PATIENCE):
        while call.progress is None:
            await asyncio.sleep(0.01)
    await call.cancel()
    await asyncio.wait_for(call.ended.wait(), PATIENCE)
    assert call.ended_by == "cancelled"


async def we_offer_again(call: OutgoingCall) -> None:
    await call.final(PATIENCE)
    assert (await call.reinvite(SOME_SDP)).status == 200
    await call.bye(timeout=PATIENCE)


@dataclass(frozen=True)
class Callee:
    """`heard`: the responses to our INVITE, in order. `port`: where the description that counts wants the audio."""

    name: str
    script: Sequence[str]
    heard: Sequence[int] = (200,)
    port: int | None = 6000
    drive: Drive = we_hang_up
    headers: Sequence[tuple[str, str]] = ()
    refreshes: int = 0


INVITED = hears("INVITE")
ANSWERED = answers("200 OK", body=audio(6000))
RELIABLY = "Require: 100rel"
