"""The quarantine engine: from numbers and traffic to a decision on each (design A). Pure: no database, no clock."""

import math
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple, TypedDict

import numpy as np

from inventory.quarantine import fields
from inventory.quarantine.actions import Action, Override, Verdict
from inventory.quarantine.feed import Feed
from inventory.quarantine.fields import BadRecord, Record
from inventory.quarantine.history import Seen, seen
from inventory.quarantine.likelihood import Floats, Terms, likelihood
from inventory.quarantine.model import DEFAULT, Model
from inventory.quarantine.prediction import Waiting, predict
from inventory.quarantine.records import Stay, Stays, read_stays
from inventory.quarantine.sentence import sentence
from inventory.quarantine.verdict import Case, verdicts

_CHANNELS = ("voice", "sms", "otp")


class Decided(TypedDict):
    """The decision on one number with all its terms; days are ISO text. docs/quarantine.md has every field."""

    number: Any
    as_of: str
    source: str
    age: int
    min_days: int
    max_days: int | None
    action: str
    rule: str
    rule_number: int
    S: float
    E: float
    mean: float
    bg: float
    k: int
    raw: float
    p: float
    alpha: float
    observed_days: int
    contacts_7_days: dict[str, int]
    contacts_30_days: dict[str, int]
    distinct_callers: int
    days_since_last_contact: int | None
    privacy_flag: bool
    model_version: str
    predicted_on: str | None
    predicted_lo: str | None
    predicted_hi: str | None
    sentence: str


def decide(
    as_of_day: date | str, numbers: Iterable[Record], events: Iterable[Record], *, model: Model = DEFAULT
) -> list[Decided]:
    """The decision on each number on the morning of `as_of_day`: the days before it are closed, itself is not.

    `numbers` and `events` are records as in docs/quarantine.md. Pure: the same input in any order gives the same
    decisions, in the order of `numbers`. Raises BadRecord, naming the record and the field.
    """
    on = fields.day({"as_of_day": as_of_day}, "as_of_day")
    if on is None:
        raise BadRecord("as_of_day", "a day such as 2026-11-21")
    stays = Stays(_one_each(read_stays("numbers", numbers, on)), model.bg)
    feed = Feed().read("events", events)
    watch = feed.watch()
    rows = feed.days({stay.number: (index,) for index, stay in enumerate(stays.rows)}, watch)
    return _decided(on, stays, seen(stays.entered, on.toordinal(), rows, watch), model)


def _one_each(stays: list[Stay]) -> list[Stay]:
    """The same number twice is a mistake, unless both records say the same."""
    known: dict[str, Stay] = {}
    for place, stay in enumerate(stays, start=1):
        if known.setdefault(stay.number, stay) != stay:
            raise BadRecord(f"numbers {place}", "number: it is there already, with other fields")
    return list(known.values())


def _decided(on: date, stays: Stays, known: Seen, model: Model) -> list[Decided]:
    if not stays.rows:
        return []
    today = on.toordinal()
    age, source, bg, k = today - stays.entered, stays.source, stays.bg, stays.k
    mu = np.array(model.prior)[source] * bg
    terms = Terms(known.S, known.E, mu, k, model.rho_of(source, np.maximum(age, 0)))
    likely = likelihood(terms, model.c0, model.c1)
    alpha = np.array([stay.alpha for stay in stays.rows])
    least = np.maximum(stays.ints("minimum") - age, 0)
    foreseen = predict(Waiting(terms, bg, likely.p, alpha, source, np.maximum(age, 0), least), model)
    found = verdicts(_case(stays, known, age=age, alpha=alpha, p=likely.p, chance=foreseen.chance))
    night = _Night(
        on=on,
        version=model.version,
        age=age.tolist(),
        bg=bg.tolist(),
        k=k.tolist(),
        known=list(zip(*(column.tolist() for column in known), strict=True)),
        likely=list(zip(*(column.tolist() for column in likely), strict=True)),
        foreseen=list(zip(*(column.tolist() for column in foreseen[:3]), strict=True)),
    )
    return [
        _record(night, index, stay, verdict)
        for index, (stay, verdict) in enumerate(zip(stays.rows, found, strict=True))
    ]


def _case(stays: Stays, known: Seen, *, age: Any, alpha: Floats, p: Floats, chance: Floats) -> Case:
    rows = stays.rows
    return Case(
        age=age,
        minimum=stays.ints("minimum"),
        maximum=np.array([-1 if stay.maximum is None else stay.maximum for stay in rows]),
        alpha=alpha,
        p=p,
        observed=known.observed,
        observed_lately=known.observed_lately,
        retested=np.array([stay.retested for stay in rows]),
        codes_lately=np.array([stay.cell.privacy for stay in rows]) & (known.recent[:, 5] > 0),
        may_give_up=np.array([stay.cell.may_give_up for stay in rows]),
        chance=chance,
        forced={override: np.array([stay.override == override for stay in rows]) for override in Override},
    )


class _Night(NamedTuple):
    """What was reckoned, row by row, in Python's own night."""

    on: date
    version: str
    age: list[int]
    bg: list[float]
    k: list[int]
    known: list[tuple[Any, ...]]
    likely: list[tuple[Any, ...]]
    foreseen: list[tuple[float, float, float]]


def _record(night: _Night, index: int, stay: Stay, verdict: Verdict) -> Decided:
    known, (mean, raw, p) = Seen(*night.known[index]), night.likely[index]
    recent: Sequence[int] = known.recent  # type: ignore[assignment]  # one row of the array
    predicted = _predicted(night.on, verdict.action, night.foreseen[index])
    decided = Decided(
        number=stay.shown,
        as_of=night.on.isoformat(),
        source=stay.source,
        age=night.age[index],
        min_days=stay.minimum,
        max_days=stay.maximum,
        action=verdict.action.value,
        rule=verdict.rule,
        rule_number=verdict.rule_number,
        S=float(known.S),
        E=float(known.E),
        mean=mean,
        bg=night.bg[index],
        k=night.k[index],
        raw=raw,
        p=p,
        alpha=stay.alpha,
        observed_days=int(known.observed),
        contacts_7_days=dict(zip(_CHANNELS, recent[:3], strict=True)),
        contacts_30_days=dict(zip(_CHANNELS, recent[3:], strict=True)),
        distinct_callers=int(known.callers),
        days_since_last_contact=night.on.toordinal() - int(known.last) if known.last else None,
        privacy_flag=recent[5] > 0,
        model_version=night.version,
        predicted_on=predicted[0],
        predicted_lo=predicted[1],
        predicted_hi=predicted[2],
        sentence="",
    )
    decided["sentence"] = sentence(decided)
    return decided


def _predicted(on: date, action: Action, days: Sequence[float]) -> list[str | None]:
    """The three days: today for what is released, none for what is retired."""
    if action == Action.RELEASE:
        days = (0.0, 0.0, 0.0)
    known = action != Action.RETIRE
    return [_day(on, ahead) if known else None for ahead in days]


def _day(on: date, ahead: float) -> str | None:
    """So many days from now; none if that is not known, or beyond the calendar."""
    if math.isnan(ahead) or ahead > date.max.toordinal() - on.toordinal():
        return None
    return (on + timedelta(days=round(ahead))).isoformat()
