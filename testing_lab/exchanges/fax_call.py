"""C6: a fax to the number, as far as the page. Both machines are the lab's.

The call goes lab -> trunk -> number -> lab's inbound trunk, as an audio call: CNG one way, CED the other. Then the
called side offers T.38 in a re-INVITE, and the two go through phase B of T.30 over UDPTL.
"""

import asyncio
import contextlib
import time
from dataclasses import dataclass, field
from typing import Any

from testing_lab.equipment import Equipment
from testing_lab.exchanges.ends import destination, two_ends
from testing_lab.exchanges.observed_call import ObservedCall
from testing_lab.exchanges.placed_call import PlacedCall
from testing_lab.fax import description, spandsp, tones
from testing_lab.fax.port import FaxPort
from testing_lab.fax.t30 import Machine, Progress
from testing_lab.media import instrument
from testing_lab.media.session import RtpSession
from testing_lab.sip import sdp
from testing_lab.sip.errors import SipError

TONES_S = tones.CED_AFTER_S + tones.CED_S + 0.2
REINVITE_LIMIT_S = 5.0
PHASE_B_LIMIT_S = 25.0
PAGE_LIMIT_S = 45.0


@dataclass(slots=True)
class FaxCall(ObservedCall):
    """`cng_s` is how long the called end heard one burst of CNG, `ced_s` how long the caller heard CED, None when there
    was no audio. `offer_status` is the answer to the re-INVITE that offers T.38, None when there was none; `accepted`
    that both descriptions agree on T.38. `ready_s` are the seconds from there until the caller was told to send its
    page; `page_came` whether that arrived, None where the system has no libspandsp to send one.
    """

    answered: bool = False
    cng_s: float | None = None
    ced_s: float | None = None
    offer_status: int | None = None
    accepted: bool = False
    ready_s: float | None = None
    page_came: bool | None = None
    caller_heard: Progress = field(default_factory=Progress)
    number_heard: Progress = field(default_factory=Progress)
    counts: dict[str, Any] = field(default_factory=dict)
    sick: str = ""

    @property
    def packets(self) -> dict[str, Any]:
        """The packet summary kept as evidence: datagrams of T.38 at each end."""
        return self.counts

    async def live_through(self, placed: PlacedCall, lab: Equipment) -> None:
        """Dial, whistle, offer T.38, exchange the signals of phase B."""
        begun_ns = time.monotonic_ns()
        async with two_ends(RtpSession.open, lab.host) as ends:
            incoming = await placed.dial(
                caller=str(self.line.reference),
                sdp=sdp.offer(lab.host, ends[0].port),
                headers=[("P-Asserted-Identity", f"<sip:{self.line.reference}@{lab.host}>")],
            )
            if incoming is None or not await placed.answer(lab.host, ends[1].port):
                return
            self.answered = True
            await self._whistle(placed, ends, lab)
        async with two_ends(FaxPort.open, lab.host) as ports:
            if await self._switch(placed, ports, lab.host):
                await self._fax(ports)
        stall_ms = lab.lag.worst_ms(begun_ns, time.monotonic_ns())
        if stall_ms > instrument.MAX_STALL_MS:
            self.sick = f"event loop stalled for {stall_ms:.0f} ms"

    async def _whistle(self, placed: PlacedCall, ends: tuple[RtpSession, RtpSession], lab: Equipment) -> None:
        (near, far), call, incoming = ends, placed.call, placed.incoming
        with contextlib.suppress(SipError):  # a description that leaves nowhere to send audio: nothing will be heard
            near.start(*destination(call, near.address[0]), signal=tones.calling(TONES_S))
            far.start(*destination(incoming, far.address[0]), signal=tones.called(TONES_S))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(call.ended.wait(), TONES_S)
        await asyncio.gather(near.stop(), far.stop())
        self.cng_s = tones.longest_s(far.received.audio, tones.CNG_HZ)
        self.ced_s = tones.longest_s(near.received.audio, tones.CED_HZ)

    async def _switch(self, placed: PlacedCall, ports: tuple[FaxPort, FaxPort], host: str) -> bool:
        """Offer T.38 from the called side; whether both ends have agreed on it."""
        (near, far), call, incoming = ports, placed.call, placed.incoming
        if call.ended.is_set() or incoming.ended.is_set():
            return False
        offered: list[bytes] = []

        def answer(offer: bytes | None) -> bytes | None:
            if offer is None:
                return call.local_sdp
            offered.append(offer)
            return description.image(host, near.port, call.local_sdp) if description.accepted(offer) else None

        call.on_offer = answer
        with contextlib.suppress(SipError):
            offer = description.image(host, far.port, incoming.local_sdp)
            self.offer_status = (await incoming.reinvite(offer, REINVITE_LIMIT_S)).status
        if self.offer_status is None or self.offer_status >= 300:
            return False
        to_called = description.accepted(offered[-1] if offered else None)
        to_caller = description.accepted(incoming.remote_sdp)
        if to_called is None or to_caller is None:
            return False
        near.remote, far.remote = (to_called.address, to_called.port), (to_caller.address, to_caller.port)
        self.accepted = True
        return True

    async def _fax(self, ports: tuple[FaxPort, FaxPort]) -> None:
        begun = time.monotonic()
        if spandsp.library() is not None:
            self.page_came = await spandsp.send_page(
                *ports, self.line.seed, (PHASE_B_LIMIT_S, PAGE_LIMIT_S), self._watch
            )
        else:
            await self._until_the_page(ports)
        ready_at = self.caller_heard.ready_at
        self.ready_s = None if ready_at is None else ready_at - begun
        self.counts = {name: _counts(port) for name, port in zip(("caller", "number"), ports, strict=True)}

    async def _until_the_page(self, ports: tuple[FaxPort, FaxPort]) -> None:
        caller, number = Machine(ports[0]), Machine(ports[1])
        self._watch(caller.progress, number.progress)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PHASE_B_LIMIT_S):
                await asyncio.gather(caller.call(), number.answer())

    def _watch(self, caller: Progress, number: Progress) -> None:
        self.caller_heard, self.number_heard = caller, number


def _counts(port: FaxPort) -> dict[str, int]:
    seen = port.received
    counted = {"sent": port.sent, "came": seen.came, "recovered": seen.recovered, "lost": seen.lost}
    return counted | {"malformed": seen.malformed}
