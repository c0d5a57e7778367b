"""Stays of the last 400 days with what was seen on their lines, from the database, as the fit reads them.

Finished ones, and those that are still open: they are the dirtier ones, and without them a fit would learn from those
that were let go.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from django.db import connection
from django.db.backends.utils import CursorWrapper

from inventory.quarantine.cells import governing
from inventory.quarantine.finished import LAST_AGE, MOST_STAYS, Finished
from inventory.quarantine.history import Bools
from inventory.quarantine.likelihood import HORIZON, Ints
from inventory.quarantine.nights.copying import read
from inventory.quarantine.nights.reading import WORDS, Night
from inventory.quarantine.records import SOURCES, Stay
from inventory.quarantine.sentinel import DAYS

KEPT = timedelta(days=400)  # contacts of earlier days are forgotten
RETIRED = "retired"  # how the verdict begins (provider_releases)
_DAY = "(stay.{} AT TIME ZONE 'UTC')::date"
_ENTERED, _EARLIEST, _LATEST, _ENDED = (
    _DAY.format(f"{name}_at") for name in ("entered", "earliest", "latest", "ended")
)
# If there are more than the fit looks at, those with the least hashes of their ids are chosen, before anything is
# joined to them. Every stay has the same chance, whenever it began and however it ended, the same stays give the same
# choice, and it has nothing to do with the hash that chooses sentinels and keeps stays for the test (sentinel.spread).
_STAYS_SQL = f"""
CREATE TEMPORARY TABLE lessons ON COMMIT DROP AS
WITH chosen AS MATERIALIZED (
    SELECT id FROM inventory_quarantine AS stay WHERE stay.entered_at >= %(since)s AND stay.carried_days = 0
    AND NOT EXISTS (
        SELECT FROM inventory_phonenumber AS number
        WHERE number.id = stay.number_id AND number.provider_id = ANY (%(demo)s)
    ) ORDER BY hashint8extended(id, 0), id LIMIT %(most)s
)
SELECT stay.id AS stay, stay.number_id AS number,
    rpad(number.country, 2) || rpad(number.number_type, %(width)s) AS kind,
    coalesce(number.provider_id, 0) AS provider,
    array_position(%(sources)s::text[], stay.source::text) - 1 AS source, {_ENTERED} AS entered,
    {_EARLIEST} - {_ENTERED} AS minimum, coalesce({_LATEST} - {_ENTERED}, -1) AS maximum,
    coalesce({_ENDED}, %(today)s) AS ended,
    stay.ended_at IS NOT NULL AND stay.verdict NOT LIKE %(retired)s AS released,
    coalesce(stay.sentinel_since, 'infinity') AS sentinel, stay.ended_at IS NOT NULL AS finished,
    EXISTS (SELECT FROM inventory_unwantedtraffic AS told WHERE told.stay_id = stay.id) AS reported
