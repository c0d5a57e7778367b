"""How likely unwanted traffic is in the next 30 days (design A3): closed form, over whole arrays. Pure."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

HORIZON = 30  # days
PRIOR_SHAPE = 0.5
LEAST = 1e-9  # nothing is surer than this
BLOCK = 8_192  # rows: their arrays stay in the processor's cache


class Terms(NamedTuple):
    """What A3 needs for each row: discounted contacts and days, the prior's mean rate a day, the threshold, fading."""

    S: Floats
    E: Floats
    mu: Floats
    k: Ints
    rho: Floats

    def rows(self, chosen: Ints) -> "Terms":
        """Those of these indexes, in their order; one may be named more than once."""
        return Terms(self.S[chosen], self.E[chosen], self.mu[chosen], self.k[chosen], self.rho[chosen])


class Likelihood(NamedTuple):
    """`mean`: expected contacts of 30 days; `raw`: P(N30 > k); `p`: the same, calibrated."""

    mean: Floats
    raw: Floats
    p: Floats


def likelihood(terms: Terms, c0: float, c1: float) -> Likelihood:
    """The likelihood of each row."""
    a, b = posterior(terms)
    raw = exceeding(a, b, terms.k)
    return Likelihood(HORIZON * a / b, raw, calibrated(raw, c0, c1))


def posterior(terms: Terms) -> tuple[Floats, Floats]:
    """Shape and rate of the gamma distribution of the contacts a day; `rho` below 1 expects them to fade."""
    return PRIOR_SHAPE + terms.S, (PRIOR_SHAPE / terms.mu + terms.E) / terms.rho


def exceeding(a: Floats, b: Floats, k: Ints) -> Floats:
    """P(N > k) of a negative binomial of shape `a` and success b/(b+30), within [1e-9, 1-1e-9]."""
    found = np.empty_like(a)
    for start in range(0, len(a), BLOCK):
        rows = slice(start, start + BLOCK)
        found[rows] = _exceeding(a[rows], HORIZON / (b[rows] + HORIZON), k[rows])
    return np.clip(found, LEAST, 1 - LEAST, out=found)


def _exceeding(a: Floats, q: Floats, k: Ints) -> Floats:
    """The finite sum: each term from the one before; a row whose `k` is reached adds nothing more."""
    lowest, highest = int(k.min()), int(k.max())
    term = np.exp(a * np.log1p(-q))
    total, shape, factor = term.copy(), a.copy(), np.empty_like(a)
    for j in range(highest):
        np.multiply(shape, q, out=factor)
        factor *= 1 / (j + 1)
        term *= factor
        if j >= lowest:
            term *= k > j
        total += term
        shape += 1
    return np.subtract(1, total, out=total)


def calibrated(raw: Floats, c0: float, c1: float) -> Floats:
    """`p` from `raw`: what such a likelihood turned out to mean."""
    found: Floats = 1 / (1 + np.exp(-(c0 + c1 * np.log(raw / (1 - raw)))))
    return found
