"""Fitting the model to finished quarantines (design A1, A3, A5): numpy only, a second or two. Pure.

One penalised maximum likelihood of what happened: the prior means, the fading and the calibration are moved together by
Newton steps (Fisher scoring), each held near its default as by a few dozen numbers, so that a source or an age band
that was hardly seen keeps it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import NamedTuple

import numpy as np

from inventory.quarantine.feed import Feed
from inventory.quarantine.fields import Record
from inventory.quarantine.finished import AGES, LAST_AGE, Finished, Sample, sample, unroll
from inventory.quarantine.history import DAILY_CAP, GAP_WINDOW
from inventory.quarantine.likelihood import Floats, Ints, Terms, exceeding, likelihood, posterior
from inventory.quarantine.model import AGE_BANDS, DEFAULT, P_BANDS, Model, Remaining, Table, age_band, p_band
from inventory.quarantine.prediction import ENOUGH, cell_of
from inventory.quarantine.records import SOURCES, Stays, read_stays
from inventory.quarantine.verdict import ENOUGH_DAYS

FEWEST = 1_000  # finished quarantines; with fewer the defaults stand
STEPS = 12
POLICY_MAXIMUM = 365
DECIDING_AGE = 30  # most numbers are decided on later
QUIET_AGE, QUIET_NUMBERS = 120, 200
BANDS = len(AGE_BANDS)
_PRIOR, _RHO, _C0, _C1 = slice(0, 3), slice(3, 3 + 3 * BANDS), 3 + 3 * BANDS, 4 + 3 * BANDS
_SPREAD = np.array([0.7] * 3 + [0.4] * 3 * BANDS + [1.0, 0.5])  # of each parameter around its default
_RHO_ALONE = np.array([1e-3] * 3 + [0.4] * 3 * BANDS + [1e-3, 1e-3])
_REACH = np.array([1.6] * 3 + [1.5] * 3 * BANDS + [5.0, 1.5])  # and never farther


def fit(numbers: Iterable[Record], events: Iterable[Record]) -> Model:
    """The model of these quarantines, their `ended_on` among their fields; DEFAULT for fewer than 1,000 finished ones.

    Raises BadRecord.
    """
    stays = read_stays("training numbers", numbers)
    feed = Feed().read("training events", events)
    if len(stays) < FEWEST or not feed.last_day():
        return DEFAULT
    return learn(unroll(stays, feed), len(stays), date.fromordinal(feed.last_day()))


def learn(finished: Finished, stays: int, fitted_to: date, *, fewest: int = FEWEST) -> Model:
    """The model of these quarantines, which stand for so many; DEFAULT if too few of them tell an outcome."""
    bg = _background(finished)
    measured = Stays(finished.rows, bg)
    found = sample(finished, measured.k)
    if len(set(found.stay.tolist())) < fewest:
        return DEFAULT
    model = _model(_best(measured, found), bg)
    return replace(
        model,
        table=_table(finished, measured, model),
        stays=stays,
        rows=len(found.stay),
        fitted_to=fitted_to.isoformat(),
    )


def log_loss(model: Model, finished: Finished, bg: Mapping[str, float]) -> float:
    """How badly the model foretells these quarantines: the weighted mean of -ln of what it gave to what happened.

    `bg` sets what counts as unwanted, so models are compared under the same. NaN where no outcome is known.
    """
    measured = Stays(finished.rows, bg)
    found = sample(finished, measured.k)
    if not len(found.stay):
        return float("nan")
    source, k = measured.source[found.stay], measured.k[found.stay]
    mu = np.array(model.prior)[source] * measured.bg[found.stay]
    terms = Terms(found.S, found.E, mu, k, model.rho_of(source, found.age))
    p = np.clip(likelihood(terms, model.c0, model.c1).p, 1e-9, 1 - 1e-9)
    return float(np.average(-np.log(np.where(found.dirty, p, 1 - p)), weights=found.weight))


class _Rows(NamedTuple):
    """The sample with what else the likelihood needs; `group` is the index of its rho."""

    S: Floats
    E: Floats
    bg: Floats
    k: Ints
    source: Ints
    group: Ints
    dirty: Floats
    weight: Floats

    @classmethod
    def of(cls, stays: Stays, found: Sample) -> "_Rows":
        source = stays.source[found.stay]
        return cls(
            found.S,
            found.E,
            stays.bg[found.stay],
            stays.k[found.stay],
            source,
            source * BANDS + age_band(found.age),
            found.dirty.astype(np.float64),
            found.weight / found.weight.mean(),
        )

    def logit(self, theta: Floats) -> Floats:
        """The log odds of `raw`, before the calibration."""
        mu, rho = np.exp(theta[_PRIOR])[self.source] * self.bg, np.exp(theta[_RHO])[self.group]
        raw = exceeding(*posterior(Terms(self.S, self.E, mu, self.k, rho)), self.k)
        found: Floats = np.log(raw / (1 - raw))
        return found


def _defaults() -> Floats:
    """Logarithms, so that nothing can become negative, but for c0."""
    return np.concatenate([np.log(DEFAULT.prior), np.log(np.ravel(DEFAULT.rho)), [DEFAULT.c0, np.log(DEFAULT.c1)]])


def _model(theta: Floats, bg: dict[str, float]) -> Model:
    values = np.round(np.exp(theta), 6)
    return Model(
        prior=tuple(values[_PRIOR].tolist()),
        rho=tuple(map(tuple, values[_RHO].reshape(3, BANDS).tolist())),
        c0=round(float(theta[_C0]), 6),
        c1=float(values[_C1]),
        bg=bg,
    )


def _best(stays: Stays, found: Sample) -> Floats:
    """First everything, from the ages at which numbers are decided on; then the fading of every age for itself.

    Where too little is known of those ages, what all ages share keeps its default: the first weeks, in which most
    callers give up, say little about it.
    """
    theta, late = _defaults(), found.since(DECIDING_AGE)
    if len(late.stay) >= FEWEST:
        theta = _ascend(_Rows.of(stays, late), theta, _SPREAD)
    rows = _Rows.of(stays, found)
    theta = _ascend(rows, theta, _RHO_ALONE)
    theta[_RHO] = _filled(theta[_RHO].reshape(3, BANDS), np.bincount(rows.group, minlength=3 * BANDS).reshape(3, BANDS))
    return theta


def _filled(rho: Floats, seen: Ints) -> Floats:
    """A band of ages that was hardly seen takes the fading of the nearest one, a source that wasn't that of the others.

    Its default would not go with a calibration that was fitted to other fadings.
    """
    rho, most = rho.copy(), int(seen.sum(axis=1).argmax())
    for source in (most, *range(3)):
        known = np.flatnonzero(seen[source] >= ENOUGH)
        for band in range(BANDS):
            if len(known):
                rho[source, band] = rho[source, known[np.abs(known - band).argmin()]]
            else:
                rho[source, band] = rho[most, band]
    return np.ravel(rho)


def _ascend(rows: _Rows, centre: Floats, spread: Floats) -> Floats:
    """Newton steps up the penalised likelihood, each halved until it climbs."""
    theta = centre.copy()
    best = _score(rows, theta, (centre, spread))
    for _ in range(STEPS):
        step = _newton(rows, theta, (centre, spread))
        for _ in range(6):
            tried = np.clip(theta + step, centre - _REACH, centre + _REACH)
            score = _score(rows, tried, (centre, spread))
            if score > best:
                break
            step = step / 2
        else:
            return theta
        theta, gain, best = tried, score - best, score
        if gain < 1e-4:
            break
    return theta


def _odds(rows: _Rows, theta: Floats) -> Floats:
    found: Floats = theta[_C0] + np.exp(theta[_C1]) * rows.logit(theta)
    return found


def _score(rows: _Rows, theta: Floats, held: tuple[Floats, Floats]) -> float:
    odds = _odds(rows, theta)
    gained = rows.weight @ (rows.dirty * odds - np.logaddexp(0, odds))
    return float(gained - 0.5 * np.sum(((theta - held[0]) / held[1]) ** 2))


def _newton(rows: _Rows, theta: Floats, held: tuple[Floats, Floats]) -> Floats:
    """Fisher scoring. A prior mean and a rho move only their own rows, so that one difference serves all of a kind."""
    x, c1 = rows.logit(theta), np.exp(theta[_C1])
    change = np.zeros((len(x), len(theta)))
    for kind, mine in ((_PRIOR, rows.source), (_RHO, rows.group + 3)):
        moved = theta.copy()
        moved[kind] += 1e-4
        change[np.arange(len(x)), mine] = c1 * (rows.logit(moved) - x) / 1e-4
    change[:, _C0], change[:, _C1] = 1, c1 * x
    p = 1 / (1 + np.exp(-(theta[_C0] + c1 * x)))
    slope = change.T @ (rows.weight * (rows.dirty - p)) - (theta - held[0]) / held[1] ** 2
    bend = (change * (rows.weight * p * (1 - p))[:, None]).T @ change + np.diag(1 / held[1] ** 2)
    found: Floats = np.linalg.solve(bend, slope)
    return found


def _background(finished: Finished) -> dict[str, float]:
    """`bg` of each kind, from numbers held for more than 120 days that were then quieter than most of their kind.

    Who is quiet is told by the first 120 days and the rate by those that follow: to use the same days for both would
    find too little. The table's value stands until the measurement differs from it by a fifth and by three standard
    errors: `k` follows from it, and what counts as unwanted must not waver.
    """
    S, E = finished.sums
    kinds = np.array([stay.kind for stay in finished.rows])
    table = Stays(finished.rows).bg
    rate = (0.5 + S[:, QUIET_AGE]) / (0.5 / table + E[:, QUIET_AGE])
    later = finished.observed[:, QUIET_AGE:LAST_AGE]
    days = later.sum(axis=1)
    came = (np.minimum(finished.contacts[:, QUIET_AGE:LAST_AGE], DAILY_CAP) * later).sum(axis=1)
    found = {}
    for kind in sorted(set(kinds[days > 0].tolist())):
        held = (kinds == kind) & (days > 0)
        quiet = held & (rate <= np.median(rate[held]))
        if quiet.sum() < QUIET_NUMBERS:
            continue
        measured = came[quiet].sum() / days[quiet].sum()
        error = np.sqrt(max(came[quiet].sum(), 1)) / days[quiet].sum()
        if abs(measured - table[quiet][0]) > max(3 * error, table[quiet][0] / 5):
            found[kind] = round(float(max(measured, 1e-4)), 6)
    return found


def _table(finished: Finished, stays: Stays, model: Model) -> Table:
    """What this model would have done with these numbers: a cell with too few takes the next band of p."""
    p = likelihoods(finished, stays, model)
    released = releases(finished, stays, p, np.array([stay.alpha for stay in stays.rows]))
    maxima = [POLICY_MAXIMUM if stay.maximum is None else stay.maximum for stay in finished.rows]
    never = (released < 0) & (finished.until >= np.minimum(maxima, LAST_AGE))
    cells: dict[tuple[int, int, int], list[float]] = {}
    source = stays.source
    for age in AGES:
        rows = np.flatnonzero(((released > age) | never) & (finished.until > age))
        ahead = np.where(never[rows], np.inf, released[rows] - age)
        bands = zip(source[rows].tolist(), p_band(p[rows, age]).tolist(), ahead.tolist(), strict=True)
        for one, band, days in bands:
            cells.setdefault((one, int(age_band(np.array(age))), band), []).append(days)
    return tuple(tuple(_merged(cells, one, ages) for ages in range(BANDS)) for one in range(len(SOURCES)))


def likelihoods(finished: Finished, stays: Stays, model: Model) -> Floats:
    """p of each stay on the morning of each age."""
    S, E = finished.sums
    source, bg, k, count = stays.source, stays.bg, stays.k, len(stays.rows)
    mu = np.array(model.prior)[source] * bg
    p = np.ones((count, LAST_AGE))
    for age in range(LAST_AGE):
        rho = model.rho_of(source, np.full(count, age))
        p[:, age] = likelihood(Terms(S[:, age], E[:, age], mu, k, rho), model.c0, model.c1).p
    return p


def releases(finished: Finished, stays: Stays, p: Floats, alpha: Floats) -> Ints:
    """The age at which each stay would have been released: rules 2 to 5 of A4; -1 for never."""
    ages = np.arange(LAST_AGE)
    maxima = np.array([POLICY_MAXIMUM if stay.maximum is None else stay.maximum for stay in stays.rows])
    watched = np.cumsum(np.pad(finished.observed, ((0, 0), (GAP_WINDOW + 1, 0))), axis=1, dtype=np.int32)
    lately = watched[:, GAP_WINDOW : GAP_WINDOW + LAST_AGE] - watched[:, :LAST_AGE]
    free = (p < alpha[:, None]) & (lately >= np.minimum(ages, ENOUGH_DAYS))
    free &= (ages >= stays.ints("minimum")[:, None]) & (ages <= np.minimum(finished.until, maxima)[:, None])
    return np.where(free.any(axis=1), free.argmax(axis=1), -1)


def _merged(cells: dict[tuple[int, int, int], list[float]], source: int, ages: int) -> tuple[Remaining | None, ...]:
    merged: list[Remaining | None] = []
    for band in reversed(range(len(P_BANDS))):
        ahead = np.array(cells.get((source, ages, band), []))
        own = cell_of(ahead[np.isfinite(ahead)], int(np.isfinite(ahead).sum()), int(np.isinf(ahead).sum()))
        merged.append(own or (merged[-1] if merged else None))
    return tuple(reversed(merged))
