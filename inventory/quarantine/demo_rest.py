"""How long numbers of a sandbox carrier rest: for its `demo_aging`, some minutes, and until their line is quiet. Pure.

No real person ever had them, so neither the law nor the engine, which both count in days, has anything to say of them.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta

from inventory.models import DailyContact, Quarantine


def over_at(stay: Quarantine, days: Sequence[DailyContact], aging: timedelta) -> datetime:
    """When it may go on sale: after its minimum, and `aging` after each day with a contact or on which nobody watched.

    `days` are those since the stay began.
    """
    restless = (day for day in days if day.voice + day.sms or not day.observed)
    return max([stay.earliest_at, *(_end(day) + aging for day in restless)])


def _end(day: DailyContact) -> datetime:
    return datetime.combine(day.day, time.min, UTC) + timedelta(days=1)
