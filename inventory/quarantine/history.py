"""What was seen on the lines, as discounted sums (design A2), without a state to keep. Pure.

`S` and `E` are the recursion of A2 written out: a night computes them anew from the daily contacts, so that late
records, repeats, their order and a night that broke off change nothing. Days are ordinals (`date.toordinal`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from inventory.quarantine.likelihood import Floats, Ints

Bools = npt.NDArray[np.bool_]

DISCOUNT = 0.5 ** (1 / 21)  # half-life 21 days
DAILY_CAP = 3  # a storm must not look like a habit
GAP_WINDOW = 14


class Days(NamedTuple):
    """Sparse rows, one for each stay (its index) and day on which there is something to say, ordered by both."""

    stay: Ints
    day: Ints
    voice: Ints
    sms: Ints
    otp: Ints
    callers: Ints
    observed: Bools

    def where(self, chosen: Bools) -> "Days":
        """The chosen rows."""
        stay, day, voice, sms, otp, callers = (column[chosen] for column in self[:6])
        return Days(stay, day, voice, sms, otp, callers, self.observed[chosen])

    @property
    def contacts(self) -> Ints:
        """`y` of A2; a one-time code that is not among the messages counts too."""
        return self.voice + np.maximum(self.sms, self.otp)


@dataclass(frozen=True)
class Watch:
    """Which days were observed, by what the feed says of its days (`feed`).

    One rule for all who ask: the nights, a single stay, a fit and `decide`. A day that the feed calls a gap was not
    observed, whatever came on it, since nobody knows what else came. Of the other days the row tells, and of a day
    without a row the feed; of what neither tells, `otherwise`.
    """

    otherwise: bool = True
    feed: Mapping[int, bool] = field(default_factory=dict)

    def over(self, first: int, count: int) -> Bools:
        """Whether silence was silence, on each of the days from `first` on."""
        return np.array([self.feed.get(day, self.otherwise) for day in range(first, first + count)], dtype=np.bool_)

    def heeded(self, day: Ints, observed: Bools) -> Bools:
        """Whether the day of each row was observed: `observed` is what the row itself says."""
        gaps = [day for day, healthy in self.feed.items() if not healthy]
        return observed & ~np.isin(day, gaps)


class Seen(NamedTuple):
    """What is known of each stay: the sums of A2, days observed in all and in the last 14, contacts as staff see them.

    `recent` has the columns voice, sms, otp of the last 7 days, then of the last 30; `last` is the ordinal of the last
    day with a contact, 0 without any.
    """

    S: Floats
    E: Floats
    observed: Ints
    observed_lately: Ints
    recent: Ints
    callers: Ints
    last: Ints


def seen(entered: Ints, as_of: int, days: Days, watch: Watch) -> Seen:
    """Every closed day of each stay: from the entry to the day before `as_of`."""
    count = len(entered)
    days = days.where((days.day >= entered[days.stay]) & (days.day < as_of))
    heeded = watch.heeded(days.day, days.observed)
    age = np.maximum(as_of - entered, 0)
    longest = int(age.max(initial=0))
    watched = watch.over(as_of - longest, longest)[::-1]  # the last closed day first
    ago = as_of - 1 - days.day
    weight = DISCOUNT**ago
    # A row replaces what the feed says of its day.
    change = heeded.astype(np.int64) - watched[ago]
    lately = ago < GAP_WINDOW
    counted = days.contacts * heeded

    def total(values: npt.NDArray[np.generic]) -> Floats:
        return np.bincount(days.stay, weights=values, minlength=count).astype(np.float64)

    def whole(values: npt.NDArray[np.generic]) -> Ints:
        return total(values).astype(np.int64)

    last = np.zeros(count, np.int64)
    np.maximum.at(last, days.stay, np.where(days.contacts > 0, days.day, 0))
    columns = (days.voice, days.sms, days.otp)
    return Seen(
        S=total(weight * np.minimum(counted, DAILY_CAP)),
        E=np.maximum(_first(watched * DISCOUNT ** np.arange(longest), age) + total(weight * change), 0.0),
        observed=_first(watched, age).astype(np.int64) + whole(change),
        observed_lately=_first(watched, np.minimum(age, GAP_WINDOW)).astype(np.int64) + whole(change * lately),
        recent=np.stack([whole(each * (ago < span)) for span in (7, 30) for each in columns], axis=1),
        callers=whole(days.callers * (ago < 30)),
        last=last,
    )


def _first(values: npt.NDArray[np.generic], counts: Ints) -> Floats:
    """The sum of the first so many values, for each count."""
    sums: Floats = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])[counts]
    return sums
