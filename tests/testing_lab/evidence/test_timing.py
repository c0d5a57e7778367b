"""The time of each packet, as it is kept for a plot: true, small, and read again as it was."""

import json
from dataclasses import replace

import numpy as np

from testing_lab.evidence.timing import MOST_PACKETS, Timing, timing
from tests.testing_lab.media.test_meter import arrived, sent_log


def test_each_packet_has_its_delay_and_a_lost_one_has_none() -> None:
    sent = sent_log(6)
    found = timing(sent, arrived(sent, [0, 1, 3, 5], [30.0, 31.5, 30.0, 42.0]))
    assert found.sent_at == (0, 200, 400, 600, 800, 1000)
    assert found.delay == (300, 315, None, 300, None, 420)


def test_packets_that_came_twice_are_marked_and_those_of_a_stranger_counted() -> None:
    sent, stranger = sent_log(6), sent_log(6, first_seq=3)
    found = timing(sent, arrived(sent, [0, 1, 1, 2, 3, 4, 4, 4, 5]))
    assert (found.again, found.foreign) == ((1, 4), 0)
    silent = replace(sent, ssrc=1, payload=np.zeros((6, 160), np.uint8))
    crossed = timing(silent, arrived(stranger, [0, 1, 2]))
    assert (crossed.delay, crossed.foreign) == ((None,) * 6, 3)


def test_a_packet_that_nobody_listened_for_is_not_called_lost() -> None:
    sent = sent_log()
    received = replace(arrived(sent, list(range(50, 200))), opened_ns=int(sent.sent_ns[50]))
    found = timing(sent, received)
    assert len(found.delay) == 150
    assert None not in found.delay


def test_what_is_kept_of_the_longest_call_takes_ten_kilobytes_at_most_and_reads_back_as_it_was() -> None:
    sent = sent_log(1000)
    rows = [row for row in range(1000) if row % 7]
    found = timing(sent, arrived(sent, rows, [30 + row % 40 / 10 for row in rows]))
    assert (len(found.delay), found.left_out) == (MOST_PACKETS, 400)
    kept = json.dumps(found.kept(), separators=(",", ":"))
    assert len(kept) < 5_000  # of one direction
    assert Timing.read(json.loads(kept)) == found


def test_a_call_in_which_nothing_was_sent_is_kept_too() -> None:
    sent = sent_log(1)
    empty = timing(sent, arrived(sent, []))
    assert Timing.read(json.loads(json.dumps(empty.kept()))) == empty
