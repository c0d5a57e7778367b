"""Which exchanges of one number go side by side, and which one after the other."""

from enum import IntEnum


class Lane(IntEnum):
    """The lanes of a suite run side by side, and begin in this order; within one, exchanges follow one another.

    An exchange says `lane = Lane.CALL`; one without a lane, as messages are, goes beside all others. Two lanes of
    calls: at any moment a number has one call and, beneath it, the long one. More would need more channels than a
    number must be sold with, and of two calls that arrive at the same moment one couldn't tell which is which.
    """

    HELD_CALL = 1
    CALL = 2
    BESIDE = 3


def lane_of(kind: type) -> Lane:
    """The lane that the exchange names, or BESIDE."""
    lane: Lane = getattr(kind, "lane", Lane.BESIDE)
    return lane
