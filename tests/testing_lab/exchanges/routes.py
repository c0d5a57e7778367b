"""Trunks that a test makes of a user agent: back-to-back, so that what they say is up to them."""

from collections.abc import Awaitable, Callable

from testing_lab.equipment import Equipment
from testing_lab.line import Line
from testing_lab.sip import IncomingCall, UserAgent
from tests.testing_lab.sip.peer import SOME_SDP

Takes = Callable[[IncomingCall], Awaitable[None]]


def passes_on(trunk: UserAgent, lab: Equipment, line: Line, *, offer: bytes = SOME_SDP, answer: bytes) -> Takes:
    """The trunk brings the lab's call back to the lab, with descriptions of its own."""

    async def take(call: IncomingCall) -> None:
        onward = await trunk.invite(
            f"sip:{line.number}@lab.example", via=lab.agent.address, caller=str(line.reference), sdp=offer
        )
        final = await onward.final(60)
        if final.status >= 300:
            await call.reject(final.status)
            return
        await call.answer(answer)
        await call.ended.wait()
        await onward.hang_up()

    return take
