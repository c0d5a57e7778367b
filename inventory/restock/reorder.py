"""B3: from the sums of demand to the reorder point and the size of an order, for many SKUs at once.

Orders come at a rate that is not known but estimated (gamma), each of several units (compound), over a lead time that
varies. Mean and variance of what is asked for until an order arrives are put together from these three, and a negative
binomial with that mean and variance says how much is enough at a level of service.
"""

from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from inventory.restock.demand import Floats, Ints, State

PRIOR_ORDERS = 3  # the pool weighs as much as so many orders of the SKU itself
COVER = 30  # days of mean demand that an order brings beyond the reorder point
LONGEST_COVER = 365  # days of mean demand that one order may bring, unless one MOQ is more
UNDERFLOW = -700.0  # below this logarithm the finite sum cannot start in float64
LONGEST_SUM = 1e6  # units: a shelf of this size is nobody's; an absurd record must not take hours
MOST_UNITS = 1e12  # of a reorder point or an order, likewise
SPREADS = (0.0, *(2.0 ** (step / 2) for step in range(-6, 3)))  # ratios of sd_L to the protection time
_CERTAIN = 1e-3  # days of sd_L that are none
_NEARLY_POISSON = 1 + 1e-12  # variance over mean, up to which a negative binomial is a Poisson
_CELLS = 1 << 20  # of one step of the finite sum: bounds its memory


class Pool(NamedTuple):
    """Of all SKUs of a (country, type): units of an order, their square, orders a day. Floats or arrays."""

    m0: float | Floats
    q0: float | Floats
    r0: float | Floats


class Rates(NamedTuple):
    """`m1` units and `m2` squared units of an order; orders a day `lam`, from a gamma of shape `a` and rate `b`."""

    m1: Floats
    m2: Floats
    a: Floats
    b: Floats
    lam: Floats

    @property
    def daily(self) -> Floats:
        """Mean demand in units a day."""
        return self.lam * self.m1


def pool(state: State) -> Pool:
    """What the SKUs of one (country, type) have in common. Where nobody has ordered yet, an order is of one unit."""
    orders = float(np.sum(state.N))
    seen = np.asarray(state.e) > 1e-6  # a day counts 1 at first
    rate = float(np.median(np.asarray(state.N)[seen] / np.asarray(state.e)[seen])) if seen.any() else 0.0
    if orders <= 0:
        return Pool(1.0, 1.0, rate + 0.02)
    return Pool(float(np.sum(state.Q)) / orders, float(np.sum(state.Q2)) / orders, rate + 0.02)


def rates(state: State, pooled: Pool) -> Rates:
    """Each SKU's own experience, and the less there is of it the more of the pool's."""
    weight = np.asarray(state.N, dtype=np.float64) + PRIOR_ORDERS
    m1 = (state.Q + PRIOR_ORDERS * np.asarray(pooled.m0)) / weight
    m2 = (state.Q2 + PRIOR_ORDERS * np.asarray(pooled.q0)) / weight
    a = 0.5 + np.asarray(state.N, dtype=np.float64)
    b = 0.5 / np.asarray(pooled.r0) + state.e
    return Rates(m1, m2, a, b, a / b)


def demand_until(known: Rates, protection: Floats, sd_L: Floats) -> tuple[Floats, Floats]:
    """Mean and variance of the units asked for in a protection time (lead time and review interval, days).

    The three variances: of compound orders at a known rate, of the rate, of the lead time.
    """
    mean = known.lam * protection * known.m1
    orders = known.lam * protection * known.m2
    rate = known.a / known.b**2 * (protection * known.m1) ** 2
    return mean, orders + rate + (known.lam * known.m1 * sd_L) ** 2


