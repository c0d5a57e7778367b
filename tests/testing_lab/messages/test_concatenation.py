import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testing_lab.messages import concatenation
from testing_lab.messages.concatenation import Part


@given(st.binary(max_size=2000), st.integers(0, 255), st.randoms(use_true_random=False))
def test_parts_join_to_the_whole_in_any_order(body: bytes, reference: int, rng: random.Random) -> None:
    pieces = concatenation.split(body, reference, concatenation.OCTETS_PER_PART)
    assert all(len(piece) <= 140 for piece in pieces)
    parts = [part for piece in pieces if (part := concatenation.parse(piece))]
    rng.shuffle(parts)
    assert len(parts) == len(pieces)
    assert concatenation.join(parts) == body


def test_a_missing_part_leaves_nothing_to_join() -> None:
    parts = [Part(1, 3, number, b"x") for number in (1, 3)]
    assert concatenation.join(parts) is None
    assert concatenation.join([]) is None
    assert concatenation.join([*parts, Part(2, 3, 2, b"x")]) is None


def test_a_16_bit_reference_beside_other_elements_is_read() -> None:
    header = bytes([0x05, 4, 0x0B, 0x84, 0, 0, 0x08, 4, 0x12, 0x34, 2, 1])
    assert concatenation.parse(bytes([len(header)]) + header + b"rest") == Part(0x1234, 2, 1, b"rest")


@pytest.mark.parametrize(
    "body", [b"", b"\x05", b"\x05\x00\x03\x01\x02\x03", b"\x05\x00\x03\x01\x00\x00x", b"\x02\x00\x09x"]
)
def test_a_broken_header_is_no_part(body: bytes) -> None:
    assert concatenation.parse(body) is None


@given(st.binary(max_size=160))
def test_any_octets_are_a_part_or_none(body: bytes) -> None:
    part = concatenation.parse(body)
    assert part is None or 0 < part.number <= part.total


@pytest.mark.parametrize(
    ("tlvs", "part"),
    [
        ({0x20C: b"\1\2", 0x20E: b"\3", 0x20F: b"\1"}, Part(0x102, 3, 1, b"x")),
        ({0x20C: b"\1\2", 0x20E: b"\3"}, None),
        ({0x20C: b"\1\2", 0x20E: b"\3", 0x20F: b"\4"}, None),
        ({0x20C: b"\1\2", 0x20E: b"\3", 0x20F: b"\0"}, None),
        ({0x20C: b"", 0x20E: b"\3", 0x20F: b"\1"}, None),
        ({}, None),
    ],
)
def test_parts_by_the_parameters_of_smpp(tlvs: dict[int, bytes], part: Part | None) -> None:
    assert concatenation.from_parameters(tlvs, b"x") == part
