"""C1: the lab calls the number and answers at its own inbound trunk. One clock, both ends.

The call goes lab -> trunk -> number -> lab's inbound trunk. While it rings, the far end sends early media; answered,
each end says its own speech (`media.speech`); then we hang up. Everything the C1 tests need is read off afterwards.
"""

import asyncio
import contextlib
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

import numpy as np

from testing_lab.equipment import Equipment
from testing_lab.evidence import dialogue
from testing_lab.evidence.passage import Passage, passage_and
from testing_lab.exchanges import release
from testing_lab.exchanges.arrivals import Arrivals
from testing_lab.exchanges.ends import agree, agreed, destination, two_ends
from testing_lab.exchanges.release import Release
from testing_lab.exchanges.routed_call import RoutedCall
from testing_lab.findings import BrokenOff, OutsideTrouble
from testing_lab.line import Line
from testing_lab.media import g711, instrument, ringback, speech
from testing_lab.media.instrument import MAX_STALL_MS
from testing_lab.media.pacer import PACKET_NS
from testing_lab.media.session import RtpSession
from testing_lab.media.speech import Hearing, Keys, Speech
from testing_lab.media.way import Way
from testing_lab.sip import sdp
from testing_lab.sip.call import Call
from testing_lab.sip.errors import CallCancelled, CallTimeout, SipError
from testing_lab.sip.incoming import IncomingCall
from testing_lab.sip.outgoing import OutgoingCall
from testing_lab.sip.values import Peer

RING_S = 1.0  # at least, else a path of 200 ms looks as if early media were missing
ARRIVAL_LIMIT_S = 20.0
ANSWER_LIMIT_S = 30.0
HANG_UP_LIMIT_S = release.LIMIT_S
LEAST_EARLY_SENT = 0.5  # of the packets that fit in RING_S; with less we could not ask the route for early media


