"""Finished quarantines day by day, and what is known of the 30 days that followed each (design A3). Pure.

The outcome of a day is taken from what was seen, and only where all of it was seen. Who is released is gone, and is
cleaner than who stays: to look only at those who stay makes every number look worse than it is. A window that reaches
beyond the release therefore stands for all that were released: by the *sentinels* that were watched 30 days more. Where
there are none, only ages are used at which nobody could have been released within the window.

A new owner who reports unwanted traffic within 30 days says what became of that one: it was dirty when it was let go.
It stands for itself, beside the sentinels, which stand for the others; without them it would be the only one of its age
that is known, so it does not count.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from inventory.quarantine.feed import Feed
from inventory.quarantine.history import DAILY_CAP, DISCOUNT, Bools
from inventory.quarantine.likelihood import HORIZON, Floats, Ints
from inventory.quarantine.records import Stay, Stays

MOST_STAYS = 20_000  # evenly chosen: more make the fit slower, not better
LAST_AGE = 400
#: The days that are looked at: often while most numbers are decided on, then less.
AGES = (0, 4, 8, 12, *range(15, 91, 5), *range(100, 200, 10), *range(200, 361, 20))
FEW_SENTINELS = 100


class Sample(NamedTuple):
    """Days of stays whose next 30 days are known: `dirty` is whether they brought more than k contacts."""

    stay: Ints
    age: Ints
    S: Floats
    E: Floats
    dirty: Bools
    weight: Floats

    def since(self, age: int) -> "Sample":
        """The rows from this age on."""
        late = self.age >= age
        stay, ages, dirty = self.stay[late], self.age[late], self.dirty[late]
        return Sample(stay, ages, self.S[late], self.E[late], dirty, self.weight[late])


@dataclass(frozen=True)
class Finished:
    """Matrices of stays by age: contacts, and whether the day was observed; `until` is the age at the end."""

    rows: list[Stay]
    contacts: npt.NDArray[np.int32]
    observed: Bools
    until: Ints
    ended: Bools
    reported: Bools  # by who bought it then

    def where(self, chosen: Bools) -> "Finished":
        """Some of them."""
        rows = [row for row, is_chosen in zip(self.rows, chosen, strict=True) if is_chosen]
        matrices = (self.contacts[chosen], self.observed[chosen])
        return Finished(rows, *matrices, self.until[chosen], self.ended[chosen], self.reported[chosen])

    @property
    def leaving(self) -> Ints:
        """The age at which each was, or as a sentinel would have been, released."""
        kept_longer = np.array([stay.sentinel for stay in self.rows]) & self.ended
        return np.maximum(self.until - HORIZON * kept_longer, 0)

    @cached_property
    def sums(self) -> tuple[Floats, Floats]:
        """S and E of A2 on the morning of each age, as matrices."""
        capped = np.minimum(self.contacts, DAILY_CAP) * self.observed
        S, E = np.zeros(capped.shape), np.zeros(capped.shape)
        for age in range(1, capped.shape[1]):
            S[:, age] = DISCOUNT * S[:, age - 1] + capped[:, age - 1]
            E[:, age] = DISCOUNT * E[:, age - 1] + self.observed[:, age - 1]
        return S, E


def unroll(stays: list[Stay], feed: Feed) -> Finished:
    """Lay the stays out by age; a stay without an end lasts until the last day of which the feed tells."""
    stays = stays[:: -(-len(stays) // MOST_STAYS)]
    entered, watch, horizon = Stays(stays).entered, feed.watch(), feed.last_day() + 1
    ended = np.array([stay.ended_on is not None for stay in stays])
    ends = np.array([horizon if stay.ended_on is None else stay.ended_on.toordinal() for stay in stays])
    until = np.clip(ends - entered, 0, LAST_AGE)
    width = LAST_AGE + HORIZON
    first = int(entered.min())
    watched = watch.over(first, int(entered.max()) - first + width)
    ages = np.arange(width)
    observed = watched[entered[:, None] - first + ages] & (ages < until[:, None])
    contacts = np.zeros(observed.shape, np.int32)
    by_number: dict[str, list[int]] = {}
    for index, stay in enumerate(stays):
        by_number.setdefault(stay.number, []).append(index)
    rows = feed.days(by_number)
    heeded = watch.heeded(rows.day, rows.observed)
    age = rows.day - entered[rows.stay]
    inside = (age >= 0) & (age < width)
    place = (rows.stay[inside], age[inside])
    # After the end a row counts only if it is a day that was told of as observed: the line may be a customer's.
    observed[place] = heeded[inside] & ((place[1] < until[place[0]]) | feed.is_explicit)
    contacts[place] = rows.contacts[inside]
    return Finished(stays, contacts, observed, until, ended, np.zeros(len(stays), np.bool_))


def sample(finished: Finished, k: Ints) -> Sample:
    """Every looked-at day of every stay whose outcome is known, weighted for those whose outcome is not."""
    S, E = finished.sums
    seen_days = np.cumsum(np.pad(finished.observed, ((0, 0), (1, 0))), axis=1, dtype=np.int32)
    came = np.cumsum(np.pad(finished.contacts, ((0, 0), (1, 0))), axis=1, dtype=np.int32)
    weights = _Weights(finished, seen_days)
    found = []
    for age in AGES:
        weight = weights.at(age) * (seen_days[:, age + HORIZON] - seen_days[:, age] == HORIZON)
        rows = np.flatnonzero(weight)
        dirty = came[rows, age + HORIZON] - came[rows, age] > k[rows]
        found.append(Sample(rows, np.full_like(rows, age), S[rows, age], E[rows, age], dirty, weight[rows]))
    found.append(weights.of_reports(S, E))
    return Sample(*(np.concatenate(columns) for columns in zip(*found, strict=True)))


class _Weights:
    """For how many stays of an age each of them stands."""

    def __init__(self, finished: Finished, seen_days: npt.NDArray[np.int32]) -> None:
        self._ended, self._leaving = finished.ended, finished.leaving
        watched_longer = np.array([stay.sentinel for stay in finished.rows], np.bool_)
        self._reported = np.flatnonzero(finished.reported & finished.ended & ~watched_longer)
        others = np.array([stay.released for stay in finished.rows], np.bool_)
        others[self._reported] = False
        released = np.flatnonzero(others)
        at = self._leaving[released]
        afterwards = seen_days[released, at + HORIZON] - seen_days[released, at] == HORIZON
        enough = afterwards.sum() >= FEW_SENTINELS
        self._beyond = 1 / float(afterwards.mean()) if enough else 0.0
        self._safe = np.full(len(self._leaving), LAST_AGE) if enough else self._earliest(finished, released)

    def at(self, age: int) -> Floats:
        """Zero for an age at which the stay was over, or at which who can be seen depends on what will be seen."""
        crossing = self._ended & (age + HORIZON > self._leaving)
        gone = self._ended & (age > self._leaving)
        unsafe = self._ended & (age + HORIZON > self._safe)
        return np.where(gone | unsafe, 0.0, np.where(crossing, self._beyond, 1.0))

    def of_reports(self, S: Floats, E: Floats) -> Sample:
        """The stays that were reported, at the age at which they were let go."""
        rows = self._reported if self._beyond else self._reported[:0]
        age = self._leaving[rows]
        return Sample(rows, age, S[rows, age], E[rows, age], np.ones(len(rows), np.bool_), np.ones(len(rows)))

    def _earliest(self, finished: Finished, released: Ints) -> Ints:
        """The age at which the first numbers under the same rules were released, but for a stray hundredth."""
        kinds = [(stay.source, stay.minimum) for stay in finished.rows]
        numbered = {kind: index for index, kind in enumerate(sorted(set(kinds)))}
        groups = np.array([numbered[kind] for kind in kinds])
        safe = np.full(len(groups), LAST_AGE)
        for group in set(groups[released].tolist()):
            at = self._leaving[released][groups[released] == group]
            safe[groups == group] = int(np.quantile(at, 0.01, method="lower"))
        return safe
