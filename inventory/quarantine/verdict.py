"""What happens to each number today: the first rule that speaks wins (design A4). Pure."""

from typing import NamedTuple

import numpy as np

from inventory.quarantine.actions import Override
from inventory.quarantine.history import Bools
from inventory.quarantine.likelihood import Floats, Ints

UNMONITORED_DAYS = 120
GIVE_UP_DAYS = 120
ENOUGH_DAYS = 10  # observed ones, of the last 14
PRIVACY_DAYS = 180


class Case(NamedTuple):
    """The arrays that the rules look at; ages and limits in days. `maximum` is -1 where there is none."""

    age: Ints
    minimum: Ints
    maximum: Ints
    alpha: Floats
    p: Floats
    heard_of: Bools  # a day was observed, or somebody called: then there is a feed
    observed_lately: Ints
    retested: Bools
    codes_lately: Bools  # one-time codes in the last 30 days, where the cell's privacy rule asks
    may_give_up: Bools
    chance: Floats  # of ever being released; NaN where nothing is known of it
    forced: dict[Override, Bools]


def verdicts(case: Case) -> Ints:
    """The verdict on each number, of VERDICTS. A person's word comes first, and still never beats the minimum."""
    old_enough = case.age >= case.minimum
    gap = case.observed_lately < np.minimum(case.age, ENOUGH_DAYS)
    waited = case.age >= np.maximum(case.minimum, UNMONITORED_DAYS)
    below = case.p < case.alpha
    private = case.codes_lately & (case.age <= PRIVACY_DAYS)
    fit = case.retested & ~private
    hopeless = case.may_give_up & (case.age >= GIVE_UP_DAYS) & (case.p > 0.5) & (case.chance < 0.2)
    conditions = [
        case.forced[Override.HOLD],
        case.forced[Override.RELEASE] & old_enough,
        case.forced[Override.RETIRE] & old_enough,
        ~old_enough,
        gap & ~case.heard_of & waited & case.retested,
        gap,
        below & fit,
        (case.maximum >= 0) & (case.age >= case.maximum),
        hopeless,
        below & ~case.retested,
        below & private,
    ]
    chosen: Ints = np.select(conditions, range(len(conditions)), len(conditions))
    return chosen
