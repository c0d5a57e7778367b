"""The end of a call that we hang up at one end and watch at the other."""

import asyncio
import contextlib
import time
from dataclasses import dataclass

from testing_lab.media.instrument import MAX_STALL_MS, LoopLag
from testing_lab.sip import q850
from testing_lab.sip.errors import CallTimeout, SipError
from testing_lab.sip.incoming import IncomingCall
from testing_lab.sip.outgoing import OutgoingCall

LIMIT_S = 4.0
WATCH_S = 3.0  # beyond the limit: how late a BYE came is worth knowing


@dataclass(frozen=True, slots=True)
class Release:
    """How our BYE came through.

    `latency_s` is None when it had not come while it was watched for; `cause` is the Q.850 cause in its Reason as it
    arrived.
    `unasked`: the network ended the call before we did. `forgotten`: the trunk knew nothing of the call any more, and
    what was seen of it says nothing about the number. `unclear` says why nothing was measured.
    """

    latency_s: float | None = None
    cause: int | None = None
    unasked: bool = False
    forgotten: bool = False
    unclear: str = ""


async def hang_up(call: OutgoingCall, far: IncomingCall, lag: LoopLag, *, limit_s: float = 1.0) -> Release:
    """Hang up an answered call with Q.850 cause 16, normal clearing, and see what the far end hears of it.

    It should in `limit_s` seconds, and is watched for WATCH_S longer.
    """
    if call.ended.is_set() or far.ended.is_set():
        with contextlib.suppress(SipError, TimeoutError):
            await call.hang_up(LIMIT_S)
        return Release(unasked=True)
    begun_ns = time.monotonic_ns()
    forgotten = await say_goodbye(call) and far.ended_by != "remote"  # who passes the BYE on knows the call
    left_s = limit_s + WATCH_S - (time.monotonic_ns() - begun_ns) / 1e9
    if not forgotten:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(far.ended.wait(), max(left_s, 0.01))
    stall_ms = lag.worst_ms(begun_ns, time.monotonic_ns())
    if stall_ms > MAX_STALL_MS:
        return Release(forgotten=forgotten, unclear=f"event loop stalled for {stall_ms:.0f} ms")
    if far.ended_at is None:
        return Release(forgotten=forgotten)
    return Release(far.ended_at - begun_ns / 1e9, q850.cause_of(far.end_reason), forgotten=forgotten)


async def is_forgotten(call: OutgoingCall) -> bool:
    """Hang up, or withdraw the INVITE; whether nobody knew the call any more: the trunk was restarted meanwhile, or is
    down, and what we saw says nothing about the number.
    """
    if call.ended.is_set():
        return not call.responses
    return await (withdraw(call) if call.answered_at is None else say_goodbye(call))


async def say_goodbye(call: OutgoingCall) -> bool:
    """Send the BYE; whether the trunk had lost the call: it was restarted meanwhile, or is down.

    A BYE is then answered 481, or not at all (RFC 3261 15.1.2). One that a living trunk swallows is told from that by
    the call itself: the far end still answers in it.
    """
    try:
        heard = await call.bye(reason=q850.reason(q850.NORMAL_CLEARING), timeout=LIMIT_S)
    except CallTimeout:
        return not await _still_stands(call)
    except SipError:
        return True
    return heard.status == 481


async def _still_stands(call: OutgoingCall) -> bool:
    try:
        return (await call.ask("OPTIONS", timeout=LIMIT_S)).status < 300
    except SipError:
        return False


async def withdraw(call: OutgoingCall) -> bool:
    """Withdraw an unanswered INVITE; whether nobody knew it any more: the CANCEL brought no 487 (RFC 3261 9.2)."""
    try:
        async with asyncio.timeout(LIMIT_S):
            return (await call.cancel()).status == 481
    except (SipError, TimeoutError):
        return True
