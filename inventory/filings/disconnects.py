"""Permanent disconnects for the Reassigned Numbers Database: reported by the 15th of a month, each of them once.

47 CFR 64.1200(l) and FCC 18-177: geographic numbers of the United States, ours and those that others let us have; the
date of the most recent permanent disconnection. A suspension is none, nor is a number that went to another provider.
Here a disconnect is permanent when the window in which its holder may take the number back is over; the day is that on
which he gave it up. Toll-free numbers are reported by their administrator.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection

from inventory.filings.utilisation import Nruf
from inventory.models import Filing, ReportedDisconnect

#: A row of the ledger carries the time at which its transaction began: none was open that long.
LONGEST_TRANSACTION = timedelta(days=1)

_SINCE = """
SELECT number.id, number.e164, final.id, (
    SELECT (given_up.at AT TIME ZONE 'UTC')::date FROM inventory_lifecycleentry AS given_up
    WHERE given_up.number_id = number.id AND given_up.verb = 'release' AND given_up.at <= final.at
    ORDER BY given_up.at DESC, given_up.id DESC LIMIT 1
) AS disconnected_on
FROM inventory_lifecycleentry AS final JOIN inventory_phonenumber AS number ON number.id = final.number_id
WHERE final.verb = 'expire' AND final.at <= %(at)s AND (%(since)s::timestamptz IS NULL OR final.at > %(since)s)
AND number.country = ANY(%(countries)s) AND number.number_type = ANY(%(types)s)
AND NOT EXISTS (SELECT FROM inventory_reporteddisconnect AS told WHERE told.entry_id = final.id)
ORDER BY number.e164, final.id
"""


class Disconnect(NamedTuple):
    """One number (row id, E.164 digits), the ledger's row that made it final, and the day on which it was given up."""

    number_id: int
    e164: int
    entry_id: int
    day: date

    @property
    def line(self) -> list[str]:
        """Ten digits and the day."""
        return [str(self.e164)[1:], self.day.isoformat()]


def unreported(at: datetime, last: Filing | None) -> list[Disconnect]:
    """What became final by then and no filing has told; `last` is the newest one."""
    scope = Nruf.scope
    values: dict[str, Any] = {
        "at": at,
        "since": last.as_of - LONGEST_TRANSACTION if last else None,
        "countries": list(scope.countries),
        "types": list(scope.number_types),
    }
    with connection.cursor() as cursor:
        cursor.execute(_SINCE, values)
        return [Disconnect(*row) for row in cursor.fetchall()]


def remember(filing: Filing, told: Sequence[Disconnect]) -> None:
    """Write down that these have been reported."""
    ReportedDisconnect.objects.bulk_create(
        [
            ReportedDisconnect(
                filing=filing, number_id=each.number_id, entry_id=each.entry_id, disconnected_on=each.day
            )
            for each in told
        ],
        batch_size=5_000,
    )
