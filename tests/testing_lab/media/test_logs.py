"""What was received, as audio."""

import tracemalloc

import numpy as np

from testing_lab.media import g711, rtp
from testing_lab.media.logs import ReceivedLog, received_log

MS = 1_000_000


def log_of(*packets: tuple[int, rtp.Packet]) -> ReceivedLog:
    """Of packets and when they came, in ms."""
    arrivals = [(at * MS, rtp.pack(packet)) for at, packet in packets]
    return received_log(arrivals, opened_ns=0, closed_ns=10**12, refused=0, kernel_drops=0, stamped=True)


def test_where_two_streams_overlap_the_later_one_is_heard_whatever_their_codecs() -> None:
    for first, second in ((g711.PCMA, g711.PCMU), (g711.PCMU, g711.PCMA)):
        early, late = (
            g711.encode(np.full(160, level, np.int16), law) for level, law in ((1000, first), (-1000, second))
        )
        log = log_of(
            (0, rtp.Packet(first, 1, 0, 1, early.tobytes())), (10, rtp.Packet(second, 1, 0, 2, late.tobytes()))
        )
        heard = np.concatenate([g711.decode(early, first)[:80], g711.decode(late, second)])
        assert np.array_equal(log.audio, heard)


def test_a_flood_of_large_packets_does_not_fill_the_memory() -> None:
    octets = b"\x55" * 2000
    log = log_of(*((20 * i, rtp.Packet(g711.PCMU, i, 160 * i, 1, octets)) for i in range(500)))
    tracemalloc.start()
    try:
        assert len(log.audio) == 499 * 160 + len(octets)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < 12 * 500 * len(octets)