FROM chosen JOIN inventory_quarantine AS stay USING (id)
JOIN inventory_phonenumber AS number ON number.id = stay.number_id
"""  # noqa: S608 - our own words
_STAYS = {
    "stay": "int8",
    "kind": f"text{2 + WORDS['type_width']}",
    "provider": "int8",
    "source": "int4",
    "entered": "date",
    "minimum": "int4",
    "maximum": "int4",
    "ended": "date",
    "released": "bool",
    "sentinel": "date",
    "finished": "bool",
    "reported": "bool",
}
_CONTACTS_SQL = """
SELECT lessons.stay, contact.day - lessons.entered, voice + greatest(sms, otp), observed
FROM lessons JOIN inventory_dailycontact AS contact ON contact.number_id = lessons.number
WHERE contact.day >= lessons.entered AND contact.day < lessons.ended ORDER BY 1, 2
"""
_CONTACTS = {"stay": "int8", "age": "int4", "contacts": "int4", "observed": "bool"}


@dataclass(frozen=True)
class Lessons:
    """The stays as the fit reads them, by their ids; `finished` says how many of them are over."""

    ids: Ints
    known: Finished
    finished: int


def read_lessons(today: date) -> Lessons:
    """As the database has them. Call it in a transaction."""
    night = Night.of(today)
    with connection.cursor() as cursor:
        stays, days = _read(cursor, today, night.demo)
    until = np.clip(_ends(stays) - stays["entered"], 0, LAST_AGE)
    days["stay"] = np.searchsorted(stays["stay"], days["stay"])
    inside = days["age"] < until[days["stay"]] if len(until) else np.zeros(0, np.bool_)
    days = {name: column[inside] for name, column in days.items()}
    contacts = np.zeros((len(until), LAST_AGE + HORIZON), np.int32)
    contacts[days["stay"], days["age"]] = days["contacts"]
    observed = _observed(night, stays, days, until)
    known = Finished(_rows(stays, today), contacts, observed, until, stays["finished"], stays["reported"])
    return Lessons(stays["stay"], known, int(stays["finished"].sum()))


def _read(cursor: CursorWrapper, today: date, demo: Sequence[int]) -> tuple[dict[str, Any], dict[str, Any]]:
    asked: dict[str, Any] = {"sources": list(SOURCES), "today": today, "since": today - KEPT, "most": MOST_STAYS}
    asked |= {"retired": f"{RETIRED}%", "width": WORDS["type_width"], "demo": list(demo)}
    cursor.execute("DROP TABLE IF EXISTS lessons")
    cursor.execute(_STAYS_SQL, asked)
    cursor.execute("ANALYZE lessons")
    stays = read(cursor, f"SELECT {', '.join(_STAYS)} FROM lessons ORDER BY stay", {}, _STAYS)  # noqa: S608 - ours
    return stays, read(cursor, _CONTACTS_SQL, {}, _CONTACTS)


def _was_watched_longer(stays: dict[str, Any]) -> Bools:
    """Sentinels that stayed for all of their days."""
    found: Bools = (stays["sentinel"] > 0) & stays["finished"] & (stays["ended"] - stays["sentinel"] >= DAYS)
    return found


def _ends(stays: dict[str, Any]) -> Ints:
    """A sentinel counts as if it had left when its days were over."""
    found: Ints = np.where(_was_watched_longer(stays), stays["sentinel"] + DAYS, stays["ended"])
    return found


def _observed(night: Night, stays: dict[str, Any], days: dict[str, Any], until: Ints) -> Bools:
    """Each provider has a feed of its own."""
    ages = np.arange(LAST_AGE + HORIZON)
    observed = np.zeros((len(until), len(ages)), np.bool_)
    first = int(stays["entered"].min()) if len(until) else 0
    for provider in np.unique(stays["provider"]).tolist():
        mine = stays["provider"] == provider
        length = int(stays["entered"].max()) - first + len(ages)
        watch = night.watch(provider)
        silent = watch.over(first, length)
        observed[mine] = silent[stays["entered"][mine][:, None] - first + ages] & (ages < until[mine][:, None])
        told = {name: column[mine[days["stay"]]] for name, column in days.items()}
        day = stays["entered"][told["stay"]] + told["age"]
        observed[told["stay"], told["age"]] = watch.heeded(day, told["observed"])
    return observed


def _rows(stays: dict[str, Any], today: date) -> list[Stay]:
    columns = [stays[name].tolist() for name in ("stay", "kind", "source", "entered", "minimum", "maximum")]
    columns += [_ends(stays).tolist(), stays["finished"].tolist(), stays["released"].tolist()]
    columns.append(_was_watched_longer(stays).tolist())
    return [_row(today, *row) for row in zip(*columns, strict=True)]


def _row(today: date, stay: int, kind: bytes, source: int, entered: int, *rest: Any) -> Stay:
    minimum, maximum, ends, finished, released, sentinel = rest
    country, number_type = kind[:2].decode().strip(), kind[2:].decode().strip()
    cell = governing(country, number_type, today)
    return Stay(
        shown=stay,
        number=str(stay),
        source=SOURCES[source],
        entered_on=date.fromordinal(entered),
        minimum=minimum,
        maximum=None if maximum < 0 else maximum,
        country=country,
        number_type=number_type,
        cell=cell,
        bg=None,
        alpha=cell.alpha,
        retested=True,
        override=None,
        ended_on=date.fromordinal(ends) if finished else None,
        released=released,
        sentinel=sentinel,
    )
