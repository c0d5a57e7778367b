"""Session descriptions for what a call offers after its first: hold, other codecs, wideband (RFC 3264 8)."""

import re

from testing_lab.sip import sdp
from testing_lab.sip.errors import MalformedMessage

PCMU, PCMA, G722, OPUS = "PCMU/8000", "PCMA/8000", "G722/8000", "opus/48000"
EVENTS = "telephone-event/8000"
_OPUS_LINES = b"a=rtpmap:111 opus/48000/2\r\na=fmtp:111 useinbandfec=1\r\n"  # RFC 7587 7: always two channels


def wideband(host: str, port: int) -> bytes:
    """Opus, G.722, and PCMU so that there is always something to agree on, in this order."""
    narrow = sdp.offer(host, port, (G722, PCMU, EVENTS))
    return re.sub(rb"(m=audio \d+ RTP/AVP) (.*\r\n)", rb"\1 111 \2", narrow).replace(
        b"a=rtpmap:9 ", _OPUS_LINES + b"a=rtpmap:9 ", 1
    )


def answer_anything(offered: bytes | None, host: str, port: int, previous: bytes | None) -> bytes | None:
    """Agree to every codec that we know, in the offerer's order; None where there is none (488).

    Asked for an offer of ours (`offered` is None), offer what the lab measures with.
    """
    if offered is None:
        return sdp.following(sdp.offer(host, port), previous)
    try:
        built = sdp.answer(offered, host, port, (PCMU, PCMA, G722, OPUS, EVENTS))
    except MalformedMessage:
        return None
    if built is None:
        return None
    return sdp.following(built.replace(b" opus/48000\r\n", b" opus/48000/2\r\n"), previous)


def voices(description: bytes | None) -> tuple[str, ...]:
    """The voice codecs of a description in order, such as `PCMU`; empty when it can't be read or is refused."""
    try:
        audio = sdp.parse(description or b"")
    except MalformedMessage:
        return ()
    return tuple(fmt.encoding.partition("/")[0] for fmt in audio.formats if not fmt.is_event) if audio.port else ()