@dataclass(slots=True)
class InboundCall(RoutedCall):
    """What was seen of one C1 call. Times in seconds, from the INVITE that the caller sent where not said otherwise.

    `perhaps_twice`: it may have come twice, see `Arrivals`.
    `progress_stall_ms`: for how long our event loop stood still before it saw `progress_s`.
    `answer_skew_s`: from the far end's 200 to its arrival at the caller. `early_media_s`: how much audio reached the
    caller before that; None when we sent none. It is not possible where the route asks for our offer: only its ACK
    tells where its audio goes. `events_...` are None where no payload type for them was agreed.
    """

    progress_s: float | None = None
    progress_stall_ms: float = 0.0
    answer_s: float | None = None
    perhaps_twice: bool = False
    media_ran: bool = False
    why_no_media: str = ""
    bad_description: str = ""
    to_number: Way = field(default_factory=Way)
    to_caller: Way = field(default_factory=Way)
    rang: bool = False
    early_media_possible: bool = True
    answer_skew_s: float | None = None
    early_media_s: float | None = None
    events_to_number: Keys | None = None
    events_to_caller: Keys | None = None
    tones_to_number: Keys = field(default_factory=Keys)
    tones_to_caller: Keys = field(default_factory=Keys)
    release: Release | None = None
    passages: dict[str, Passage] = field(default_factory=dict)

    @classmethod
    async def perform(cls, line: Line, lab: Equipment) -> "InboundCall":
        """Place the call, talk, hang up, measure. Raises BrokenOff, with what was seen, SipError and OurTrouble."""
        seen = cls(line, why_no_media="the call was not answered")
        async with two_ends(RtpSession.open, lab.host) as (near, far), lab.turn(line.number) as leave:
            arriving = Arrivals(str(line.reference))
            with lab.switchboard.expecting(str(line.number), arriving):
                call = await lab.invite(
                    line.number,
                    leave,
                    caller=str(line.reference),
                    sdp=sdp.offer(lab.host, near.port),
                    headers=[("P-Asserted-Identity", f"<sip:{line.reference}@{lab.host}>")],
                )
                try:
                    await seen._converse(call, arriving, near, far, lab)
                    if arriving.mistaken:
                        raise OutsideTrouble("somebody else called first, and was taken for us")
                except Exception as error:
                    raise BrokenOff(seen) from error
                finally:
                    seen._remember(call, arriving, lab)
        return seen

    @property
    def packets(self) -> dict[str, dict[str, object]]:
        """The packet summary kept as evidence."""
        directions = {
            "to_number": Hearing(self.to_number, self.events_to_number, self.tones_to_number),
            "to_caller": Hearing(self.to_caller, self.events_to_caller, self.tones_to_caller),
        }
        return {name: hearing.summary() for name, hearing in directions.items()}

    async def _converse(
        self, call: OutgoingCall, arriving: Arrivals, near: RtpSession, far: RtpSession, lab: Equipment
    ) -> None:
        answering = asyncio.create_task(_answer(arriving, far, lab.host))
        try:
            final = await call.final(ANSWER_LIMIT_S)
            incoming = await answering if final.status < 300 else None
            if incoming is not None:
                await self._talk(call, incoming, near, far, lab)
        except CallTimeout:
            self.why_no_media = "the call was never answered"
        except CallCancelled:
            self.answered_elsewhere, self.why_no_media = True, "somebody else answered for the number"
        finally:
            answering.cancel()
            with contextlib.suppress(asyncio.CancelledError, SipError):
                await answering
            if await self._end(call, arriving.first, lab):
                self.our_trouble, self.media_ran, self.why_no_media = True, False, "the trunk lost the call"
            if arriving.first is not None:
                await arriving.first.hang_up(HANG_UP_LIMIT_S)

    async def _end(self, call: OutgoingCall, far: IncomingCall | None, lab: Equipment) -> bool:
        """Hang up, or withdraw; whether the trunk did not know the call any more."""
        if call.answered_at is None or far is None or far.answered_at is None:
            return await release.is_forgotten(call)
        self.release = await release.hang_up(call, far, lab.lag, limit_s=self.line.limits["V11", "release_s"])
        return self.release.forgotten

    async def _talk(
        self, call: OutgoingCall, incoming: IncomingCall, near: RtpSession, far: RtpSession, lab: Equipment
    ) -> None:
        try:
            onward = _direction(call, near.address[0], incoming.local_sdp)
            back = _direction(incoming, far.address[0], call.local_sdp)
        except SipError as error:
            self.bad_description = self.why_no_media = str(error)
            return
        near_says, far_says = await asyncio.gather(
            lab.calculator.run(speech.compose, f"{self.line.seed}:to_number"),
            lab.calculator.run(speech.compose, f"{self.line.seed}:to_caller"),
        )
        onward.start(near, near_says)
        back.start(far, far_says)
        await asyncio.wait([asyncio.create_task(call.ended.wait())], timeout=near_says.seconds + 0.1)
        cut_short = call.ended.is_set()
        await asyncio.gather(near.stop(), far.stop())
        said, answered = near.sent, far.sent
        hear_onward = partial(speech.hear, near_says, event_type=onward.heard_as, own=answered)
        hear_back = partial(speech.hear, far_says, event_type=back.heard_as, own=said)
        (to_number, at_number), (to_caller, at_caller) = await asyncio.gather(
            lab.calculator.run(passage_and, hear_onward, said, far.received),
            lab.calculator.run(passage_and, hear_back, answered, near.received),
        )
        self.passages = {"to_number": to_number, "to_caller": to_caller}
        health = instrument.judge([said, answered], [near.received, far.received], lab.lag)
        if not health.healthy:
            self.our_trouble, self.why_no_media = True, f"instrument: {'; '.join(health.reasons)}"
            return
        self.media_ran, self.why_no_media = True, "the call was cut short" if cut_short else ""
        self.early_media_s = _early_media_s(near, far, call.answered_at or 0.0)
        self.to_number, self.events_to_number, self.tones_to_number = at_number.way, at_number.events, at_number.tones
        self.to_caller, self.events_to_caller, self.tones_to_caller = at_caller.way, at_caller.events, at_caller.tones

    def _remember(self, call: OutgoingCall, arriving: Arrivals, lab: Equipment) -> None:
        self.arrivals, self.perhaps_twice, incoming = arriving.count, arriving.perhaps_twice, arriving.first
        final = next((heard for heard in reversed(call.responses) if heard.status >= 200), None)  # not a challenge
        if call.progress:
            self.progress_s = call.progress.at - call.invited_at
            seen_ns = round(1e9 * call.progress.at + 1e6 * MAX_STALL_MS)  # the watch, too, woke from that stall
            self.progress_stall_ms = lab.lag.worst_ms(round(1e9 * call.invited_at), seen_ns)
        self.final_status = final.status if final else None
        self.unheard = not (call.responses or self.arrivals)
        if not arriving.count:
            self.kept_out = lab.agent.endpoint.kept_out(str(self.line.number), call.invited_at)
        self.our_trouble |= self.trunk_failed or bool(self.kept_out)
        self.answer_s = call.answered_at - call.invited_at if call.answered_at else None
        self.rang = any(100 < heard.status < 200 for heard in call.responses)
        self.trace = dialogue.of_call("caller", call.trace)
        if incoming is not None:
            self.note_caller(incoming)
            self.early_media_possible = incoming.request.sdp is not None
            if call.answered_at and incoming.answered_at:
                self.answer_skew_s = call.answered_at - incoming.answered_at
            self.trace += dialogue.of_call("number", incoming.trace)


