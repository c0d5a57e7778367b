"""Numbers with a hidden past, made by seed: who still calls them, and how that fades. Nothing here knows the engine."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

FIRST_DAY = date(2025, 1, 1)
#: Where no law sets a minimum, so that short periods may take part; with the background of `cells.yaml`.
KINDS = (("GB", "mobile", 0.045), ("DE", "local", 0.10), ("CA", "local", 0.05))
#: Share of former owners, half-life of what they get in days: quickly forgotten, usual, slow, never.
SPEEDS = ((0.35, 6.0), (0.35, 20.0), (0.22, 60.0), (0.08, 600.0))


@dataclass(frozen=True)
class World:
    """What the numbers of a world go through. `tail`: shape of the former owners' rates, smaller is heavier."""

    name: str
    tail: float = 0.0  # 0: gamma; else Pareto
    weekly: bool = False  # the former owner's callers keep to weekdays
    revivals: float = 0.0  # share of numbers whose old traffic comes back once
    burstiness: float = 0.0  # variance of the day's rate over its mean squared


WORLDS = (
    World("mixed speeds"),
    World("heavy tails", tail=1.3),
    World("weekly pattern", weekly=True),
    World("revivals", revivals=0.15),
    World("bursts", burstiness=3.0),
)


@dataclass(frozen=True)
class Numbers:
    """Contacts by number and day of the stay, which days were observed, and the records that say so."""

    records: list[dict[str, Any]]
    contacts: npt.NDArray[np.int64]
    observed: npt.NDArray[np.bool_]

    def dirty(self, k: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        """Whether the 30 days from each day on bring more than k contacts."""
        came = np.cumsum(np.pad(self.contacts, ((0, 0), (1, 0))), axis=1)
        found: npt.NDArray[np.bool_] = came[:, 30:] - came[:, :-30] > k[:, None]
        return found

    def events(self, before: int | None = None) -> list[dict[str, Any]]:
        """A row for each day with contacts or without a feed, of the first days of each stay."""
        shown = np.arange(self.contacts.shape[1]) < (before or self.contacts.shape[1])
        told = ((self.contacts > 0) | ~self.observed) & shown
        rows = zip(*(axis.tolist() for axis in np.nonzero(told)), strict=True)
        return [self._day(number, day) for number, day in rows]

    def _day(self, number: int, day: int) -> dict[str, Any]:
        came = int(self.contacts[number, day])
        return {
            "number": self.records[number]["number"],
            "day": (date.fromisoformat(self.records[number]["entered_on"]) + timedelta(day)).isoformat(),
            "voice": came - came // 4,
            "sms": came // 4,
            "otp": came // 8,
            "distinct_callers": came,
            "observed": bool(self.observed[number, day]),
        }


def make(world: World, count: int, days: int, seed: int) -> Numbers:
    """So many numbers, each seen for so many days, of every kind and source."""
    random = np.random.default_rng(seed)
    kind = random.integers(len(KINDS), size=count)
    new = random.random(count) < 0.15
    bg = np.array([bg for _, _, bg in KINDS])[kind] * random.lognormal(-0.045, 0.3, count)
    rate = bg[:, None] + np.where(new[:, None], 0, _former(world, random, count, days))
    if world.burstiness:
        rate = rate * random.gamma(1 / world.burstiness, world.burstiness, rate.shape)
    contacts = random.poisson(rate)
    storm = random.random(contacts.shape) < 1 / 3_000
    contacts = contacts + storm * random.integers(10, 300, contacts.shape)
    return Numbers(_records(kind, new), contacts, ~_gaps(random, count, days))


def _former(world: World, random: np.random.Generator, count: int, days: int) -> npt.NDArray[np.float64]:
    """The former owner's contacts a day: a level, fading at one of several speeds; some had none at all."""
    level = random.pareto(world.tail, count) * 0.15 if world.tail else random.gamma(0.6, 1.2, count)
    level = np.minimum(level, 40) * (random.random(count) < 0.75)
    shares, half_lives = zip(*SPEEDS, strict=True)
    half_life = random.choice(half_lives, size=count, p=shares)
    since = np.tile(np.arange(days), (count, 1))
    back = random.integers(30, days, count)
    revives = random.random(count) < world.revivals
    since = np.where(revives[:, None] & (since >= back[:, None]), since - back[:, None], since)
    found: npt.NDArray[np.float64] = level[:, None] * 0.5 ** (since / half_life[:, None])
    if world.weekly:
        found = found * np.where(np.arange(days) % 7 < 5, 1.35, 0.125)
    return found


def _gaps(random: np.random.Generator, count: int, days: int) -> npt.NDArray[np.bool_]:
    """A fifth of the numbers come from a provider whose feed stops for a week or two now and then."""
    weak = random.random(count) < 0.2
    down = np.zeros(days, np.bool_)
    for start in random.integers(0, days, max(days // 120, 1)):
        down[start : start + random.integers(3, 15)] = True
    return weak[:, None] & down


def _records(kind: npt.NDArray[np.int64], new: npt.NDArray[np.bool_]) -> list[dict[str, Any]]:
    """A number's country is told, so that its digits don't matter."""
    return [
        {
            "number": f"+999{index:09}",
            "country": KINDS[of][0],
            "number_type": KINDS[of][1],
            "source": "onboarded_new" if is_new else "released",
            "entered_on": FIRST_DAY.isoformat(),
            "min_days": 7,
            "max_days": 365,
        }
        for index, (of, is_new) in enumerate(zip(kind.tolist(), new.tolist(), strict=True))
    ]
