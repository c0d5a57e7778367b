"""The discounted sums: written out, and still the recursion of the design."""

import numpy as np
import pytest

from inventory.quarantine.history import DISCOUNT, Days, Watch, seen

TODAY = 738_000


def test_the_sums_are_those_of_the_nightly_recursion() -> None:
    random = np.random.default_rng(5)
    entered = TODAY - random.integers(0, 200, 30)
    stay, day = (axis.ravel() for axis in np.meshgrid(np.arange(30), np.arange(TODAY - 210, TODAY + 5), indexing="ij"))
    told = random.random(stay.size) < 0.3
    stay, day = stay[told], day[told]
    voice, observed = random.integers(0, 6, stay.size), random.random(stay.size) < 0.8
    none = np.zeros_like(voice)
    feed = {int(each): bool(random.random() < 0.9) for each in range(TODAY - 60, TODAY)}
    found = seen(entered, TODAY, Days(stay, day, voice, none, none, none, observed), Watch(otherwise=True, feed=feed))

    known = {
        (s, d): (y, o) for s, d, y, o in zip(*(column.tolist() for column in (stay, day, voice, observed)), strict=True)
    }
    for index, first in enumerate(entered.tolist()):
        S = E = 0.0
        for each in range(first, TODAY):
            y, o = known.get((index, each), (0, True))
            o = o and feed.get(each, True)
            S, E = DISCOUNT * S + o * min(y, 3), DISCOUNT * E + o
        assert (found.S[index], found.E[index]) == pytest.approx((S, E))
