"""The arithmetic of a night over whole columns (design A3 to A5): who asks the engine and the nights share it. Pure."""

from datetime import date
from typing import NamedTuple

import numpy as np

from inventory.quarantine.actions import VERDICTS, Action, Override
from inventory.quarantine.history import Bools, Seen
from inventory.quarantine.likelihood import Floats, Ints, Terms, likelihood
from inventory.quarantine.model import Model
from inventory.quarantine.prediction import Prediction, Waiting, predict
from inventory.quarantine.verdict import Case, verdicts

OVERRIDES = tuple(Override)
NO_OVERRIDE = NO_MAXIMUM = -1
NO_DAY = 0
LAST_DAY = date.max.toordinal()
_RELEASES = np.array([verdict.action == Action.RELEASE for verdict in VERDICTS])
_RETIRES = np.array([verdict.action == Action.RETIRE for verdict in VERDICTS])


class Columns(NamedTuple):
    """What is known of each stay beside its traffic; limits in days, `entered` an ordinal, `override` of OVERRIDES."""

    entered: Ints
    source: Ints
    bg: Floats
    k: Ints
    minimum: Ints
    maximum: Ints
    alpha: Floats
    retested: Bools
    private: Bools  # the cell's privacy rule
    may_give_up: Bools
    override: Ints


class Reckoned(NamedTuple):
    """What came out: `verdict` is of VERDICTS; `predicted` has the middle, the low and the high day as ordinals;
    `never` is the chance of never being released, NaN where no finished stays tell of it."""

    age: Ints
    mean: Floats
    raw: Floats
    p: Floats
    verdict: Ints
    predicted: Ints
    never: Floats


def reckon(today: int, columns: Columns, known: Seen, model: Model) -> Reckoned:
    """What to do with each number on the morning of `today`, an ordinal, and from what."""
    age = today - columns.entered
    since = np.maximum(age, 0)
    mu = np.array(model.prior)[columns.source] * columns.bg
    terms = Terms(known.S, known.E, mu, columns.k, model.rho_of(columns.source, since))
    likely = likelihood(terms, model.c0, model.c1)
    least = np.maximum(columns.minimum - age, 0)
    waiting = Waiting(terms, columns.bg, likely.p, columns.alpha, columns.source, since, least)
    foreseen = predict(waiting, model)
    verdict = verdicts(_case(columns, known, age=age, p=likely.p, chance=foreseen.chance))
    return Reckoned(age, *likely, verdict, _predicted(today, verdict, foreseen), 1 - foreseen.chance)


def _case(columns: Columns, known: Seen, *, age: Ints, p: Floats, chance: Floats) -> Case:
    return Case(
        age=age,
        minimum=columns.minimum,
        maximum=columns.maximum,
        alpha=columns.alpha,
        p=p,
        heard_of=(known.observed > 0) | (known.last > 0),
        observed_lately=known.observed_lately,
        retested=columns.retested,
        codes_lately=columns.private & (known.recent[:, 5] > 0),
        may_give_up=columns.may_give_up,
        chance=chance,
        forced={override: columns.override == index for index, override in enumerate(OVERRIDES)},
    )


def _predicted(today: int, verdict: Ints, foreseen: Prediction) -> Ints:
    """The three days of each row: today for what is released, none for what is retired, none beyond the calendar."""
    days = np.stack(foreseen[:3], axis=1)
    days[_RELEASES[verdict]] = 0
    days[_RETIRES[verdict]] = np.nan
    known = days <= LAST_DAY - today  # NaN is not
    found: Ints = np.where(known, today + np.rint(np.where(known, days, 0)).astype(np.int64), NO_DAY)
    return found
