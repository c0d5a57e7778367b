"""The honesty of a catalogue in one figure. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

WINDOW = 28  # days that count
HALF_LIFE = 7  # days
ENOUGH = 30  # numbers that were tried: fewer say too little
MARGIN = 0.05  # a stop goes only when the score is so much above the limit that placed it
_Z = 1.959964  # 95 %


@dataclass(frozen=True, slots=True)
class Score:
    """`share` of what was listed could be bought, by weighted days; `low` and `high` bound it with 95 % confidence.
    The counts are plain."""

    share: float
    low: float
    high: float
    listed: int
    purchasable: int

    @property
    def is_enough(self) -> bool:
        """Whether anything should be decided by it."""
        return self.listed >= ENOUGH


def score(days: Iterable[tuple[int, int, int]]) -> Score | None:
    """From (age in days, listed, purchasable); None when nothing was tried within the window.

    share = sum(w * purchasable) / sum(w * listed), w = 0.5 ** (age / 7): half-life and window as the issue asks. The
    plain share decides, not its lower bound: of 30 tries that bound lies below 0.8 with 28 of them bought, and would
    stop who is honest. The bounds are Wilson's (J. Am. Stat. Assoc. 22, 1927, 209), with sum(w * listed) as the number
    of tries, so old days widen them.
    """
    counted = [(0.5 ** (age / HALF_LIFE), listed, bought) for age, listed, bought in days if 0 <= age < WINDOW]
    weight = sum(w * listed for w, listed, _ in counted)
    if not weight:
        return None
    share = sum(w * bought for w, _, bought in counted) / weight
    low, high = _wilson(share, weight)
    return Score(share, low, high, sum(listed for _, listed, _ in counted), sum(bought for *_, bought in counted))


def _wilson(share: float, tries: float) -> tuple[float, float]:
    middle = (share + _Z * _Z / (2 * tries)) / (1 + _Z * _Z / tries)
    half = _Z / (1 + _Z * _Z / tries) * sqrt(share * (1 - share) / tries + _Z * _Z / (4 * tries * tries))
    return max(0.0, min(share, middle - half)), min(1.0, max(share, middle + half))
