"""RTP packets, RFC 3550 section 5.1: strict to read, cheap to write."""

import struct
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

HEADER = struct.Struct("!BBHII")
VERSION = 2
RTCP_CONFLICT = range(72, 77)
"""Payload types that are RTCP packet types 200-204 with the marker bit: never RTP (RFC 5761 section 4)."""


class MalformedPacket(ValueError):
    """Octets that are not one well-formed RTP packet."""


class Packet(NamedTuple):
    """One RTP packet; `timestamp` is in samples of the media clock. Extensions and CSRCs are checked and left out."""

    payload_type: int
    seq: int
    timestamp: int
    ssrc: int
    payload: bytes
    marker: bool = False


def pack(packet: Packet) -> bytes:
    """The packet on the wire. Raises `struct.error` when a field is outside its width."""
    second = packet.marker << 7 | packet.payload_type
    return HEADER.pack(VERSION << 6, second, packet.seq, packet.timestamp, packet.ssrc) + packet.payload


def parse(octets: bytes) -> Packet:
    """Read one packet. Raises MalformedPacket for anything that RFC 3550 appendix A.1 tells a receiver to refuse."""
    if len(octets) < HEADER.size:
        raise MalformedPacket(f"{len(octets)} octets are less than an RTP header")
    first, second, seq, timestamp, ssrc = HEADER.unpack_from(octets)
    if first >> 6 != VERSION:
        raise MalformedPacket(f"version {first >> 6}")
    if second & 0x7F in RTCP_CONFLICT:
        raise MalformedPacket("an RTCP packet")
    start = _payload_start(octets, first)
    end = len(octets) - _padding(octets, first, start)
    return Packet(second & 0x7F, seq, timestamp, ssrc, octets[start:end], bool(second & 0x80))


def _payload_start(octets: bytes, first: int) -> int:
    start = HEADER.size + 4 * (first & 0x0F)
    if first & 0x10:
        if start + 4 > len(octets):
            raise MalformedPacket("header extension cut short")
        start += 4 + 4 * int.from_bytes(octets[start + 2 : start + 4], "big")
    if start > len(octets):
        raise MalformedPacket("CSRC list or header extension longer than the packet")
    return start


def _padding(octets: bytes, first: int, start: int) -> int:
    if not first & 0x20:
        return 0
    padding = octets[-1]
    if not 0 < padding <= len(octets) - start:
        raise MalformedPacket("padding longer than the payload, or of no octets")
    return padding


@dataclass(frozen=True, slots=True, eq=False)
class PreparedStream:
    """A whole talkspurt packed beforehand, so that sending a packet at its time is one system call.

    `packets` and `payloads` are matrices with one packet per row; `seq` and `timestamp` have one value per row.
    """

    payload_type: int
    ssrc: int
    seq: npt.NDArray[np.uint16]
    timestamp: npt.NDArray[np.uint32]
    payloads: npt.NDArray[np.uint8]
    packets: npt.NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.packets)


def prepare(
    payloads: npt.NDArray[np.uint8], *, payload_type: int, ssrc: int, first_seq: int, first_timestamp: int
) -> PreparedStream:
    """Pack a matrix of equal payloads (one packet per row, one octet per sample) into consecutive packets.

    Sequence numbers and timestamps wrap as RFC 3550 says; the marker is set on the first packet (RFC 3551 4.1).
    """
    count, samples = payloads.shape
    seq = ((first_seq + np.arange(count)) % (1 << 16)).astype(np.uint16)
    timestamp = ((first_timestamp + samples * np.arange(count)) % (1 << 32)).astype(np.uint32)
    header = np.zeros(count, dtype=[("v", "u1"), ("pt", "u1"), ("seq", ">u2"), ("ts", ">u4"), ("ssrc", ">u4")])
    header["v"], header["pt"], header["ssrc"] = VERSION << 6, payload_type, ssrc
    header["seq"], header["ts"] = seq, timestamp
    header["pt"][:1] |= 0x80
    packets = np.hstack([header.view(np.uint8).reshape(count, HEADER.size), payloads])
    return PreparedStream(payload_type, ssrc, seq, timestamp, payloads, packets)