async def _answer(arriving: Arrivals, far: RtpSession, host: str) -> IncomingCall | None:
    """Play the called party: ring, with early media, then answer with what was offered."""
    incoming = await arriving.wait(ARRIVAL_LIMIT_S)
    if incoming is None:
        return None
    await incoming.ring()
    await arriving.settle()
    if arriving.first is not None and arriving.first is not incoming:
        incoming = arriving.first
        await incoming.ring()
    description = agree(incoming.remote_sdp, host, far.port)
    if description is None:
        await incoming.reject(488)
        return None
    if incoming.we_answered:
        await _send_early_media(incoming, description, far)
    await asyncio.sleep(RING_S)
    await incoming.answer(description)
    return incoming


async def _send_early_media(incoming: IncomingCall, description: bytes, far: RtpSession) -> None:
    """183: what follows before the answer is ours and to be heard (RFC 3960 3.2)."""
    await incoming.progress(description)
    with contextlib.suppress(SipError):  # where audio can't go, the answer will tell
        far.start_early(*destination(incoming, far.address[0]), signal=ringback.tone())


class _Direction(NamedTuple):
    """Where one direction's audio goes and as which payload type; as which one events are sent, and arrive."""

    peer: Peer
    payload_type: int
    sent_as: int | None
    heard_as: int | None

    def start(self, end: RtpSession, says: Speech) -> None:
        end.start(self.peer, self.payload_type, signal=says.signal, events=says.events, event_type=self.sent_as)


def _direction(call: Call, ours: str, listener: bytes | None) -> _Direction:
    """How to send to the other side of a call, by the description of the listener behind it. Raises SipError."""
    peer, payload_type = destination(call, ours)
    events = sdp.parse(agreed(call)).event_type
    heard_as = sdp.parse(listener or b"").event_type if events is not None else None
    return _Direction(peer, payload_type, events, heard_as)


def _early_media_s(near: RtpSession, far: RtpSession, answered_at: float) -> float | None:
    """How much audio the caller heard before the call was answered to it; None when we did not send enough to ask."""
    early = far.sent_early
    if early is None or len(early) < LEAST_EARLY_SENT * RING_S * 1e9 / PACKET_NS:
        return None
    spoken = np.isin(near.received.payload_type, list(g711.PAYLOAD_TYPES))
    before = spoken & (near.received.arrival_ns < answered_at * 1e9)
    return len(np.unique(near.received.seq[before])) * PACKET_NS / 1e9
