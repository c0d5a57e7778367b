"""T.38's packets, octet by octet as gateways write them; of noise comes our own error and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testing_lab.fax import ifp, udptl
from testing_lab.fax.ifp import Data, Field, Indicator, Kind, MalformedFax, Modulation, Signal
from testing_lab.fax.udptl import Datagram, Receiver, Sender

DIS = bytes.fromhex("ffc801")

KNOWN = [
    ("00", Indicator(Signal.NO_SIGNAL)),
    ("02", Indicator(Signal.CNG)),
    ("04", Indicator(Signal.CED)),
    ("06", Indicator(Signal.V21_PREAMBLE)),
    ("0e", Indicator(Signal.V29_9600_TRAINING)),
    ("1e", Indicator(15)),  # V.17 14400, long training
    ("c001800000ff", Data(Modulation.V21, (Field(Kind.HDLC_DATA, b"\xff"),))),
    ("c001800002ffc801", Data(Modulation.V21, (Field(Kind.HDLC_DATA, DIS),))),
    ("c00120", Data(Modulation.V21, (Field(Kind.HDLC_FCS_OK),))),
    ("c00110", Data(Modulation.V21, (Field(Kind.HDLC_SIG_END),))),
    ("c00140", Data(Modulation.V21, (Field(Kind.HDLC_FCS_OK_SIG_END),))),
    ("c00221", Data(Modulation.V21, (Field(Kind.HDLC_FCS_OK), Field(Kind.HDLC_SIG_END)))),  # four bits each
    ("c0028000000120", Data(Modulation.V21, (Field(Kind.HDLC_DATA, b"\x01"), Field(Kind.HDLC_FCS_OK)))),
    ("c801e000010000", Data(Modulation.V29_9600, (Field(Kind.T4_NON_ECM_DATA, b"\0\0"),))),
    ("c80170", Data(Modulation.V29_9600, (Field(Kind.T4_NON_ECM_SIG_END),))),
]

packets = st.one_of(
    st.integers(0, 15).map(Indicator),
    st.builds(
        Data,
        st.integers(0, 8),
        st.lists(st.builds(Field, st.sampled_from(Kind), st.binary(max_size=80)), max_size=6).map(tuple),
    ),
)


@pytest.mark.parametrize(("octets", "packet"), KNOWN)
def test_packets_are_written_and_read_as_gateways_do(octets: str, packet: ifp.Ifp) -> None:
    assert ifp.encode(packet).hex() == octets
    assert ifp.decode(bytes.fromhex(octets)) == packet


@pytest.mark.parametrize(
    "octets",
    ["", "20", "80", "60", "c0", "c001", "c00180", "c001800000", "c0018000ffff", "d2", "c00120ff", "c080", "0400"],
)
def test_what_is_no_packet_is_malformed(octets: str) -> None:
    with pytest.raises(MalformedFax):
        ifp.decode(bytes.fromhex(octets))


@given(packets)
def test_every_packet_survives_the_wire(packet: ifp.Ifp) -> None:
    assert ifp.decode(ifp.encode(packet)) == packet


@given(st.binary(max_size=60) | st.binary(max_size=30).map(lambda tail: b"\xc0\x02\x80\x00" + tail))
def test_noise_is_a_packet_or_malformed(octets: bytes) -> None:
    receiver = Receiver()
    for read in (ifp.decode, udptl.unpack):
        try:
            read(octets)
        except MalformedFax:
            continue
    receiver.take(octets)


def test_datagrams_are_written_as_gateways_do() -> None:
    sender = Sender()
    written = [sender.pack(Indicator(signal)).hex() for signal in (Signal.NO_SIGNAL, Signal.CED, Signal.V21_PREAMBLE)]
    assert written == ["000001000000", "0001010400010100", "00020106000201040100"]


def test_a_long_packet_has_a_length_of_two_octets() -> None:
    assert udptl.pack(Datagram(7, b"x" * 200)).startswith(bytes.fromhex("000780c8") + b"x")
    assert udptl.unpack(udptl.pack(Datagram(7, b"x" * 200, (b"y",)))) == Datagram(7, b"x" * 200, (b"y",))
    with pytest.raises(ValueError, match="datagram"):
        udptl.pack(Datagram(7, b"x" * 1400))


def test_packets_that_protect_by_parity_count_alone() -> None:
    assert udptl.unpack(bytes.fromhex("000501048003012345")) == Datagram(5, b"\x04")


def sent(count: int) -> list[bytes]:
    sender = Sender()
    return [sender.pack(Indicator(number % 16)) for number in range(count)]


def heard(datagrams: list[bytes]) -> list[int | None]:
    receiver = Receiver()
    packets = [packet for datagram in datagrams for packet in receiver.take(datagram)]
    return [packet.signal if isinstance(packet, Indicator) else None for packet in packets]


def test_three_losses_in_a_row_are_recovered_and_four_are_told() -> None:
    datagrams = sent(12)
    assert heard(datagrams[:4] + datagrams[7:]) == list(range(12))
    assert heard(datagrams[:4] + datagrams[8:]) == [0, 1, 2, 3, None, 5, 6, 7, 8, 9, 10, 11]


def test_disorder_and_copies_make_no_difference() -> None:
    d = sent(6)
    assert heard([d[1], d[0], d[1], d[3], d[3], d[2], d[5], d[4]]) == [0, 1, 2, 3, 4, 5]


def test_numbers_begin_anew_after_65535() -> None:
    sender, receiver = Sender(number=65_534), Receiver(_expected=65_534)
    datagrams = [sender.pack(Indicator(number)) for number in range(4)]
    assert [packet for datagram in datagrams for packet in receiver.take(datagram)] == [Indicator(n) for n in range(4)]


@pytest.mark.parametrize("hostile", [b"", b"\x80\x00" * 80, b"\xff" * 9, Sender(number=20_000).pack(Indicator(9))])
def test_strangers_change_nothing(hostile: bytes) -> None:
    datagrams = sent(4)
    assert heard([datagrams[0], hostile, *datagrams[1:]]) == [0, 1, 2, 3]
