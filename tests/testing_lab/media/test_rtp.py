import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from testing_lab.media import rtp

PAYLOAD_TYPES = st.integers(0, 127).filter(lambda value: value not in rtp.RTCP_CONFLICT)
PACKETS = st.builds(
    rtp.Packet,
    payload_type=PAYLOAD_TYPES,
    seq=st.integers(0, 2**16 - 1),
    timestamp=st.integers(0, 2**32 - 1),
    ssrc=st.integers(0, 2**32 - 1),
    payload=st.binary(max_size=200),
    marker=st.booleans(),
)


@given(PACKETS)
def test_what_is_packed_is_read_back(packet: rtp.Packet) -> None:
    assert rtp.parse(rtp.pack(packet)) == packet


@given(st.binary(max_size=80))
def test_any_octets_are_a_packet_or_malformed(octets: bytes) -> None:
    try:
        packet = rtp.parse(octets)
    except rtp.MalformedPacket:
        return
    assert len(packet.payload) <= len(octets) - rtp.HEADER.size


HEADER = bytes([0x80, 0x00, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3])


def _first(octet: int, tail: bytes = b"") -> bytes:
    return bytes([octet]) + HEADER[1:] + tail


@pytest.mark.parametrize(
    ("octets", "why"),
    [
        (HEADER[:11], "header"),
        (_first(0x40), "version"),
        (_first(0x83, b"\0" * 8), "CSRC"),
        (_first(0x90, b"\0\0"), "extension"),
        (_first(0x90, b"\0\0\0\x05abcd"), "extension"),
        (_first(0xA0, b"abc\0"), "padding"),
        (_first(0xA0, b"abc\x09"), "padding"),
        (_first(0xA0), "padding"),
        (bytes([0x80, 200]) + HEADER[2:], "RTCP"),
    ],
)
def test_malformed_packets_are_refused(octets: bytes, why: str) -> None:
    with pytest.raises(rtp.MalformedPacket, match=why):
        rtp.parse(octets)


def test_extension_csrc_and_padding_are_not_payload() -> None:
    octets = _first(0xB1, b"CSRC" + b"\xbe\xde\0\x01exte" + b"audio" + b"\0\0\x03")
    assert rtp.parse(octets).payload == b"audio"


def test_a_prepared_stream_wraps_sequence_and_timestamp() -> None:
    payloads = np.arange(4 * 160, dtype=np.uint8).reshape(4, 160)
    stream = rtp.prepare(payloads, payload_type=8, ssrc=0xDEADBEEF, first_seq=65534, first_timestamp=2**32 - 200)
    packets = [rtp.parse(row.tobytes()) for row in stream.packets]
    assert [p.seq for p in packets] == [65534, 65535, 0, 1]
    assert [p.timestamp for p in packets] == [2**32 - 200, 2**32 - 40, 120, 280]
    assert [p.marker for p in packets] == [True, False, False, False]
    assert {(p.ssrc, p.payload_type) for p in packets} == {(0xDEADBEEF, 8)}
    assert b"".join(p.payload for p in packets) == payloads.tobytes()
