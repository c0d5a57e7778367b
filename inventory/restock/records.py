"""From the records of SKUs to columns (B5); what is unknown, missing or out of its limits is refused."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np

from inventory.restock.demand import Floats, Ints, State, added
from inventory.restock.fields import (
    ALIKE,
    CHANCE,
    CHOICES,
    FLOOR,
    LEVELS,
    OFFER,
    OFFER_FIELDS,
    POOL,
    RETURN_FIELDS,
    SD_OF_LEAD_TIME,
    SKU_FIELDS,
    STATE,
    STOCK,
)
from inventory.restock.log import Log, read_log
from inventory.restock.rows import BadRecord, Record, Rows


class Offers(NamedTuple):
    """Columns of offers, those of one SKU after another; `sku` is its place among the SKUs."""

    sku: Ints
    provider: list[str]
    numbers: dict[str, Floats]


class Returns(NamedTuple):
    """Numbers in quarantine: for which SKU, the predicted day (an ordinal), how many are likely to come back at all."""

    sku: Ints
    day: Ints
    expected: Floats


class Table(NamedTuple):
    """Columns of SKUs. In `given` a number that was not given, and has no default, is NaN."""

    keys: Sequence[Hashable]
    given: dict[str, Floats]
    level: Floats
    floor: Floats
    market: Ints
    state: State
    offers: Offers
    returns: Returns


def read(day: date, skus: Iterable[Record] | Mapping[Any, Record], demand: Iterable[Record]) -> Table:
    """Read everything. Raises BadRecord."""
    rows = _named(skus)
    given = {name: rows.numbers(name, limits) for name, limits in (STOCK | STATE | POOL | CHOICES).items()}
    _refuse_missing(rows, "available", given["available"])
    return Table(
        keys=rows.names,
        given=given,
        level=_levels(rows, given["level"]),
        floor=_floors(rows, given["floor"]),
        market=_markets(rows),
        state=_states(rows, given, day, read_log(rows.names, demand)),
        offers=_offers(rows),
        returns=_returns(rows),
    )


def _named(skus: Iterable[Record] | Mapping[Any, Record]) -> Rows:
    """The SKUs with their names, each once: a mapping's keys, or the field `sku`."""
    if isinstance(skus, Mapping):
        rows = Rows("SKU", list(skus.values()), list(skus))
    else:
        listed = list(skus)
        rows = Rows("SKU", listed, [row.get("sku") if isinstance(row, Mapping) else None for row in listed])
    rows.refuse_unknown(SKU_FIELDS)
    seen: set[Hashable] = set()
    for index, (row, name) in enumerate(zip(rows.rows, rows.names, strict=True)):
        if name is None or name == "":
            raise BadRecord("SKU number", index + 1, "sku", "is missing", index)
        if not isinstance(name, Hashable) or row.get("sku", name) != name:
            raise rows.refusal(index, "sku", f"{row.get('sku')!r} does not name this SKU")
        if name in seen:
            raise rows.refusal(index, "sku", "is given twice")
        seen.add(name)
    return rows


def _refuse_missing(rows: Rows, field: str, values: Floats) -> None:
    if (missing := np.flatnonzero(np.isnan(values))).size:
        raise rows.refusal(int(missing[0]), field, "is missing")


def _levels(rows: Rows, given: Floats) -> Floats:
    """The level of service that is given, or that of the class."""
    names = [name or "default" for name in rows.texts("class")]
    if (wrong := next((i for i, name in enumerate(names) if name not in LEVELS), None)) is not None:
        raise rows.refusal(wrong, "class", f"{names[wrong]!r} is none of {', '.join(LEVELS)}")
    return np.where(np.isnan(given), np.array([LEVELS[name] for name in names], dtype=np.float64), given)


def _floors(rows: Rows, given: Floats) -> Floats:
    """The floor that is given, or the one of listed localities, so that the catalogue stays broad."""
    listed = [True if value is None else value for value in rows.column("listed")]
    if (wrong := next((i for i, value in enumerate(listed) if not isinstance(value, bool)), None)) is not None:
        raise rows.refusal(wrong, "listed", f"{listed[wrong]!r} is neither true nor false")
    return np.where(np.isnan(given), np.where(np.array(listed, dtype=bool), FLOOR, 0.0), given)


