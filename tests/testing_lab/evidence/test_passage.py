"""The audio that arrived, as a file that players know."""

import io
import struct

import numpy as np

from testing_lab.calculator import Calculator
from testing_lab.evidence.passage import Passage, passage_and, passage_of
from testing_lab.evidence.timing import Timing
from testing_lab.media import g711
from testing_lab.media.meter import compare
from tests.testing_lab.media.test_meter import arrived, sent_log


def chunks(wav: bytes) -> dict[bytes, bytes]:
    """Of a RIFF file; raises for one whose lengths are wrong."""
    file = io.BytesIO(wav)
    riff, length, kind = struct.unpack("<4sI4s", file.read(12))
    assert (riff, length, kind) == (b"RIFF", len(wav) - 8, b"WAVE")
    found = {}
    while head := file.read(8):
        name, size = struct.unpack("<4sI", head)
        found[name] = file.read(size)
        file.read(size % 2)
    return found


def test_the_file_says_mu_law_at_8_khz_and_holds_what_arrived() -> None:
    sent = sent_log(10)
    passage = passage_of(sent, arrived(sent, list(range(10))))
    found = chunks(passage.wav)
    assert struct.unpack("<HHIIHHH", found[b"fmt "]) == (7, 1, 8000, 8000, 1, 8, 0)
    assert struct.unpack("<I", found[b"fact"]) == (1600,)
    decoded = g711.decode(found[b"data"], g711.PCMU)
    assert np.array_equal(decoded, sent.decode())


def test_a_lost_packet_is_silence_of_its_length() -> None:
    sent = sent_log(10)
    heard = g711.decode(passage_of(sent, arrived(sent, [0, 1, 2, 4, 5, 6, 7, 8, 9])).audio)
    assert len(heard) == 1600
    assert not heard[480:640].any()


async def test_it_is_worked_out_in_the_calculating_process() -> None:
    calculator, sent = Calculator(), sent_log(10)
    log = arrived(sent, list(range(10)))
    try:
        passage, heard = await calculator.run(passage_and, compare, sent, log)
    finally:
        calculator.close()
    assert passage == passage_of(sent, log)
    assert heard == compare(sent, log)


def test_an_odd_length_is_padded_and_nothing_is_a_file_too() -> None:
    for audio in (b"\xff", b""):
        assert chunks(Passage(Timing(), audio).wav)[b"data"] == audio
