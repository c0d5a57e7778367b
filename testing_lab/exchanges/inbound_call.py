"""C1: the lab calls the number and answers at its own inbound trunk. One clock, both ends.

The call goes lab -> trunk -> number -> lab's inbound trunk. While it rings, the far end sends early media; answered,
each end says its own speech (`media.speech`); then we hang up. Everything the C1 tests need is read off afterwards.
"""

import asyncio
import contextlib
import ipaddress
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple

import numpy as np

from testing_lab.equipment import Equipment
from testing_lab.evidence import dialogue
from testing_lab.evidence.passage import Passage, passages
from testing_lab.exchanges import release
from testing_lab.exchanges.arrivals import Arrivals
from testing_lab.exchanges.lanes import Lane
from testing_lab.exchanges.release import Release
from testing_lab.findings import BrokenOff, OurTrouble
from testing_lab.line import Line
from testing_lab.media import g711, instrument, ringback, speech
from testing_lab.media.instrument import MAX_STALL_MS
from testing_lab.media.pacer import PACKET_NS
from testing_lab.media.session import RtpSession
from testing_lab.media.speech import Hearing, Keys, Speech
from testing_lab.media.way import Way
from testing_lab.sip import sdp
from testing_lab.sip.errors import CallTimeout, MalformedMessage, SipError
from testing_lab.sip.incoming import IncomingCall
from testing_lab.sip.outgoing import OutgoingCall

RING_S = 1.0  # at least, else a path of 200 ms looks as if early media were missing
ARRIVAL_LIMIT_S = 20.0
ANSWER_LIMIT_S = 30.0
HANG_UP_LIMIT_S = release.LIMIT_S
LEAST_EARLY_SENT = 0.5  # of the packets that fit in RING_S; with less we could not ask the route for early media


@dataclass(slots=True)
class InboundCall:
    """What was seen of one C1 call. Times in seconds, from the INVITE that the caller sent where not said otherwise.

    `progress_stall_ms`: for how long our event loop stood still before it saw `progress_s`.
    `answer_skew_s`: from the far end's 200 to its arrival at the caller. `early_media_s`: how much audio reached the
    caller before that; None when we sent none. `events_...` are None where no payload type for them was agreed.
    `kept_out`: the host from which it came, if we don't listen to that. `barred`: the trunk takes no calls of ours.
    """

    lane: ClassVar[Lane] = Lane.CALL
    line: Line
    arrivals: int = 0
    called: str = ""
    caller: str = ""
    asserted_identity: str = ""
    progress_s: float | None = None
    progress_stall_ms: float = 0.0
    answer_s: float | None = None
    final_status: int | None = None
    unheard: bool = False
    kept_out: str = ""
    barred: bool = False
    media_ran: bool = False
    why_no_media: str = ""
    bad_description: str = ""
    our_trouble: bool = False
    to_number: Way = field(default_factory=Way)
    to_caller: Way = field(default_factory=Way)
    rang: bool = False
    answer_skew_s: float | None = None
    early_media_s: float | None = None
    events_to_number: Keys | None = None
    events_to_caller: Keys | None = None
    tones_to_number: Keys = field(default_factory=Keys)
    tones_to_caller: Keys = field(default_factory=Keys)
    release: Release | None = None
    trace: str = ""
    passages: dict[str, Passage] = field(default_factory=dict)

    @classmethod
    async def perform(cls, line: Line, lab: Equipment) -> "InboundCall":
        """Place the call, talk, hang up, measure. Raises BrokenOff, with what was seen, SipError and OurTrouble."""
        seen = cls(line, why_no_media="the call was not answered")
        async with _two_ends(lab.host) as (near, far), lab.switchboard.turn(line.number):
            arriving = Arrivals(str(line.reference))
            with lab.switchboard.expecting(str(line.number), arriving):
                call = await lab.invite(
                    line.number,
                    caller=str(line.reference),
                    sdp=sdp.offer(lab.host, near.port),
                    headers=[("P-Asserted-Identity", f"<sip:{line.reference}@{lab.host}>")],
                )
                try:
                    await seen._converse(call, arriving, near, far, lab)
                    if arriving.mistaken:
                        raise OurTrouble("somebody else called first, and was taken for us")
                except Exception as error:
                    raise BrokenOff(seen) from error
                finally:
                    seen._remember(call, arriving, lab)
        return seen

    @property
    def trunk_failed(self) -> bool:
        """Whether the caller heard of the trunk or of us, and not of the number; its call did not arrive.

        5xx is "when a server itself has erred" (RFC 3261 21.5), or can't do what our request asks (501, 505, 513); 401
        and 407 want credentials of us.
        """
        status = self.final_status or 0
        return not self.arrivals and (500 <= status < 600 or status in {401, 407} or self.barred)

    @property
    def route_failed(self) -> bool:
        """Whether the call may be tried over another route: this one would not have it, or did not even say 100."""
        return self.trunk_failed or self.unheard

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
            return await _is_forgotten(call)
        self.release = await release.hang_up(call, far, lab.lag, limit_s=self.line.limits["V11", "release_s"])
        return self.release.forgotten

    async def _talk(
        self, call: OutgoingCall, incoming: IncomingCall, near: RtpSession, far: RtpSession, lab: Equipment
    ) -> None:
        try:
            onward = _direction(call.remote_sdp, call.remote_sdp, near.address[0], incoming.local_sdp)
            back = _direction(incoming.remote_sdp, incoming.local_sdp, far.address[0], call.local_sdp)
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
        to_number, to_caller = (near.sent, far.received), (far.sent, near.received)
        self.passages = await passages(lab.calculator, to_number=to_number, to_caller=to_caller)
        health = instrument.judge([near.sent, far.sent], [near.received, far.received], lab.lag)
        if not health.healthy:
            self.our_trouble, self.why_no_media = True, f"instrument: {'; '.join(health.reasons)}"
            return
        self.media_ran, self.why_no_media = True, "the call was cut short" if cut_short else ""
        self.early_media_s = _early_media_s(near, far, call.answered_at or 0.0)
        at_number, at_caller = await asyncio.gather(
            lab.calculator.run(speech.hear, near_says, near.sent, far.received, onward.heard_as, far.sent),
            lab.calculator.run(speech.hear, far_says, far.sent, near.received, back.heard_as, near.sent),
        )
        self.to_number, self.events_to_number, self.tones_to_number = at_number.way, at_number.events, at_number.tones
        self.to_caller, self.events_to_caller, self.tones_to_caller = at_caller.way, at_caller.events, at_caller.tones

    def _remember(self, call: OutgoingCall, arriving: Arrivals, lab: Equipment) -> None:
        self.arrivals, incoming = arriving.count, arriving.first
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
            self.called, self.caller = incoming.called, incoming.caller
            self.asserted_identity = incoming.asserted_identity or ""
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
    description = _agree(incoming.remote_sdp, host, far.port)
    if description is None:
        await incoming.reject(488)
        return None
    await incoming.progress(description)  # 183: what follows before the answer is ours and to be heard (RFC 3960 3.2)
    with contextlib.suppress(SipError):  # where audio can't go, the answer will tell
        peer, payload_type = _destination(incoming.remote_sdp, description, far.address[0])
        far.start_early(peer, payload_type, signal=ringback.tone())
    await asyncio.sleep(RING_S)
    await incoming.answer(description)
    return incoming


