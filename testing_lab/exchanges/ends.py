"""The two ends of a call that comes back to us: their sockets, and where their descriptions want the audio."""

import contextlib
import ipaddress
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Protocol, TypeVar

from testing_lab.findings import OurTrouble
from testing_lab.media import g711
from testing_lab.sip import sdp
from testing_lab.sip.call import Call
from testing_lab.sip.errors import MalformedMessage, SipError
from testing_lab.sip.values import Peer


class _Closable(Protocol):
    def close(self) -> None: ...


End = TypeVar("End", bound=_Closable)


@contextlib.asynccontextmanager
async def two_ends(opened: Callable[[str], Awaitable[End]], host: str) -> AsyncIterator[tuple[End, End]]:
    """The caller's socket and that of the called party, both at `host`, closed on leaving. Raises OurTrouble."""
    with contextlib.ExitStack() as ends:
        try:
            near = ends.enter_context(contextlib.closing(await opened(host)))
            far = ends.enter_context(contextlib.closing(await opened(host)))
        except OSError as error:  # no file or port left, or `host` is not of this machine
            raise OurTrouble(f"no socket for the media: {error}") from error
        yield near, far


def agree(offer: bytes | None, host: str, port: int) -> bytes | None:
    """Our answer, or our offer to a route that asks for it: its answer comes with the ACK (RFC 3261 13.2.1).

    None to an offer that we can't read, or that has no codec of ours (488).
    """
    if offer is None:
        return sdp.offer(host, port)
    try:
        return sdp.answer(offer, host, port)
    except MalformedMessage:
        return None


def agreed(call: Call) -> bytes:
    """The answer, whoever gave it: an offer may list codecs before those agreed on."""
    return (call.local_sdp if call.we_answered else call.remote_sdp) or b""


def destination(call: Call, ours: str) -> tuple[Peer, int]:
    """Where to send from our address, and as which payload type.

    Raises SipError when we can't, since the carrier's description is none, refuses the stream (port 0, RFC 3264 6),
    names a codec that we did not offer, or no address of a host (0.0.0.0 is an old way to say "hold").
    """
    payload_type = sdp.parse(agreed(call)).codec.payload_type
    if payload_type not in (g711.PCMU, g711.PCMA):
        raise SipError(f"the call agreed on payload type {payload_type}, which the lab did not offer")
    audio = sdp.parse(call.remote_sdp or b"")
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