def enough(level: Floats, known: Rates, protection: Floats, sd_L: Floats) -> Ints:
    """The units that suffice for a protection time with probability `level`: the quantile of B3, made monotone.

    By itself that one can fall when the lead time gets longer or less certain, which B4 forbids: of two negative
    binomials with one mean the wider has more mass at zero too. At one ratio of sd_L to the time it only grows with
    the time. So the most of any shorter time and smaller sd_L counts, sought on a ladder of ratios. Where sd_L is not
    more than half of the time, and the level not above 0.98, that is the quantile itself but for a unit.
    """
    ratio = np.array(SPREADS)[:, None]
    shorter = np.divide(
        sd_L, ratio, out=np.full((len(SPREADS), len(sd_L)), np.inf), where=(ratio > 0) & (sd_L > _CERTAIN)
    )
    time = np.vstack([protection, np.minimum(protection, shorter)])
    spread = np.vstack([sd_L, np.minimum(sd_L, ratio * time[1:])])
    mean, var = demand_until(known, time, spread)
    levels = np.broadcast_to(level, mean.shape)
    found = quantile(levels.ravel(), mean.ravel(), var.ravel()).reshape(mean.shape)
    return np.asarray(found.max(axis=0), dtype=np.int64)


def quantile(level: Floats, mean: Floats, var: Floats) -> Ints:
    """The fewest units that suffice with probability `level`: negative binomial, or Poisson where var <= mean.

    Both are found by adding up p_0, p_1, ... with p_(j+1) = p_j (A + B j)/(j + 1); where p_0 is too small for float64,
    the normal distribution serves (part A8 of the design).
    """
    wide = var > mean * _NEARLY_POISSON
    r = np.divide(mean**2, var - mean, out=np.ones_like(mean), where=wide)
    first = np.where(wide, -r * np.log1p(mean / r), -mean)
    slope = np.where(wide, mean / (r + mean), 0.0)
    start = np.where(wide, slope * r, mean)
    found = np.ceil(np.minimum(MOST_UNITS, mean + _normal(level) * np.sqrt(var))).astype(np.int64)
    summed = np.flatnonzero((first >= UNDERFLOW) & (mean + np.sqrt(var) < LONGEST_SUM))
    # Cantelli's inequality: no quantile lies further out, whatever the rounding of the sum.
    furthest = np.ceil(mean + np.sqrt(var * level / (1 - level)))
    found[summed] = _add_up(*(each[summed] for each in (level, np.exp(first), start, slope, furthest)))
    return np.maximum(found, 0)


def _normal(level: Floats) -> Floats:
    known, which = np.unique(level, return_inverse=True)
    return np.array([NormalDist().inv_cdf(each) for each in known.tolist()])[which]


def _add_up(level: Floats, p: Floats, start: Floats, slope: Floats, furthest: Floats) -> Ints:
    """The first j at which the sum of p_0 ... p_j reaches the level; in steps that double, of rows not done yet."""
    found = np.where(p >= level, 0, -1)
    total, base, width = p.copy(), 0, 16
    while len(left := np.flatnonzero(found < 0)):
        for rows in np.array_split(left, 1 + len(left) * width // _CELLS):
            j = np.arange(base, base + width)
            terms = p[rows, None] * np.cumprod((start[rows, None] + slope[rows, None] * j) / (j + 1), axis=1)
            sums = total[rows, None] + np.cumsum(terms, axis=1)
            reached = (sums >= level[rows, None]) | (j + 1 >= furthest[rows, None])
            found[rows] = np.where(reached[:, -1], base + 1 + reached.argmax(axis=1), -1)
            p[rows], total[rows] = terms[:, -1], sums[:, -1]
        base, width = base + width, min(2 * width, 4096)
    return found


def lots(wanted: Floats, moq: Floats, cap: Floats) -> Floats:
    """`wanted` units in whole lots of `moq`: one at least, and no more than `cap` units unless one lot is more."""
    most = np.maximum(1, np.floor(np.minimum(cap, MOST_UNITS) / moq))
    return np.asarray(np.clip(np.ceil(wanted / moq), 1, most) * moq, dtype=np.float64)
