"""Long messages in parts: the user data header of 3GPP TS 23.040 section 9.2.3.24.1 (and .8 for 16-bit references)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

ESM_UDHI = 0x40
"""Bit of esm_class that says: the body begins with a user data header, SMPP 3.4 section 5.2.12."""
_EIGHT_BIT, _SIXTEEN_BIT = 0x00, 0x08
_TAG_SAR_REFERENCE, _TAG_SAR_TOTAL, _TAG_SAR_NUMBER = 0x020C, 0x020E, 0x020F
"""sar_msg_ref_num, sar_total_segments, sar_segment_seqnum: SMPP 3.4, 5.3.2.22 to 5.3.2.24."""
SEPTETS_PER_PART = 153
OCTETS_PER_PART = 134
"""Room beside the six octets of header: 160 septets less 7, or 140 octets less 6."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a concatenated message, `number` from 1 to `total`."""

    reference: int
    total: int
    number: int
    body: bytes


def split(body: bytes, reference: int, room: int) -> list[bytes]:
    """Cut a body (unpacked septets or octets) into parts of at most `room`, each with its header.

    An escape of the default alphabet or a surrogate pair may fall on a cut; the far end joins octets before it decodes.
    Raises ValueError above 255 parts or for a reference of more than one octet.
    """
    pieces = [body[start : start + room] for start in range(0, len(body), room)] or [b""]
    return [bytes([5, _EIGHT_BIT, 3, reference, len(pieces), number]) + piece for number, piece in enumerate(pieces, 1)]


def parse(body: bytes) -> Part | None:
    """Read the header of a part; None if there is no well-formed concatenation element in it."""
    if not body or len(body) <= body[0]:
        return None
    header, rest = body[1 : 1 + body[0]], body[1 + body[0] :]
    while len(header) >= 2:
        kind, length = header[0], header[1]
        value, header = header[2 : 2 + length], header[2 + length :]
        if (kind, length, len(value)) in ((_EIGHT_BIT, 3, 3), (_SIXTEEN_BIT, 4, 4)):
            reference, total, number = int.from_bytes(value[:-2], "big"), value[-2], value[-1]
            return Part(reference, total, number, rest) if 0 < number <= total else None
    return None


def from_parameters(tlvs: Mapping[int, bytes], body: bytes) -> Part | None:
    """The part that SMPP's own parameters describe: some SMSCs hand these out in place of the header."""
    values = [tlvs.get(tag) for tag in (_TAG_SAR_REFERENCE, _TAG_SAR_TOTAL, _TAG_SAR_NUMBER)]
    if any(not value for value in values):
        return None
    reference, total, number = (int.from_bytes(value or b"", "big") for value in values)
    return Part(reference, total, number, body) if 0 < number <= total else None


def join(parts: Sequence[Part]) -> bytes | None:
    """The whole body, whatever the order of its parts; None while one is missing or contradicts the others."""
    by_number = {part.number: part.body for part in parts}
    if len({(part.reference, part.total) for part in parts}) != 1 or len(by_number) != parts[0].total:
        return None
    return b"".join(by_number[number] for number in sorted(by_number))
