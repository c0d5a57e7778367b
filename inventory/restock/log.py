"""The demand log: demand events (B5) as columns."""

from collections.abc import Hashable, Iterable, Sequence
from typing import NamedTuple

import numpy as np

from inventory.restock.demand import Flags, History, Ints
from inventory.restock.fields import EVENT_FIELDS, UNITS
from inventory.restock.rows import Record, Rows


class Log(NamedTuple):
    """The orders of the SKUs that are asked for, and the first day of the whole log (an ordinal), if it has any."""

    history: History
    began: int | None


def read_log(names: Sequence[Hashable], events: Iterable[Record]) -> Log:
    """Read the events; those of SKUs without a name here only tell when the log began. Raises BadRecord."""
    listed = list(events)
    rows = Rows("demand event", listed, range(1, len(listed) + 1))
    rows.refuse_unknown(EVENT_FIELDS)
    day, units = rows.days("at"), _units(rows)
    places = {name: index for index, name in enumerate(names)}
    sku = np.array([places.get(name, -1) for name in rows.column("sku")], dtype=np.int64)
    counted = (sku >= 0) & _first_of_its_id(rows)
    history = History(sku[counted], day[counted], units[counted])
    return Log(history, int(day.min()) if len(day) else None)


def _units(rows: Rows) -> Ints:
    """Units requested. Raises BadRecord also for what else is wrong with an event."""
    for field in ("sku", "units_requested"):
        for index, value in enumerate(rows.column(field)):
            if value is None or not isinstance(value, Hashable):
                raise rows.refusal(index, field, "is missing" if value is None else f"{value!r} is not a name")
    requested, filled = rows.whole("units_requested", UNITS), rows.whole("units_filled", UNITS)
    if (more := np.flatnonzero(filled > requested)).size:
        raise rows.refusal(int(more[0]), "units_filled", "is more than units_requested")
    rows.texts("kind")  # all kinds of demand count alike
    return requested.astype(np.int64)


def _first_of_its_id(rows: Rows) -> Flags:
    """Whether an event is the first with its id; one without an id always is."""
    names = rows.texts("id")
    first = {name: index for index, name in reversed(list(enumerate(names)))}
    return np.array([not name or first[name] == index for index, name in enumerate(names)], dtype=np.bool_)
