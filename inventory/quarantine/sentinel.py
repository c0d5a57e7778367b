"""Sentinels (design A3): a few of the numbers that are clean enough stay 30 days more, to see how true that was.

Who is released can't be watched any more, and is cleaner than who stays: without sentinels every fit would learn from
the others alone. They are chosen by a hash of the stay's id: nobody can wish a number in or out, and a night that is
done again chooses the same. Pure.
"""

import numpy as np

from inventory.quarantine.history import Bools
from inventory.quarantine.likelihood import Ints

DAYS = 30


def chosen(stays: Ints, share: float) -> Bools:
    """Which of these stays, by their ids, are sentinels if a share of them is kept (0 to 1)."""
    found: Bools = spread(stays) < np.uint64(round(share * 2**32))
    return found


def keeps(stays: Ints, age: Ints, maximum: Ints, share: float) -> Bools:
    """Which of the stays that would be released today begin to be watched longer: chosen ones whose maximum allows it.

    Ages and maxima in days; no maximum is below 0.
    """
    return chosen(stays, share) & ((maximum < 0) | (age + DAYS <= maximum))


def spread(ids: Ints) -> "np.typing.NDArray[np.uint64]":
    """A number below 2**32 for each id, that of its neighbours far away: the upper half of splitmix64 (Steele, Lea,
    Flood 2014)."""
    with np.errstate(over="ignore"):
        mixed = ids.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (mixed ^ (mixed >> np.uint64(31))) >> np.uint64(32)
