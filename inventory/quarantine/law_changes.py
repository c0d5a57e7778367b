"""Open stays follow the law: when a dated rule changes, so do their limits, with a difference for staff to read first.

The minimum is the longer one of the rule that was in force when the stay began and the one in force today, and it never
becomes shorter. The maximum is today's.

Staff look at the difference and apply it, so that dates are right from then on. No number waits for that: the release
asks for the minimum of its own day (`follow`, and the database's trigger `rested_before_reuse`).
"""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import cache
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from inventory.models import LimitChange, PhoneNumber, Quarantine
from inventory.models.quarantine import QuarantineSource
from inventory.quarantine.limits import Limits, of_kind

RULE = 120  # characters
STRETCH = 20_000  # open stays, of whatever country
LONGER = "the law in force asks for more"
#: `limits.of_kind`, or the same with a memory.
LimitsOf = Callable[[str, str, QuarantineSource, date, str], Limits]
_OPEN = """
inventory_quarantine AS stay JOIN inventory_phonenumber AS number ON number.id = stay.number_id
LEFT JOIN inventory_provider AS provider ON provider.id = number.provider_id
"""
# By the index quarantine_one_open.
_LAST = """
SELECT max(number_id) FROM (
    SELECT number_id FROM inventory_quarantine WHERE ended_at IS NULL AND number_id > %s ORDER BY number_id LIMIT %s
) AS ahead
"""
_WHERE = """stay.ended_at IS NULL AND stay.number_id > %(after)s AND stay.number_id <= %(last)s
AND number.id > %(after)s AND number.id <= %(last)s AND number.country = %(country)s AND provider.demo_aging IS NULL"""
_DAY = "(stay.entered_at AT TIME ZONE 'UTC')::date"
_KIND = f"number.number_type, stay.source, stay.previous_use, {_DAY}"
_KINDS = f"SELECT DISTINCT {_KIND} FROM {_OPEN} WHERE {_WHERE}"  # noqa: S608 - our words
_WANTED = """
CREATE TEMPORARY TABLE wanted
    (number_type text, source text, previous_use text, day date, minimum interval, maximum interval, rule text)
ON COMMIT DROP
"""
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
        ON (wanted.number_type, wanted.source, wanted.previous_use, wanted.day) = ({_KIND})
    WHERE {_WHERE} ORDER BY stay.number_id {{lock}}
) AS compared WHERE (earliest_was, latest_was) IS DISTINCT FROM (earliest_is, latest_is)
"""  # noqa: S608 - likewise
# In the order of the numbers, as everybody locks stays.
_LOCKED = "FOR NO KEY UPDATE OF stay"
_DIFFERENCE = """
SELECT number_type, source, rule_was, rule_is, earliest_was - entered_at, earliest_is - entered_at,
    latest_was - entered_at, latest_is - entered_at, count(*)
FROM moved GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
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


def difference(country: str, *, size: int = STRETCH) -> list[Moved]:
    """What `apply` would change now for the open stays of a country; changes nothing, and locks nothing."""
    return _summed(_stretches(country, size, lambda cursor: None, lock=""))


def apply(country: str, *, actor: str, reason: str, size: int = STRETCH) -> list[Moved]:
    """Give the open stays of a country the limits that the rules in force ask for, each change with a row of its own
    in the ledger; returns what changed. A sandbox carrier's numbers keep their minutes.

    Each stretch is a transaction. Who is killed leaves whole ones, and who comes after finds the others: what has
    followed the law does not differ any more.
    """
    said = {"actor": actor[:80], "reason": reason[:300]}

    def write(cursor: CursorWrapper) -> None:
        cursor.execute(_LEDGER, said)
        cursor.execute(_APPLY)

    return _summed(_stretches(country, size, write, lock=_LOCKED))


def follow(number: PhoneNumber, stay: Quarantine, *, actor: str, limits_of: LimitsOf = of_kind) -> None:
    """See to it that the minimum of this stay is what law and policy ask today at least, before its number leaves.

    Call it in a transaction that has locked the number, which is none of the demonstration.
    """
    source = QuarantineSource(stay.source)
    asked = limits_of(number.country, number.number_type, source, timezone.now().date(), stay.previous_use)
    earliest = stay.entered_at + asked.minimum
    if earliest <= stay.earliest_at:
        return
    latest = stay.latest_at and max(stay.latest_at, earliest)
    was = {"earliest_was": stay.earliest_at, "latest_was": stay.latest_at, "rule_was": stay.rule}
    is_now = {"earliest_is": earliest, "latest_is": latest, "rule_is": asked.rule[:RULE]}
    LimitChange.objects.create(stay=stay, **was, **is_now, actor=actor, reason=LONGER)
    Quarantine.objects.filter(pk=stay.pk).update(earliest_at=earliest, latest_at=latest, rule=asked.rule[:RULE])
    stay.refresh_from_db()


def _stretches(country: str, size: int, write: Callable[[CursorWrapper], None], *, lock: str) -> Iterator[list[Moved]]:
    """What differs in each stretch of numbers, after `write` was called beside the table `moved` that holds it."""
    after, today, limits_of = 0, timezone.now().date(), cache(of_kind)
    with connection.cursor() as cursor:
        while True:
            cursor.execute(_LAST, [after, size])
            (last,) = cursor.fetchone()
            if last is None:
                return
            with transaction.atomic():
                found = _compare(cursor, {"country": country, "after": after, "last": last}, today, limits_of, lock)
                if found:
                    write(cursor)
            yield found
            after = last


def _compare(cursor: CursorWrapper, asked: dict[str, Any], today: date, limits_of: LimitsOf, lock: str) -> list[Moved]:
    """Leaves the stays that differ in the temporary table `moved`."""
    cursor.execute("DROP TABLE IF EXISTS wanted, moved")
    cursor.execute(_KINDS, asked)
    wanted = [_wanted(asked["country"], kind, today, limits_of) for kind in cursor.fetchall()]
    cursor.execute(_WANTED)
    with cursor.copy("COPY wanted FROM STDIN") as rows:
        for row in wanted:
            rows.write_row(row)
    cursor.execute(_MOVED.format(lock=lock), asked)
    cursor.execute(_DIFFERENCE)
    return [Moved(*row) for row in cursor.fetchall()]


def _wanted(country: str, kind: tuple[str, str, str, date], today: date, limits_of: LimitsOf) -> tuple[Any, ...]:
    number_type, source, use, day = kind
    then, now = (limits_of(country, number_type, QuarantineSource(source), on, use) for on in (day, today))
    rules = now.rule if now.minimum >= then.minimum else f"{then.rule} + {now.rule}"
    rule = " + ".join(dict.fromkeys(rules.split(" + ")))[:RULE]
    return number_type, source, use, day, max(then.minimum, now.minimum), now.maximum, rule


def _summed(parts: Iterator[list[Moved]]) -> list[Moved]:
    """The stretches together: stays that are alike are one line."""
    stays: Counter[Moved] = Counter()
    for part in parts:
        for each in part:
            stays[each._replace(stays=0)] += each.stays
    found = [alike._replace(stays=count) for alike, count in stays.items()]
    return sorted(found, key=lambda each: [str(column) for column in each])
