"""Open stays follow the law: when a dated rule changes, so do their limits, with a difference for staff to read first.

The minimum is the longer one of the rule that was in force when the stay began and the one in force today, and it never
becomes shorter. The maximum is today's.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from inventory.models.quarantine import QuarantineSource
from inventory.quarantine.limits import Limits, of_kind

RULE = 120  # characters
_OPEN = """
inventory_quarantine AS stay JOIN inventory_phonenumber AS number ON number.id = stay.number_id
LEFT JOIN inventory_provider AS provider ON provider.id = number.provider_id
"""
_WHERE = "stay.ended_at IS NULL AND number.country = %(country)s AND provider.demo_aging IS NULL"
_DAY = "(stay.entered_at AT TIME ZONE 'UTC')::date"
_KINDS = f"SELECT DISTINCT number.number_type, stay.source, {_DAY} FROM {_OPEN} WHERE {_WHERE}"  # noqa: S608 - our words
_WANTED = """
CREATE TEMPORARY TABLE wanted (number_type text, source text, day date, minimum interval, maximum interval, rule text)
ON COMMIT DROP
"""
# In the order of the numbers, as everybody locks stays.
_MOVED = f"""
CREATE TEMPORARY TABLE moved ON COMMIT DROP AS
SELECT * FROM (
    SELECT stay.id, number.number_type, stay.source, stay.entered_at, stay.earliest_at AS earliest_was,
        stay.latest_at AS latest_was, stay.rule AS rule_was, wanted.rule AS rule_is,
        greatest(stay.earliest_at, stay.entered_at + wanted.minimum) AS earliest_is,
        CASE WHEN wanted.maximum IS NOT NULL
            THEN greatest(stay.earliest_at, stay.entered_at + wanted.minimum, stay.entered_at + wanted.maximum)
        END AS latest_is
    FROM {_OPEN} JOIN wanted
        ON (wanted.number_type, wanted.source, wanted.day) = (number.number_type, stay.source, {_DAY})
    WHERE {_WHERE} ORDER BY stay.number_id FOR NO KEY UPDATE OF stay
) AS compared WHERE (earliest_was, latest_was) IS DISTINCT FROM (earliest_is, latest_is)
"""  # noqa: S608 - likewise
_DIFFERENCE = """
SELECT number_type, source, rule_was, rule_is, earliest_was - entered_at, earliest_is - entered_at,
    latest_was - entered_at, latest_is - entered_at, count(*)
FROM moved GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 ORDER BY 1, 2, 3, 4, 5, 6, 7, 8
"""
_APPLY = """
UPDATE inventory_quarantine AS stay SET earliest_at = earliest_is, latest_at = latest_is, rule = rule_is
FROM moved WHERE moved.id = stay.id
"""
_LEDGER = """
INSERT INTO inventory_limitchange
    (stay_id, earliest_was, earliest_is, latest_was, latest_is, rule_was, rule_is, actor, reason)
SELECT id, earliest_was, earliest_is, latest_was, latest_is, rule_was, rule_is, %(actor)s, %(reason)s FROM moved
ORDER BY id
"""


class Moved(NamedTuple):
    """So many stays, alike in all this: their limits as ages, before and after; no maximum is None."""

    number_type: str
    source: str
    rule_was: str
    rule_is: str
    minimum_was: timedelta
    minimum_is: timedelta
    maximum_was: timedelta | None
    maximum_is: timedelta | None
    stays: int


@transaction.atomic
def difference(country: str) -> list[Moved]:
    """What `apply` would change now for the open stays of a country; changes nothing."""
    with connection.cursor() as cursor:
        return _compare(cursor, country)


@transaction.atomic
def apply(country: str, *, actor: str, reason: str) -> list[Moved]:
    """Give the open stays of a country the limits that the rules in force ask for, each change with a row of its own
    in the ledger; returns what changed. A sandbox carrier's numbers keep their minutes."""
    with connection.cursor() as cursor:
        moved = _compare(cursor, country)
        cursor.execute(_LEDGER, {"actor": actor[:80], "reason": reason[:300]})
        cursor.execute(_APPLY)
    return moved


def _compare(cursor: CursorWrapper, country: str) -> list[Moved]:
    """Leaves the stays that differ, locked, in the temporary table `moved`."""
    cursor.execute("DROP TABLE IF EXISTS wanted, moved")
    cursor.execute(_KINDS, {"country": country})
    wanted = list(_wanted(country, cursor.fetchall(), timezone.now().date()))
    cursor.execute(_WANTED)
    with cursor.copy("COPY wanted FROM STDIN") as rows:
        for row in wanted:
            rows.write_row(row)
    cursor.execute(_MOVED, {"country": country})
    cursor.execute(_DIFFERENCE)
    return [Moved(*row) for row in cursor.fetchall()]


def _wanted(country: str, kinds: list[tuple[str, str, date]], today: date) -> Iterator[tuple[Any, ...]]:
    known: dict[tuple[str, str, date], Limits] = {}

    def limits(number_type: str, source: str, on: date) -> Limits:
        key = (number_type, source, on)
        if key not in known:
            known[key] = of_kind(country, number_type, QuarantineSource(source), on)
        return known[key]

    for number_type, source, day in kinds:
        then, now = limits(number_type, source, day), limits(number_type, source, today)
        rules = now.rule if now.minimum >= then.minimum else f"{then.rule} + {now.rule}"
        rule = " + ".join(dict.fromkeys(rules.split(" + ")))[:RULE]
        yield number_type, source, day, max(then.minimum, now.minimum), now.maximum, rule
