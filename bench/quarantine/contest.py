"""The engine against fixed periods in one world: whom each releases when, and how many turn out dirty."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bench.quarantine.worlds import Numbers, World, make
from inventory.quarantine.calibration import fit, likelihoods, releases
from inventory.quarantine.feed import Feed
from inventory.quarantine.finished import Finished, unroll
from inventory.quarantine.model import Model
from inventory.quarantine.records import Stays, read_stays

DAYS = 430
PERIODS = (30, 45, 60, 90, 120)
ALPHAS = (*np.geomspace(0.004, 0.9, 40), 1.1)
BINS = (0, 0.02, 0.05, 0.1, 0.15, 0.25, 0.4, 0.6, 0.8, 1)


class Point(NamedTuple):
    """Days that a number was held on average, retired ones until day 365; the share of all numbers sold dirty."""

    holding: float
    dirty: float


class Duel(NamedTuple):
    """A fixed period, the engine's dirty share for the same holding, and its holding for the same dirty share."""

    period: int
    fixed: Point
    dirty: float
    holding: float


class Bin(NamedTuple):
    """Days of numbers with a p like this: how many, their mean p, and the share that was followed by traffic."""

    days: int
    p: float
    happened: float


@dataclass(frozen=True)
class Contest:
    """Numbers that the model has never seen; only those that somebody had before (nobody doubts the others)."""

    model: Model
    numbers: Numbers
    finished: Finished
    stays: Stays
    p: npt.NDArray[np.float64]
    dirty: npt.NDArray[np.bool_]

    def engine(self, alpha: float) -> Point:
        """What the engine would have done with this threshold."""
        released = releases(self.finished, self.stays, self.p, np.full(len(self.p), alpha))
        sold = np.flatnonzero((released >= 0) & self.used)
        dirty = self.dirty[sold, released[sold]].sum() / self.used.sum()
        return Point(float(np.where(released < 0, 365, released)[self.used].mean()), float(dirty))

    def fixed(self, days: int) -> Point:
        """What a fixed period would have done."""
        return Point(float(days), float(self.dirty[self.used, days].mean()))

    @property
    def used(self) -> npt.NDArray[np.bool_]:
        """Those that somebody had before."""
        return np.array([stay.source != "onboarded_new" for stay in self.stays.rows])

    def duels(self) -> list[Duel]:
        """Each fixed period, at equal holding and at equal dirtiness."""
        holding, dirty = np.array([self.engine(alpha) for alpha in ALPHAS]).T[:, ::-1]
        order = np.argsort(holding)
        fewer = np.minimum.accumulate(dirty[order])
        return [
            Duel(
                days,
                fixed,
                float(np.interp(fixed.holding, holding[order], fewer)),
                float(np.interp(fixed.dirty, fewer[::-1], holding[order][::-1])),
            )
            for days, fixed in ((days, self.fixed(days)) for days in PERIODS)
        ]

    def reliability(self) -> list[Bin]:
        """What was said of each number every fifth day, against what came."""
        said, came = self.p[:, :395:5].ravel(), self.dirty[:, :395:5].ravel()
        which = np.digitize(said, BINS) - 1
        chosen = ((which == index) for index in range(len(BINS) - 1))
        return [Bin(int(it.sum()), float(said[it].mean()), float(came[it].mean())) for it in chosen if it.any()]

    def error(self) -> float:
        """The mean distance between what was said and what came, over the bins (expected calibration error)."""
        bins = self.reliability()
        return sum(each.days * abs(each.p - each.happened) for each in bins) / sum(each.days for each in bins)


def hold(world: World, *, train: int, test: int, seed: int) -> Contest:
    """Fit the model to some numbers of the world, and let it decide on others."""
    past = make(world, train, DAYS, seed)
    model = fit(past.records, past.events())
    numbers = make(world, test, DAYS, seed + 1)
    rows = read_stays("numbers", numbers.records)
    finished = unroll(rows, Feed().read("events", numbers.events()))
    stays = Stays(rows, model.bg)
    p = likelihoods(finished, stays, model)
    return Contest(model, numbers, finished, stays, p, numbers.dirty(stays.k))