def _markets(rows: Rows) -> Ints:
    """A small number for each (country, type): the SKUs that are pooled."""
    known: dict[tuple[str, str], int] = {}
    pairs = zip(rows.texts("country"), rows.texts("number_type"), strict=True)
    return np.array([known.setdefault(pair, len(known)) for pair in pairs], dtype=np.int64)


def _states(rows: Rows, given: dict[str, Floats], day: date, log: Log) -> State:
    """What was known on `as_of`, and the demand since; for a SKU without a state, the demand since the log began."""
    missing = np.array([np.isnan(given[name]) for name in STATE])
    fresh, now = np.logical_and.reduce(missing), day.toordinal()
    for name, absent in zip(STATE, missing, strict=True):
        if (some := np.flatnonzero(absent & ~fresh)).size:
            raise rows.refusal(int(some[0]), name, "is missing: N, Q, Q2 and e belong together")
    as_of = rows.days("as_of", day)
    if (late := np.flatnonzero(as_of > now)).size:
        raise rows.refusal(int(late[0]), "as_of", "is later than the day of the decision")
    for index in np.unique(log.history.sku[~fresh[log.history.sku]]).tolist():
        if rows.rows[index].get("as_of") is None:
            raise rows.refusal(index, "as_of", "is missing: which demand do N, Q, Q2 and e not hold yet?")
    began = now + 1 if log.began is None else log.began
    since = np.where(fresh, rows.days("since", date.fromordinal(began)), as_of + 1)
    return added(State(*(np.nan_to_num(given[name]) for name in STATE)), since, log.history, now)


def _nested(rows: Rows, field: str) -> tuple[Ints, list[Any]]:
    """The entries of a field that holds lists, and the place of the SKU of each. Raises BadRecord."""
    lists = rows.column(field)
    for index, value in enumerate(lists):
        if value is not None and not isinstance(value, list | tuple):
            raise rows.refusal(index, field, f"{value!r} is not a list")
    lengths = [len(value or ()) for value in lists]
    return np.repeat(np.arange(len(lists)), lengths), [each for value in lists if value for each in value]


def _of_skus(rows: Rows, sku: Ints, entries: list[Any]) -> Rows:
    """Entries that belong to SKUs, and are refused under their names."""
    places = sku.tolist()
    return Rows(rows.kind, entries, [rows.names[place] for place in places], places)


def _offers(rows: Rows) -> Offers:
    """The offers of each SKU: the entries of `providers`, or else the one that its own fields tell."""
    sku, entries = _nested(rows, "providers")
    several = np.zeros(len(rows.rows), dtype=bool)
    several[sku] = True
    for index in np.flatnonzero(several).tolist():
        if both := rows.rows[index].keys() & OFFER_FIELDS:
            raise rows.refusal(index, min(both), "stands beside providers: it belongs into an entry of them")
    _of_skus(rows, sku, entries).refuse_unknown(OFFER_FIELDS)
    alone = np.flatnonzero(~several)
    order = np.argsort(np.concatenate([sku, alone]), kind="stable")
    everything = entries + [rows.rows[index] for index in alone.tolist()]
    place = np.concatenate([sku, alone])[order]
    merged = _of_skus(rows, place, [everything[index] for index in order.tolist()])
    return Offers(place, merged.texts("provider"), _offer_numbers(merged))


def _offer_numbers(rows: Rows) -> dict[str, Floats]:
    numbers = {name: rows.numbers(name, limits) for name, limits in OFFER.items()}
    _refuse_missing(rows, "L", numbers["L"])
    numbers["MOQ"] = rows.whole("MOQ", OFFER["MOQ"])
    unknown = np.isnan(numbers["sd_L"])
    numbers["sd_L"] = np.where(unknown, SD_OF_LEAD_TIME * numbers["L"], numbers["sd_L"])
    return numbers


def _returns(rows: Rows) -> Returns:
    sku, entries = _nested(rows, "returns")
    for index in np.unique(sku).tolist():
        if rows.rows[index].get("expected_returns") is not None:
            raise rows.refusal(index, "expected_returns", "stands beside returns, which says the same")
    listed = _of_skus(rows, sku, entries)
    listed.refuse_unknown(RETURN_FIELDS)
    never, numbers = listed.numbers("p_never", CHANCE), listed.numbers("numbers", ALIKE)
    return Returns(sku, listed.days("predicted_on", date.max), numbers * (1 - never))
