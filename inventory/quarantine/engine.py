"""The quarantine engine: from numbers and traffic to a decision on each (design A). Pure: no database, no clock."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple, TypedDict

from inventory.quarantine import fields
from inventory.quarantine.actions import VERDICTS
from inventory.quarantine.feed import Feed
from inventory.quarantine.fields import BadRecord, Record
from inventory.quarantine.history import Seen, seen
from inventory.quarantine.model import DEFAULT, Model
from inventory.quarantine.reckoning import NO_DAY, Reckoned, reckon
from inventory.quarantine.records import Stay, Stays, read_stays
from inventory.quarantine.sentence import sentence

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
    rows = feed.days({stay.number: (index,) for index, stay in enumerate(stays.rows)})
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
    columns = stays.columns
    found = reckon(on.toordinal(), columns, known, model)
    night = _Night(
        on=on,
        version=model.version,
        bg=columns.bg.tolist(),
        k=columns.k.tolist(),
        known=list(zip(*(column.tolist() for column in known), strict=True)),
        found=list(zip(*(column.tolist() for column in found), strict=True)),
    )
    return [_record(night, index, stay) for index, stay in enumerate(stays.rows)]


class _Night(NamedTuple):
    """What was reckoned, row by row, in Python's own night."""

    on: date
    version: str
    bg: list[float]
    k: list[int]
    known: list[tuple[Any, ...]]
    found: list[tuple[Any, ...]]


def _record(night: _Night, index: int, stay: Stay) -> Decided:
    known, found = Seen(*night.known[index]), Reckoned(*night.found[index])
    recent: Sequence[int] = known.recent  # type: ignore[assignment]  # one row of the array
    verdict = VERDICTS[int(found.verdict)]
    predicted = [_day(day) for day in found.predicted]
    decided = Decided(
        number=stay.shown,
        as_of=night.on.isoformat(),
        source=stay.source,
        age=int(found.age),
        min_days=stay.minimum,
        max_days=stay.maximum,
        action=verdict.action.value,
        rule=verdict.rule,
        rule_number=verdict.rule_number,
        S=float(known.S),
        E=float(known.E),
        mean=float(found.mean),
        bg=night.bg[index],
        k=night.k[index],
        raw=float(found.raw),
        p=float(found.p),
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


def _day(ordinal: int) -> str | None:
    return None if ordinal == NO_DAY else date.fromordinal(ordinal).isoformat()
