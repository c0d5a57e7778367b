"""Permanent disconnects for the Reassigned Numbers Database: reported by the 15th of a month, each of them once.

47 CFR 64.1200(l) and FCC 18-177: geographic numbers of the United States, ours and those that others let us have; the
date of the most recent permanent disconnection. A suspension is none, nor is a number that went to another provider.
Here a disconnect is permanent when the window in which its holder may take the number back is over; the day is that on
which he gave it up. Toll-free numbers are reported by their administrator.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from inventory.filings.reading import streamed
from inventory.filings.utilisation import Nruf, Row
from inventory.models import Filing

#: A row of the ledger carries the time at which its transaction began: none was open that long.
LONGEST_TRANSACTION = timedelta(days=1)

_GIVEN_UP_ON = """(
    SELECT (given_up.at AT TIME ZONE 'UTC')::date FROM inventory_lifecycleentry AS given_up
    WHERE given_up.number_id = number.id AND given_up.verb = 'release' AND given_up.at <= final.at
    ORDER BY given_up.at DESC, given_up.id DESC LIMIT 1
)"""
_COLLECT = f"""
CREATE TEMPORARY TABLE disconnects ON COMMIT DROP AS
SELECT number.id AS number_id, number.e164, final.id AS entry_id, {_GIVEN_UP_ON} AS disconnected_on
FROM inventory_lifecycleentry AS final JOIN inventory_phonenumber AS number ON number.id = final.number_id
WHERE final.verb = 'expire' AND final.at <= %(at)s AND (%(since)s::timestamptz IS NULL OR final.at > %(since)s)
AND number.country = ANY(%(countries)s) AND number.number_type = ANY(%(types)s)
AND NOT EXISTS (SELECT FROM inventory_reporteddisconnect AS told WHERE told.entry_id = final.id)
"""  # noqa: S608 - made of constants alone
_COLLECTED = "SELECT e164, disconnected_on FROM disconnects ORDER BY e164, entry_id"
_REMEMBER = """
INSERT INTO inventory_reporteddisconnect (filing_id, number_id, entry_id, disconnected_on)
SELECT %(filing)s, number_id, entry_id, disconnected_on FROM disconnects
"""
_AGAIN = f"""
SELECT number.e164, {_GIVEN_UP_ON} FROM inventory_reporteddisconnect AS told
JOIN inventory_lifecycleentry AS final ON final.id = told.entry_id AND final.verb = 'expire'
JOIN inventory_phonenumber AS number ON number.id = final.number_id
WHERE told.filing_id = %(filing)s ORDER BY number.e164, final.id
"""  # noqa: S608 - likewise


def unreported(at: datetime, last: Filing | None) -> Iterator[Row]:
    """The lines of what became final by then and no filing has told; `last` is the newest one.

    Call it once in a transaction, and `remember` behind it: what it tells is collected first, in a table of its own,
    so that the file and what is remembered of it are the same however long it is.
    """
    values: dict[str, Any] = {
        "at": at,
        "since": last.as_of - LONGEST_TRANSACTION if last else None,
        "countries": list(Nruf.scope.countries),
        "types": list(Nruf.scope.number_types),
    }
    with connection.cursor() as cursor:
        cursor.execute(_COLLECT, values)
    return (_line(*row) for row in streamed(_COLLECTED, {}))


def remember(filing: Filing) -> None:
    """Write down that all that `unreported` told has been reported."""
    with connection.cursor() as cursor:
        cursor.execute(_REMEMBER, {"filing": filing.pk})
        cursor.execute("DROP TABLE disconnects")


def again(filing: Filing) -> Iterator[Row]:
    """The lines of a filing as the ledger gives them today, of the moves that it told."""
    return (_line(*row) for row in streamed(_AGAIN, {"filing": filing.pk}))


def _line(e164: int, day: Any) -> Row:
    """Ten digits and the day."""
    return [str(e164)[1:], str(day)]
