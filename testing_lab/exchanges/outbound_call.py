"""C2: the number calls the lab. What it is taken for, how it sounds, which codecs it may speak, who vouches for it.

The call goes lab, as the number -> trunk -> the lab's reference number -> lab's inbound trunk. The ends speak for
`TALK_S` seconds, then the caller offers other codecs in re-INVITEs.
"""

import time
from dataclasses import dataclass, field

from numbering.e164 import E164
from testing_lab.equipment import Equipment
from testing_lab.exchanges import offers
from testing_lab.exchanges.ends import two_ends
from testing_lab.exchanges.placed_call import PlacedCall
from testing_lab.exchanges.talk import SpokenCall, talk
from testing_lab.media.session import RtpSession
from testing_lab.sip import sdp
from testing_lab.sip.errors import SipError
from testing_lab.sip.incoming import IncomingCall
from testing_lab.stir import passport
from testing_lab.stir.certificates import NoCertificate

TALK_S = 4.0
REINVITE_LIMIT_S = 5.0
G711 = (offers.PCMU, offers.PCMA)


@dataclass(frozen=True, slots=True)
class Negotiation:
    """One offer and what came of it: codecs by name, the preferred first; `status` None when nobody answered."""

    offered: tuple[str, ...]
    status: int | None
    agreed: tuple[str, ...] = ()


@dataclass(slots=True)
class OutboundCall(SpokenCall):
    """`identity` is the Identity header that arrived (RFC 8224), `arrived_at` when (unix seconds).

    `certificate` is the PEM that its token names; `no_certificate` says why there is none.
    """

    negotiations: list[Negotiation] = field(default_factory=list)
    identity: str | None = None
    arrived_at: float = 0.0
    certificate: bytes | None = None
    no_certificate: str = ""

    @property
    def number_called(self) -> E164:
        """The lab's own number."""
        return self.line.reference

    async def live_through(self, placed: PlacedCall, lab: Equipment) -> None:
        """Dial, look at the caller's identity, speak, negotiate."""
        async with two_ends(RtpSession.open, lab.host) as ends:
            incoming = await placed.dial(
                caller=str(self.line.number),
                sdp=sdp.offer(lab.host, ends[0].port),
                headers=[("P-Asserted-Identity", f"<sip:{self.line.number}@{lab.host}>")],
            )
            if incoming is None:
                self._note(placed, ("PCMU", "PCMA"))
                return
            self.arrived_at = time.time()
            answered = await placed.answer(lab.host, ends[1].port)
            self._note(placed, ("PCMU", "PCMA"))
            if answered:
                self.talk = await talk(placed, ends, lab, seed=f"{self.line.seed}:out", s=TALK_S)
                self.our_trouble |= self.talk.our_trouble
                await self._negotiate(placed, ends, lab.host)
            await self._look_at_identity(incoming, lab)

    async def _negotiate(self, placed: PlacedCall, ends: tuple[RtpSession, RtpSession], host: str) -> None:
        """The other order; each G.711 alone that was not agreed to yet; and what there is of wideband."""
        near, far = (end.port for end in ends)
        incoming = placed.incoming
        if placed.call.ended.is_set():
            return
        incoming.on_offer = lambda offer: offers.answer_anything(offer, host, far, incoming.local_sdp)
        await self._offer(placed, sdp.offer(host, near, (*reversed(G711), offers.EVENTS)))
        for codec in G711:
            if codec.partition("/")[0] not in self.agreed_first:
                await self._offer(placed, sdp.offer(host, near, (codec, offers.EVENTS)))
        await self._offer(placed, offers.wideband(host, near))

    async def _offer(self, placed: PlacedCall, description: bytes) -> None:
        offered = offers.voices(description)
        try:
            heard = await placed.call.reinvite(sdp.following(description, placed.call.local_sdp), REINVITE_LIMIT_S)
        except SipError:
            self.negotiations.append(Negotiation(offered, None))
            return
        agreed = offers.voices(placed.call.remote_sdp) if heard.status < 300 else ()
        self.negotiations.append(Negotiation(offered, heard.status, agreed))

    @property
    def agreed_first(self) -> set[str]:
        """The codecs that were preferred in some answer: those that calls would use."""
        return {each.agreed[0] for each in self.negotiations if each.agreed}

    def _note(self, placed: PlacedCall, offered: tuple[str, ...]) -> None:
        final = placed.final
        agreed = offers.voices(placed.call.remote_sdp) if final and final.status < 300 else ()
        self.negotiations.append(Negotiation(offered, final.status if final else None, agreed))

    async def _look_at_identity(self, incoming: IncomingCall, lab: Equipment) -> None:
        self.identity = passport.shaken(incoming.request.headers.all("Identity"))
        if self.identity is None:
            return
        try:
            self.certificate = await lab.certificates.fetch(passport.read(self.identity).certificate_url)
        except (passport.BadPassport, NoCertificate) as error:
            self.no_certificate = str(error)
