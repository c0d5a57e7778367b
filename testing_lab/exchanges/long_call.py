"""C4: a call to the number that is held for as long as it takes to see its session refreshed, and then resumed.

It lies beneath the other calls of the number, so it also sees how many the number carries at once. The session timer
asks for RFC 4028's shortest interval, 90 s: the refresh is due after 45 s, within the `hold_s` of the hold.
"""

import asyncio
import contextlib
from dataclasses import dataclass
from typing import ClassVar

from testing_lab.equipment import Equipment
from testing_lab.exchanges import offers
from testing_lab.exchanges.arrivals import is_same
from testing_lab.exchanges.ends import two_ends
from testing_lab.exchanges.lanes import Lane
from testing_lab.exchanges.placed_call import PlacedCall
from testing_lab.exchanges.talk import SpokenCall, talk
from testing_lab.media.session import RtpSession
from testing_lab.sip import sdp
from testing_lab.sip.errors import SipError
from testing_lab.sip.incoming import IncomingCall

MARGIN_S = 1.0
RESUMED_S = 2.0
LOOK_S = 1.0
REINVITE_LIMIT_S = 5.0
FAR_END_LIMIT_S = 3.0
SESSION = (("Session-Expires", "90;refresher=uac"), ("Min-SE", "90"))


@dataclass(slots=True)
class LongCall(SpokenCall):
    """`alive_s` from the answer until the resume, or until an end dropped out; None when it was never answered.

    `hold_status` and `resume_status` are the answers to the re-INVITEs, None when there was none. `refresh_due_s` is
    the time from one session refresh to the next, None when no timer was agreed, or it was ended before there was one;
    `refreshes` how many there were on hold. `lost` tells a trunk that knew nothing of the call any more. `most_at_once`
    counts the number's calls. Its ends speak after the resume.
    """

    alive_s: float | None = None
    dropped: str = ""
    lost: bool = False
    hold_status: int | None = None
    resume_status: int | None = None
    refresh_due_s: float | None = None
    refreshes: int = 0
    most_at_once: int = 0
    lane: ClassVar[Lane] = Lane.HELD_CALL

    @property
    def hold_s(self) -> float:
        """How long the call is held: as long as it must stay up, and a little."""
        return self.line.limits["V16", "alive_s"] + MARGIN_S

    async def live_through(self, placed: PlacedCall, lab: Equipment) -> None:
        """Dial with a session timer, hold, wait, resume, speak."""
        async with two_ends(RtpSession.open, lab.host) as (near, far):
            incoming = await placed.dial(
                caller=str(self.line.reference),
                sdp=sdp.offer(lab.host, near.port),
                headers=[("P-Asserted-Identity", f"<sip:{self.line.reference}@{lab.host}>"), *SESSION],
            )
            if incoming is None or not await placed.answer(lab.host, far.port):
                return
            began = _now()
            self.hold_status = await _offer(placed, sdp.offer(lab.host, near.port, direction="sendonly"))
            await self._stay(placed, incoming, lab)
            self.alive_s = _now() - began
            if placed.call.ended.is_set() or incoming.ended.is_set():
                await self._learn_who_dropped(placed, incoming)
            else:
                await self._resume(placed, incoming, lab)

    async def _stay(self, placed: PlacedCall, incoming: IncomingCall, lab: Equipment) -> None:
        call = placed.call
        self.refresh_due_s, before = call.refresh_due_s, len(call.refreshes)
        ends = [asyncio.create_task(each.ended.wait()) for each in (call, incoming)]
        try:
            async with asyncio.timeout(self.hold_s):
                while not any(end.done() for end in ends):
                    self.most_at_once = max(self.most_at_once, self._calls_up(lab))
                    await asyncio.wait(ends, timeout=LOOK_S, return_when=asyncio.FIRST_COMPLETED)
        except TimeoutError:
            pass
        finally:
            self.refreshes = len(call.refreshes) - before
            if call.refresh_due_s is None and not self.refreshes:
                self.refresh_due_s = None  # the network has ended the timer, so none is missing
            for end in ends:
                end.cancel()

    def _calls_up(self, lab: Equipment) -> int:
        """How many calls to the number, or from it, are answered at this moment: seen where they come in."""
        ours = str(self.line.number)
        calls = [call for call in lab.agent.calls if isinstance(call, IncomingCall) and call.answered_at is not None]
        return sum(any(is_same(number, ours) for number in (call.called, call.caller)) for call in calls)

    async def _learn_who_dropped(self, placed: PlacedCall, incoming: IncomingCall) -> None:
        """A refresh that is answered 481 ends the call (RFC 4028 10) with a BYE of ours.

        Where that reaches the far end, the route still knew the call and would not refresh it; else the trunk had lost
        the call: it may have been restarted.
        """
        call = placed.call
        self.dropped = f"caller {call.ended_by or 'up'}, number {incoming.ended_by or 'up'}"
        if call.ended_by == "timeout":
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(incoming.ended.wait(), FAR_END_LIMIT_S)
            self.lost = not incoming.ended.is_set()

    async def _resume(self, placed: PlacedCall, incoming: IncomingCall, lab: Equipment) -> None:
        """Take the call off hold, at new ports (RFC 3264 8.3.1): what was opened before the hold measured nothing."""
        async with two_ends(RtpSession.open, lab.host) as ends:
            far = ends[1].port
            incoming.on_offer = lambda offer: offers.answer_anything(offer, lab.host, far, incoming.local_sdp)
            self.resume_status = await _offer(placed, sdp.offer(lab.host, ends[0].port))
            if self.resume_status is not None and self.resume_status < 300:
                self.talk = await talk(placed, ends, lab, seed=f"{self.line.seed}:resumed", s=RESUMED_S)
                self.our_trouble |= self.talk.our_trouble


async def _offer(placed: PlacedCall, description: bytes) -> int | None:
    try:
        following = sdp.following(description, placed.call.local_sdp)
        return (await placed.call.reinvite(following, REINVITE_LIMIT_S)).status
    except SipError:
        return None


def _now() -> float:
    return asyncio.get_running_loop().time()
