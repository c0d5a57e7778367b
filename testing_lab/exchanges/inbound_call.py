"""C1: the lab calls the number and answers at its own inbound trunk. One clock, both ends.

The call goes lab -> trunk -> number -> lab's inbound trunk. Each end sends its own probe for `TALK_S` seconds;
everything the C1 tests need is read off afterwards.
"""

import asyncio
import contextlib
import ipaddress
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import ClassVar

from testing_lab.equipment import Equipment
from testing_lab.exchanges.lanes import Lane
from testing_lab.findings import BrokenOff, OurTrouble
from testing_lab.line import Line
from testing_lab.media import g711, instrument, probe
from testing_lab.media.session import RtpSession
from testing_lab.media.way import Way, measure
from testing_lab.sip import sdp
from testing_lab.sip.errors import CallTimeout, MalformedMessage, SipError
from testing_lab.sip.incoming import IncomingCall
from testing_lab.sip.outgoing import OutgoingCall

TALK_S = 8.0
RING_S = 1.0  # at least, else a path of 200 ms looks as if early media were missing
ARRIVAL_LIMIT_S = 20.0
ANSWER_LIMIT_S = 30.0
HANG_UP_LIMIT_S = 4.0


@dataclass(slots=True)
class InboundCall:
    """What was seen of one C1 call. Times in seconds from the INVITE that the caller sent."""

    lane: ClassVar[Lane] = Lane.CALL
    line: Line
    arrivals: int = 0
    called: str = ""
    caller: str = ""
    asserted_identity: str = ""
    progress_s: float | None = None
    answer_s: float | None = None
    final_status: int | None = None
    media_ran: bool = False
    why_no_media: str = ""
    bad_description: str = ""
    our_trouble: bool = False
    to_number: Way = field(default_factory=Way)
    to_caller: Way = field(default_factory=Way)
    trace: str = ""

    @classmethod
    async def perform(cls, line: Line, lab: Equipment) -> "InboundCall":
        """Place the call, talk, hang up, measure. Raises BrokenOff, with what was seen, SipError and OurTrouble."""
        seen = cls(line, why_no_media="the call was not answered")
        async with _two_ends(lab.host) as (near, far), lab.switchboard.turn(line.number):
            arriving = Arrivals()
            with lab.switchboard.expecting(str(line.number), arriving):
                await lab.trunk_calls.take()
                call = await lab.agent.invite(
                    f"sip:{line.number}@{lab.trunk[0]}:{lab.trunk[1]}",
                    via=lab.trunk,
                    caller=str(line.reference),
                    sdp=sdp.offer(lab.host, near.port),
                    headers=[("P-Asserted-Identity", f"<sip:{line.reference}@{lab.host}>")],
                )
                try:
                    await seen._converse(call, arriving, near, far, lab)
                except Exception as error:
                    raise BrokenOff(seen) from error
                finally:
                    seen._remember(call, arriving)
        return seen

    @property
    def trunk_failed(self) -> bool:
        """Whether the caller heard of the trunk or of us, and not of the number; its call did not arrive.

        5xx is "when a server itself has erred" (RFC 3261 21.5), or can't do what our request asks (501, 505, 513); 401
        and 407 want credentials of us.
        """
        status = self.final_status or 0
        return not self.arrivals and (500 <= status < 600 or status in {401, 407})

    @property
    def packets(self) -> dict[str, dict[str, float | int | None]]:
        """The packet summary kept as evidence."""
        return {"to_number": self.to_number.summary(), "to_caller": self.to_caller.summary()}

    async def _converse(
        self, call: OutgoingCall, arriving: "Arrivals", near: RtpSession, far: RtpSession, lab: Equipment
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
            if await _is_forgotten(call):
                self.our_trouble, self.media_ran, self.why_no_media = True, False, "the trunk lost the call"
            if arriving.first is not None:
                await arriving.first.hang_up(HANG_UP_LIMIT_S)

    async def _talk(
        self, call: OutgoingCall, incoming: IncomingCall, near: RtpSession, far: RtpSession, lab: Equipment
    ) -> None:
        try:
            to_caller = _destination(call.remote_sdp, call.remote_sdp, near.address[0])
            to_number = _destination(incoming.remote_sdp, incoming.local_sdp, far.address[0])
        except SipError as error:
            self.bad_description = self.why_no_media = str(error)
            return
        near_probe, far_probe = await asyncio.gather(
            lab.calculator.run(probe.generate, f"{self.line.seed}:to_number", TALK_S),
            lab.calculator.run(probe.generate, f"{self.line.seed}:to_caller", TALK_S),
        )
        near.start(*to_caller, signal=near_probe)
        far.start(*to_number, signal=far_probe)
        await asyncio.wait([asyncio.create_task(call.ended.wait())], timeout=TALK_S + 0.1)
        cut_short = call.ended.is_set()
        await asyncio.gather(near.stop(), far.stop())
        health = instrument.judge([near.sent, far.sent], [near.received, far.received], lab.lag)
        if not health.healthy:
            self.our_trouble, self.why_no_media = True, f"instrument: {'; '.join(health.reasons)}"
            return
        self.media_ran, self.why_no_media = True, "the call was cut short" if cut_short else ""
        self.to_number, self.to_caller = await asyncio.gather(
            lab.calculator.run(measure, near.sent, far.received, near_probe),
            lab.calculator.run(measure, far.sent, near.received, far_probe),
        )

    def _remember(self, call: OutgoingCall, arriving: "Arrivals") -> None:
        self.arrivals, incoming = arriving.count, arriving.first
        final = next((heard for heard in call.responses if heard.status >= 200), None)
        self.progress_s = call.progress.at - call.invited_at if call.progress else None
        self.final_status = final.status if final else None
        self.our_trouble |= self.trunk_failed
        self.answer_s = call.answered_at - call.invited_at if call.answered_at else None
        self.trace = f"--- caller\n{call.trace.as_text()}"
        if incoming is not None:
            self.called, self.caller = incoming.called, incoming.caller
            self.asserted_identity = incoming.asserted_identity or ""
            self.trace += f"\n--- number\n{incoming.trace.as_text()}"


class Arrivals:
    """The calls that came in for one number while it was expected."""

    def __init__(self) -> None:
        self.count = 0
        self.first: IncomingCall | None = None
        self._came = asyncio.Event()

    def add(self, call: IncomingCall) -> None:
        """For the switchboard."""
        self.count += 1
        if self.first is None:
            self.first = call
            self._came.set()

    async def wait(self, timeout: float) -> IncomingCall | None:
        """The first call, or None when none came in `timeout` seconds."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._came.wait(), timeout)
        return self.first


async def _answer(arriving: Arrivals, far: RtpSession, host: str) -> IncomingCall | None:
    """Play the called party: ring, then answer with what was offered."""
    incoming = await arriving.wait(ARRIVAL_LIMIT_S)
    if incoming is None:
        return None
    await incoming.ring()
    await asyncio.sleep(RING_S)
    description = _agree(incoming.remote_sdp, host, far.port)
    if description is None:
        await incoming.reject(488)
        return None
    await incoming.answer(description)
    return incoming


def _agree(offer: bytes | None, host: str, port: int) -> bytes | None:
    """Our answer; None to an offer that is none, that we can't read, or that has no codec of ours (488)."""
    try:
        return sdp.answer(offer or b"", host, port)
    except MalformedMessage:
        return None


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

    A BYE is then answered 481 or not at all (RFC 3261 15.1.2), and a CANCEL brings no 487 (9.2).
    """
    if call.ended.is_set():
        return not call.responses
    try:
        async with asyncio.timeout(HANG_UP_LIMIT_S):
            heard = await (call.cancel() if call.answered_at is None else call.bye(timeout=HANG_UP_LIMIT_S))
    except (SipError, TimeoutError):
        return True
    return heard.status == 481


@contextlib.asynccontextmanager
async def _two_ends(host: str) -> AsyncIterator[tuple[RtpSession, RtpSession]]:
    with contextlib.ExitStack() as ends:
        try:
            near = ends.enter_context(contextlib.closing(await RtpSession.open(host)))
            far = ends.enter_context(contextlib.closing(await RtpSession.open(host)))
        except OSError as error:  # no file or port left, or `host` is not of this machine
            raise OurTrouble(f"no socket for the media: {error}") from error
        yield near, far
