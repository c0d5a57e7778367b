"""Internet facsimile protocol packets: what T.38 carries, in aligned PER (ITU-T T.38 annex A, X.691), version 0.

    IFPPacket ::= SEQUENCE { type-of-msg CHOICE { t30-indicator, t30-data }, data-field SEQUENCE OF OPTIONAL }

Version 0 (1998) is what every gateway speaks; its field types have three bits and no extension mark.
"""

from dataclasses import dataclass
from enum import IntEnum

MOST_FIELDS = 127  # one octet of length; packets have a handful
LONGEST_FIELD = 65_535


class MalformedFax(ValueError):
    """Octets that are no packet of T.38."""


class Signal(IntEnum):
    """t30-indicator: what is on the line. Those of V.17 and later are known by number only."""

    NO_SIGNAL = 0
    CNG = 1
    CED = 2
    V21_PREAMBLE = 3
    V27_2400_TRAINING = 4
    V27_4800_TRAINING = 5
    V29_7200_TRAINING = 6
    V29_9600_TRAINING = 7


class Modulation(IntEnum):
    """t30-data: how the far modem would have sent it."""

    V21 = 0
    V27_2400 = 1
    V27_4800 = 2
    V29_7200 = 3
    V29_9600 = 4


class Kind(IntEnum):
    """field-type."""

    HDLC_DATA = 0
    HDLC_SIG_END = 1
    HDLC_FCS_OK = 2
    HDLC_FCS_BAD = 3
    HDLC_FCS_OK_SIG_END = 4
    HDLC_FCS_BAD_SIG_END = 5
    T4_NON_ECM_DATA = 6
    T4_NON_ECM_SIG_END = 7


@dataclass(frozen=True, slots=True)
class Indicator:
    """A signal begins."""

    signal: int


@dataclass(frozen=True, slots=True)
class Field:
    """One element of a data-field; `octets` are empty where the kind says it all."""

    kind: Kind
    octets: bytes = b""


@dataclass(frozen=True, slots=True)
class Data:
    """What a modem has sent."""

    modulation: int
    fields: tuple[Field, ...]


Ifp = Indicator | Data


def encode(packet: Ifp) -> bytes:
    """The packet as octets. Raises ValueError for what the syntax cannot hold."""
    bits = _Bits()
    is_data = isinstance(packet, Data)
    bits.put(1, is_data)  # data-field present
    bits.put(1, is_data)  # the choice
    bits.put(1, 0)  # of the values known in version 0
    bits.put(4, packet.modulation if isinstance(packet, Data) else packet.signal)
    if isinstance(packet, Data):
        bits.align()
        bits.put(8, _bounded(len(packet.fields), MOST_FIELDS))
        for field in packet.fields:
            bits.put(1, bool(field.octets))
            bits.put(3, field.kind)
            if field.octets:
                bits.align()
                bits.put(16, _bounded(len(field.octets), LONGEST_FIELD) - 1)
                bits.put(8 * len(field.octets), int.from_bytes(field.octets, "big"))
    return bits.octets()


def decode(octets: bytes) -> Ifp:
    """Read one packet. Raises MalformedFax, and nothing else; values beyond version 0 are malformed to us."""
    reader = _Reader(octets)
    has_field, is_data, is_extended = (bool(reader.take(1)) for _ in range(3))
    value = reader.take(4)
    if is_extended:
        raise MalformedFax("a value of a later version")
    if not is_data:
        if has_field:
            raise MalformedFax("an indicator with data")
        reader.end()
        return Indicator(value)
    if value > 8:
        raise MalformedFax(f"no such modulation: {value}")
    fields: tuple[Field, ...] = ()
    if has_field:
        reader.align()
        count = reader.take(8)
        if count > MOST_FIELDS:
            raise MalformedFax("more fields than a packet has")
        fields = tuple(_field(reader) for _ in range(count))
    reader.end()
    return Data(value, fields)


def _field(reader: "_Reader") -> Field:
    has_octets, kind = reader.take(1), Kind(reader.take(3))
    if not has_octets:
        return Field(kind)
    reader.align()
    return Field(kind, reader.take_octets(reader.take(16) + 1))


def _bounded(value: int, most: int) -> int:
    if value > most:
        raise ValueError(f"{value} is above {most}")
    return value


class _Bits:
    """Writes bits, the highest first."""

    def __init__(self) -> None:
        self._value = self._count = 0

    def put(self, width: int, value: int) -> None:
        if not 0 <= value < 1 << width:
            raise ValueError(f"{value} does not fit in {width} bits")
        self._value, self._count = self._value << width | value, self._count + width

    def align(self) -> None:
        self.put(-self._count % 8, 0)

    def octets(self) -> bytes:
        self.align()
        return self._value.to_bytes(self._count // 8, "big")


class _Reader:
    """Reads bits, the highest first; never beyond the end."""

    def __init__(self, octets: bytes) -> None:
        self._octets, self._at = octets, 0

    def take(self, width: int) -> int:
        end = self._at + width
        if end > 8 * len(self._octets):
            raise MalformedFax("the packet ends early")
        chunk = self._octets[self._at // 8 : -(-end // 8)]
        self._at = end
        return int.from_bytes(chunk, "big") >> -end % 8 & (1 << width) - 1

    def take_octets(self, count: int) -> bytes:
        first = self._at // 8
        if first + count > len(self._octets):
            raise MalformedFax("the packet ends early")
        self._at += 8 * count
        return self._octets[first : first + count]

    def align(self) -> None:
        self._at += -self._at % 8

    def end(self) -> None:
        """Only what fills the last octet may be left."""
        if 8 * len(self._octets) - self._at >= 8:
            raise MalformedFax("octets behind the packet")
