"""What is known already of a number that its new owner gave back soon: within 7 days, or after a report (design A4).

Its callers had not gone, or it looks so. Its new stay therefore begins with the sums of the last one and with what the
report told, discounted to the day of the entry by the recursion of A2; for everybody else both begin at 0.
"""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from inventory.models import Did, Quarantine, UnwantedTraffic
from inventory.quarantine.history import DAILY_CAP, DISCOUNT
from inventory.quarantine.reports import last_stay

SOON = timedelta(days=7)
_DAY = timedelta(days=1)


class Carried(NamedTuple):
    """S and E of A2 on the morning of the entry."""

    contacts: float = 0.0
    days: float = 0.0

    def after(self, days: int, seen: "Carried | None" = None) -> "Carried":
        """So many days later, with what was seen meanwhile, already discounted."""
        fade, more = DISCOUNT ** max(days, 0), seen or Carried()
        return Carried(self.contacts * fade + more.contacts, self.days * fade + more.days)


def report_of(did: Did | None) -> UnwantedTraffic | None:
    """What the owner reported, if he did."""
    return UnwantedTraffic.objects.filter(did=did).first() if did else None


def carried(did: Did | None, told: UnwantedTraffic | None, released_at: datetime) -> Carried:
    """With what the stay of the number of this DID begins. `told`: `report_of` it."""
    if did is None or (told is None and released_at - did.created_at > SOON):
        return Carried()
    yesterday = released_at.date() - _DAY  # the last closed day before the entry
    known, stay = Carried(), last_stay(did.number_id)
    if stay is not None and stay.state_day is not None:
        known = _of_stay(stay).after((yesterday - stay.state_day).days)
    return known.after(0, _of_report(told, yesterday)) if told else known


def _of_stay(stay: Quarantine) -> Carried:
    return Carried(stay.recent_contacts or 0.0, stay.effective_days or 0.0)


def _of_report(told: UnwantedTraffic, yesterday: date) -> Carried:
    """As if so many had been seen on each day from the first to that of the report: one day at least."""
    last = min(told.reported_at.date(), yesterday)
    first = min(told.since, last)
    ago = range((yesterday - last).days, (yesterday - first).days + 1)
    days = sum(DISCOUNT**each for each in ago)
    return Carried(min(told.a_day, DAILY_CAP) * days, days)
