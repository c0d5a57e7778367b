"""Taking events in: in batches, each in one transaction, and each as often as one likes.

An event is counted once, by its key; a contact is one (channel, caller) of a number on a UTC day, whatever number of
events made it. Only what reached a number that nobody had at that moment is kept: the traffic of customers is theirs.
"""

from collections.abc import Sequence
from typing import NamedTuple

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from inventory.models import DriftFinder, PhoneNumber
from inventory.services import drift
from inventory.traffic.callers import WITHHELD_A_DAY
from inventory.traffic.events import Event

BATCH = 20_000  # events in one transaction: about half a second
_COLUMNS = "key uuid, e164 bigint, at timestamptz, channel smallint, caller bigint, withheld bool, otp bool"
# One batch at a time: the days are counted anew from their contacts, which nobody else must be writing meanwhile; nor
# can two batches then wait for each other's rows. While PostgreSQL counts, the next batch is read by another process.
_ALONE = "SELECT pg_advisory_xact_lock(hashtext('inventory.traffic'))"
_HEARD = f"CREATE TEMPORARY TABLE heard ({_COLUMNS}) ON COMMIT DROP"
_OURS = """
CREATE TEMPORARY TABLE ours (
    number_id bigint, day date, channel smallint, caller bigint, withheld bool, otp bool, counts bool, is_seen bool
) ON COMMIT DROP
"""
_NEW = """
WITH told AS (
    INSERT INTO inventory_trafficevent (day, key)
    SELECT DISTINCT (at AT TIME ZONE 'UTC')::date AS day, key FROM heard ORDER BY day, key
    ON CONFLICT DO NOTHING RETURNING key
), once AS (
    SELECT DISTINCT ON (key) heard.* FROM heard JOIN told USING (key) ORDER BY key, at
), known AS (
    INSERT INTO ours
    SELECT number.id, (once.at AT TIME ZONE 'UTC')::date, once.channel, once.caller, once.withheld, once.otp,
        CASE WHEN once.at >= number.state_since THEN number.state <> 'IN_SERVICE' ELSE NOT EXISTS (
            SELECT FROM inventory_assignment AS assignment
            WHERE int8range(assignment.number_id, assignment.number_id, '[]') && int8range(number.id, number.id, '[]')
            AND assignment.valid @> once.at
        ) END,
        number.observed_capabilities & once.channel <> 0
    FROM once JOIN inventory_phonenumber AS number USING (e164)
    WHERE number.state <> 'RETURNED'
    AND (number.state <> 'TESTING' OR once.at < number.state_since)  -- at the lab it may be what a test sent
    RETURNING 1
)
SELECT (SELECT count(*) FROM told), (SELECT count(*) FROM known)
"""
_CONTACTS = """
INSERT INTO inventory_contact (number_id, day, channel, caller, withheld, otp)
SELECT number_id, day, channel, caller, bool_and(withheld), bool_or(otp) FROM (
    SELECT *, row_number() OVER (PARTITION BY number_id, day, channel, withheld ORDER BY caller) AS nth
    FROM ours WHERE counts
) AS counted WHERE NOT withheld OR nth <= %(most)s  -- more would not count, and a flood of them is not kept
GROUP BY 1, 2, 3, 4
ON CONFLICT (number_id, day, channel, caller) DO UPDATE SET otp = true WHERE excluded.otp AND NOT inventory_contact.otp
"""
_DAYS = """
INSERT INTO inventory_dailycontact (number_id, day, voice, sms, otp, distinct_callers, observed)
SELECT number_id, day, voice + least(%(most)s, calls),
    sms + least(%(most)s - least(%(most)s, calls), messages), otp, callers + least(%(most)s, calls + messages), true
FROM (
    SELECT number_id, day,
        count(*) FILTER (WHERE channel = 1 AND NOT withheld) AS voice,
        count(*) FILTER (WHERE channel <> 1 AND NOT withheld) AS sms,
        count(*) FILTER (WHERE channel = 1 AND withheld) AS calls,
        count(*) FILTER (WHERE channel <> 1 AND withheld) AS messages,
        count(*) FILTER (WHERE otp AND NOT withheld) AS otp,
        count(DISTINCT caller) FILTER (WHERE NOT withheld) AS callers
    FROM inventory_contact JOIN (SELECT DISTINCT number_id, day FROM ours WHERE counts) AS touched
    USING (number_id, day) GROUP BY 1, 2
) AS counted
ON CONFLICT (number_id, day) DO UPDATE SET voice = excluded.voice, sms = excluded.sms, otp = excluded.otp,
    distinct_callers = excluded.distinct_callers
"""
_UNSEEN = "SELECT number_id, bit_or(channel) AS channels FROM ours WHERE NOT is_seen GROUP BY 1"
# In the order in which everybody locks numbers.
_LOCKED = f"""
SELECT FROM inventory_phonenumber WHERE id IN (SELECT number_id FROM ({_UNSEEN}) AS unseen)
ORDER BY id FOR NO KEY UPDATE
"""  # noqa: S608 - our own words
_SEEN = f"""
WITH seen AS (
    UPDATE inventory_phonenumber AS number
    SET observed_capabilities = observed_capabilities | unseen.channels, observed_at = now()
    FROM ({_UNSEEN}) AS unseen WHERE unseen.number_id = number.id
    RETURNING number.id, unseen.channels & ~declared_capabilities <> 0 AS is_news
)
SELECT id FROM seen WHERE is_news
"""  # noqa: S608 - our own words


class Taken(NamedTuple):
    """Of the events of a batch: how many were told for the first time, and how many of those were for numbers of ours
    (those at the lab left out)."""

    new: int
    ours: int


@transaction.atomic
def take(events: Sequence[Event]) -> Taken:
    """Count a batch of events, all or nothing; told again, whole or in part, it changes nothing.

    A capability that is seen for the first time and is not declared opens a drift case, which takes nothing off sale:
    anybody may have sent it.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ALONE)
        _hear(cursor, events)
        cursor.execute(_OURS)
        cursor.execute(_NEW)
        taken = Taken(*cursor.fetchone())
        cursor.execute(_CONTACTS, {"most": WITHHELD_A_DAY})
        cursor.execute(_DAYS, {"most": WITHHELD_A_DAY})
        cursor.execute(_LOCKED)
        cursor.execute(_SEEN)
        news = [number_id for (number_id,) in cursor.fetchall()]
        cursor.execute("DROP TABLE heard, ours")
    for number in PhoneNumber.objects.filter(pk__in=news).order_by("pk"):
        drift.open_case(number, found_by=DriftFinder.TRAFFIC, tested=number.capabilities)
    return taken


def _hear(cursor: CursorWrapper, events: Sequence[Event]) -> None:
    cursor.execute(_HEARD)
    with cursor.copy("COPY heard FROM STDIN") as rows:
        rows.write("".join(map(_row, events)))


def _row(event: Event) -> str:
    key, e164, at, channel, caller, withheld, otp = event
    return f"{key.hex()}\t{e164}\t{at}\t{channel.value}\t{caller}\t{withheld:d}\t{otp:d}\n"
