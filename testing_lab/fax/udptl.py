"""UDPTL: a sequence number, one packet of T.38, and its predecessors once more (ITU-T T.38 9.1, annex A).

Redundancy is what we send and recover from; error correction by parity (FEC) is read past, its packets count alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from testing_lab.fax.ifp import Ifp, MalformedFax, decode, encode

REDUNDANCY = 3  # predecessors in each datagram: bridges so many losses in a row
LARGEST = 1400
MOST_SECONDARIES = 127
_PARITY = 0x80
_SPACE = 1 << 16
MOST_AHEAD = 500  # packets, some 20 s; further on, or behind, is no packet that we wait for


@dataclass(frozen=True, slots=True)
class Datagram:
    """`secondaries` are the packets numbered `number` - 1, - 2 and so on, as octets."""

    number: int
    primary: bytes
    secondaries: tuple[bytes, ...] = ()


def pack(datagram: Datagram) -> bytes:
    """As octets. Raises ValueError for what does not fit."""
    secondaries = b"".join(map(_open_type, datagram.secondaries))
    head = datagram.number.to_bytes(2, "big") + _open_type(datagram.primary)
    packed = head + bytes([0, len(datagram.secondaries)]) + secondaries
    if len(packed) > LARGEST:
        raise ValueError(f"a datagram of {len(packed)} octets")
    return packed


def unpack(octets: bytes) -> Datagram:
    """Read one datagram. Raises MalformedFax, and nothing else."""
    if len(octets) < 3:
        raise MalformedFax("too short")
    primary, at = _read_open_type(octets, 2)
    if at >= len(octets):
        raise MalformedFax("no error recovery")
    secondaries: list[bytes] = []
    if not octets[at] & _PARITY:
        count = octets[at + 1] if at + 1 < len(octets) else 0
        if count > MOST_SECONDARIES:
            raise MalformedFax("more packets than a datagram has")
        at += 2
        for _ in range(count):
            secondary, at = _read_open_type(octets, at)
            secondaries.append(secondary)
    return Datagram(int.from_bytes(octets[:2], "big"), primary, tuple(secondaries))


def _open_type(octets: bytes) -> bytes:
    """With its length in one or two octets (X.691 11.9)."""
    if len(octets) >= 1 << 14:
        raise ValueError("too long")
    length = bytes([len(octets)]) if len(octets) < 128 else (0x8000 | len(octets)).to_bytes(2, "big")
    return length + octets


def _read_open_type(octets: bytes, at: int) -> tuple[bytes, int]:
    if at >= len(octets):
        raise MalformedFax("the datagram ends early")
    length, start = octets[at], at + 1
    if length & 0x80:
        if length & 0x40 or start >= len(octets):
            raise MalformedFax("a length that no datagram has")
        length, start = (length & 0x3F) << 8 | octets[start], start + 1
    if start + length > len(octets):
        raise MalformedFax("the datagram ends early")
    return octets[start : start + length], start + length


@dataclass(slots=True)
class Sender:
    """Numbers packets, and adds their predecessors."""

    number: int = 0
    _before: tuple[bytes, ...] = ()

    def pack(self, packet: Ifp) -> bytes:
        """The next datagram."""
        octets = encode(packet)
        datagram = pack(Datagram(self.number, octets, self._before))
        self.number, self._before = (self.number + 1) % _SPACE, (octets, *self._before)[:REDUNDANCY]
        return datagram


@dataclass(slots=True)
class Receiver:
    """Puts packets in order, and takes from the redundancy what was lost. What is late or malformed is passed over.

    `came` counts datagrams, `recovered` packets that only redundancy brought, `lost` those that nothing did.
    """

    came: int = 0
    recovered: int = 0
    lost: int = 0
    malformed: int = 0
    _expected: int = 0

    def take(self, octets: bytes) -> Sequence[Ifp | None]:
        """The packets that this datagram brings, in order; None stands for some that are lost."""
        try:
            datagram = unpack(octets)
            packets = [decode(each) for each in reversed((datagram.primary, *datagram.secondaries))]
        except MalformedFax:
            self.malformed += 1
            return ()
        self.came += 1
        ahead = (datagram.number - self._expected) % _SPACE
        if ahead >= MOST_AHEAD:
            return ()
        self._expected = (datagram.number + 1) % _SPACE
        fresh = packets[-(ahead + 1) :]
        gap = ahead + 1 - len(fresh)
        self.recovered += len(fresh) - 1
        self.lost += gap
        return [None, *fresh] if gap else fresh
