"""When a number will probably be released (design A5): from what became of others like it, else from fading. Pure."""

from typing import NamedTuple

import numpy as np

from inventory.quarantine.likelihood import Floats, Ints, Terms, calibrated, exceeding, posterior
from inventory.quarantine.model import Model, Remaining, age_band, p_band

FADING_DAYS = 60.0
WEEKS = range(7, 366, 7)
ENOUGH = 50  # numbers in a cell


class Prediction(NamedTuple):
    """Days from today until the release, in the middle and the range; NaN is never, or not known.

    `chance` is that of ever being released; NaN without finished stays to count.
    """

    days: Floats
    low: Floats
    high: Floats
    chance: Floats


class Waiting(NamedTuple):
    """What a prediction looks at; `least` is days from today until the minimum has passed, 0 if it has."""

    terms: Terms
    bg: Floats
    p: Floats
    alpha: Floats
    source: Ints
    age: Ints
    least: Ints


def predict(waiting: Waiting, model: Model) -> Prediction:
    """The prediction of each row."""
    days, low, high, chance = _looked_up(waiting, model)
    unknown = np.isnan(chance)
    days[unknown] = _faded(waiting, model)[unknown]
    least = waiting.least.astype(np.float64)
    return Prediction(np.maximum(days, least), np.maximum(low, least), np.maximum(high, least), chance)


def _looked_up(waiting: Waiting, model: Model) -> tuple[Floats, Floats, Floats, Floats]:
    """From the table; a number that more likely never is released has no day."""
    found = np.full((len(waiting.p), 4), np.nan)
    if model.table:
        cells = np.array([[[cell or (np.nan,) * 4 for cell in ages] for ages in source] for source in model.table])
        found = cells[waiting.source, age_band(waiting.age), p_band(waiting.p)]
    days, low, high, never = found.T.copy()
    hopeless = never > 0.5
    for each in (days, low, high):
        each[hopeless] = np.nan
    return days, low, high, 1 - never


def _faded(waiting: Waiting, model: Model) -> Floats:
    """The first week in which fading alone, down to the background, has brought p below alpha."""
    found = np.where(waiting.p < waiting.alpha, 0.0, np.nan)
    for days in WEEKS:
        open_rows = np.flatnonzero(np.isnan(found))
        if not len(open_rows):
            break
        terms = waiting.terms.rows(open_rows)
        below = fading(terms, waiting.bg[open_rows], np.array(days), model) < waiting.alpha[open_rows]
        found[open_rows[below]] = days
    return found


def fading(terms: Terms, bg: Floats, days: Ints, model: Model) -> Floats:
    """The likelihood so many days ahead: the rate of contacts falls towards the background, by e in `FADING_DAYS`."""
    a, b = posterior(terms)
    rate, k = a / b, terms.k
    faded = bg + np.maximum(0, rate - bg) * np.exp(-days / FADING_DAYS)
    return calibrated(exceeding(a, a / faded, k), model.c0, model.c1)


def cell_of(remaining: Floats, released: int, never: int) -> Remaining | None:
    """A cell of the table, from the days until each release; None when too few were like that."""
    if released + never < ENOUGH:
        return None
    median, low, high = np.quantile(remaining, (0.5, 0.1, 0.9)) if released else (365.0,) * 3
    return Remaining(round(float(median), 1), round(float(low), 1), round(float(high), 1), never / (released + never))
