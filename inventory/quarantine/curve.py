"""How likely unwanted traffic was on each morning of an open stay, and how that fades from here: for its number's page.

Reckoned anew from the daily contacts by the fit in force, with the arithmetic of the nights; nothing is written.
"""

from datetime import date
from typing import NamedTuple

import numpy as np
from django.db import connection

from inventory.models import Quarantine, QuarantineDecision
from inventory.quarantine.history import DAILY_CAP, DISCOUNT, Bools, Days, Watch
from inventory.quarantine.likelihood import Floats, Ints, Terms, likelihood
from inventory.quarantine.nights.alone import decision
from inventory.quarantine.nights.deciding import columns_of, decide
from inventory.quarantine.nights.reading import Night, Stretch, stretch
from inventory.quarantine.prediction import fading
from inventory.quarantine.reckoning import Columns

AHEAD = 120  # days that the fading is drawn at most


class Watched(NamedTuple):
    """A closed UTC day of the stay, and what came on it."""

    day: date
    voice: int
    sms: int
    distinct_callers: int
    observed: bool

    @property
    def contacts(self) -> int:
        """Calls and messages."""
        return self.voice + self.sms


class Curve(NamedTuple):
    """`past` begins on the morning of the entry and ends this morning; `ahead` begins this morning: the likelihood if
    contacts fade as they usually do, until it is below `alpha`."""

    past: list[tuple[date, float]]
    ahead: list[tuple[date, float]]
    alpha: float
    days: list[Watched]


class LookBack(NamedTuple):
    """What a night for this morning would say, and how it came to that."""

    said: QuarantineDecision
    curve: Curve


def look_back(stay: Quarantine, on: date) -> LookBack | None:
    """As `nights.alone.look`, with every morning before: one reading for both, nothing locked.

    None for a stay that is over, or of a number of the demonstration.
    """
    night = Night.of(on)
    with connection.cursor() as cursor:
        found = stretch(cursor, night, stay.number_id, stay.number_id, lock=False)
    decided = decide(night, found)
    if not len(decided["stay"]):
        return None
    return LookBack(decision(stay, night, decided), _curve(night, found))


def _curve(night: Night, found: Stretch) -> Curve:
    stays, columns = found.stays, columns_of(night, found.stays)
    entered, today = int(columns.entered[0]), night.on.toordinal()
    watch = night.watch(int(stays["provider"][0]))
    heard, contacts = _day_by_day(entered, today, found.days, watch)
    known = _sums(heard, contacts, float(stays["carried_contacts"][0]), float(stays["carried_days"][0]))
    terms = _terms(night, columns, *known)
    likely = likelihood(terms, night.model.c0, night.model.c1).p
    mornings = [date.fromordinal(entered + age) for age in range(len(likely))]
    past = list(zip(mornings, likely.tolist(), strict=True))
    return Curve(
        past, _ahead(night, columns, terms), float(columns.alpha[0]), _watched(found.days, entered, today, watch)
    )


def _day_by_day(entered: int, today: int, days: Days, watch: Watch) -> tuple[Bools, Ints]:
    """Whether each day since the entry was observed, and its contacts as they count (A2)."""
    count = max(today - entered, 0)
    heard, contacts = watch.over(entered, count), np.zeros(count, np.int64)
    rows = days.where((days.day >= entered) & (days.day < today))
    heard[rows.day - entered] = watch.heeded(rows.day, rows.observed)
    contacts[rows.day - entered] = np.minimum(rows.contacts, DAILY_CAP)
    return heard, contacts * heard


def _sums(heard: Bools, contacts: Ints, carried_contacts: float, carried_days: float) -> tuple[Floats, Floats]:
    """S and E on each morning, the first is that of the entry: the recursion of A2."""
    s, e = [carried_contacts], [carried_days]
    for is_heard, came in zip(heard.tolist(), contacts.tolist(), strict=True):
        s.append(DISCOUNT * s[-1] + came)
        e.append(DISCOUNT * e[-1] + is_heard)
    return np.array(s), np.array(e)


def _terms(night: Night, columns: Columns, s: Floats, e: Floats) -> Terms:
    """Those of each morning: age is its index."""
    count = len(s)
    source = np.full(count, columns.source[0])
    mu = np.array(night.model.prior)[source] * columns.bg[0]
    return Terms(s, e, mu, np.full(count, columns.k[0]), night.model.rho_of(source, np.arange(count)))


def _ahead(night: Night, columns: Columns, terms: Terms) -> list[tuple[date, float]]:
    """From this morning on, as the prediction without a fit has it (`prediction.fading`)."""
    days = np.arange(AHEAD + 1)
    last = terms.rows(np.full(len(days), len(terms.S) - 1))
    likely = fading(last, np.repeat(columns.bg, len(days)), days, night.model)
    below = np.flatnonzero(likely < columns.alpha[0])
    until = int(below[0]) + 1 if len(below) else len(days)
    today = night.on.toordinal()
    return [(date.fromordinal(today + ahead), float(likely[ahead])) for ahead in range(until)]


def _watched(days: Days, entered: int, today: int, watch: Watch) -> list[Watched]:
    rows = days.where((days.day >= entered) & (days.day < today))
    told = {int(day): nth for nth, day in enumerate(rows.day)}
    heard, _ = _day_by_day(entered, today, days, watch)
    return [
        Watched(
            date.fromordinal(day),
            *((int(rows.voice[nth]), int(rows.sms[nth]), int(rows.callers[nth])) if nth is not None else (0, 0, 0)),
            observed=bool(heard[day - entered]),
        )
        for day in range(entered, today)
        for nth in [told.get(day)]
    ]
