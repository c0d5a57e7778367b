"""Who is heard at a port that others can find."""

import pytest

from testing_lab.media.latch import SILENT_NS, Latch

THEIRS, BESIDE, STRANGER, OTHER = ("10.0.0.1", 4000), ("10.0.0.1", 4002), ("192.0.2.9", 1), ("192.0.2.8", 1)
MS = 1_000_000


def heard(*packets: tuple[tuple[str, int], int]) -> list[int]:
    """The times in ms of the packets that are admitted."""
    latch = Latch([THEIRS])
    return [at for source, at in packets if latch.admits(source, at * MS)]


@pytest.mark.parametrize("source", [THEIRS, BESIDE, STRANGER])
def test_a_route_may_send_from_anywhere(source: tuple[str, int]) -> None:
    assert heard((source, 0), (source, 20)) == [0, 20]


@pytest.mark.parametrize(("better", "worse"), [(THEIRS, BESIDE), (THEIRS, STRANGER), (BESIDE, STRANGER)])
def test_nobody_talks_over_who_was_described_better(better: tuple[str, int], worse: tuple[str, int]) -> None:
    assert heard((worse, 0), (better, 1), (worse, 2), (better, 3), (worse, 4)) == [0, 1, 3]


def test_of_two_alike_the_first_is_heard() -> None:
    assert heard((STRANGER, 0), (OTHER, 1), (STRANGER, 2)) == [0, 2]


def test_a_route_may_move_when_its_old_end_is_silent() -> None:
    later = SILENT_NS // MS
    assert heard((THEIRS, 0), (BESIDE, later), (BESIDE, later + 20)) == [0, later, later + 20]
    assert heard((THEIRS, 0), (STRANGER, later), (THEIRS, later + 10), (STRANGER, later + 11)) == [0, later, later + 10]


def test_without_a_description_anybody_is_heard() -> None:
    latch = Latch([])
    assert all(latch.admits(source, 0) for source in (STRANGER, OTHER, THEIRS))