def _agree(offer: bytes | None, host: str, port: int) -> bytes | None:
    """Our answer; None to an offer that is none, that we can't read, or that has no codec of ours (488)."""
    try:
        return sdp.answer(offer or b"", host, port)
    except MalformedMessage:
        return None


class _Direction(NamedTuple):
    """Where one direction's audio goes and as which payload type; as which one events are sent, and arrive."""

    peer: tuple[str, int]
    payload_type: int
    sent_as: int | None
    heard_as: int | None

    def start(self, end: RtpSession, says: Speech) -> None:
        end.start(self.peer, self.payload_type, signal=says.signal, events=says.events, event_type=self.sent_as)


def _direction(theirs: bytes | None, agreed: bytes | None, ours: str, listener: bytes | None) -> _Direction:
    """How to send to whom `theirs` describes, by the description of the listener behind it. Raises SipError."""
    peer, payload_type = _destination(theirs, agreed, ours)
    events = sdp.parse(agreed or b"").event_type
    heard_as = sdp.parse(listener or b"").event_type if events is not None else None
    return _Direction(peer, payload_type, events, heard_as)


def _destination(theirs: bytes | None, agreed: bytes | None, ours: str) -> tuple[tuple[str, int], int]:
    """Where to send from our address, and as which payload type: the offer may list codecs before those agreed on.

    Raises SipError when we can't, since the carrier's description is none, refuses the stream (port 0, RFC 3264 6),
    names a codec that we did not offer, or no address of a host (0.0.0.0 is an old way to say "hold").
    """
    payload_type = sdp.parse(agreed or b"").codec.payload_type
    if payload_type not in (g711.PCMU, g711.PCMA):
        raise SipError(f"the call agreed on payload type {payload_type}, which the lab did not offer")
    audio = sdp.parse(theirs or b"")
    if audio.port == 0:
        raise SipError("the description refuses the audio: its port is 0")
    if not _is_host(audio.address, beside=ours):
        raise SipError(f"the description wants the audio at {audio.address}, where {ours} cannot send it")
    return audio.peer, payload_type


def _is_host(text: str, *, beside: str) -> bool:
    """Whether it is the address of one host, in the family of the other."""
    address, other = ipaddress.ip_address(text), ipaddress.ip_address(beside)
    everybody = address.is_multicast or text == "255.255.255.255"
    return address.version == other.version and not everybody and not address.is_unspecified


async def _is_forgotten(call: OutgoingCall) -> bool:
    """Hang up, or withdraw the INVITE; whether nobody knew the call any more: the trunk was restarted meanwhile, or is
    down, and what we saw says nothing about the number.
    """
    if call.ended.is_set():
        return not call.responses
    return await (release.withdraw(call) if call.answered_at is None else release.say_goodbye(call))


def _early_media_s(near: RtpSession, far: RtpSession, answered_at: float) -> float | None:
    """How much audio the caller heard before the call was answered to it; None when we did not send enough to ask."""
    early = far.sent_early
    if early is None or len(early) < LEAST_EARLY_SENT * RING_S * 1e9 / PACKET_NS:
        return None
    spoken = np.isin(near.received.payload_type, list(g711.PAYLOAD_TYPES))
    before = spoken & (near.received.arrival_ns < answered_at * 1e9)
    return len(np.unique(near.received.seq[before])) * PACKET_NS / 1e9


@contextlib.asynccontextmanager
async def _two_ends(host: str) -> AsyncIterator[tuple[RtpSession, RtpSession]]:
    with contextlib.ExitStack() as ends:
        try:
            near = ends.enter_context(contextlib.closing(await RtpSession.open(host)))
            far = ends.enter_context(contextlib.closing(await RtpSession.open(host)))
        except OSError as error:  # no file or port left, or `host` is not of this machine
            raise OurTrouble(f"no socket for the media: {error}") from error
        yield near, far
