"""The decision whether a stay in quarantine ends: pure, from the stay, what was seen on the line, and the clock.

The simplest honest rule: after the minimum of the law and the policy, and only when the line has been quiet for a
while. The likelihood model of the real engine replaces this file.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple

from inventory.models import DailyContact, Quarantine


class Ruling(StrEnum):
    """What happens to the number now."""

    HOLD = "hold"
    CLEAR = "clear"
    RETIRE = "retire"


class Decision(NamedTuple):
    """`until` is when to decide again, for a hold; `why` is for staff and the ledger."""

    ruling: Ruling
    why: str
    until: datetime | None = None


def decide(stay: Quarantine, days: Sequence[DailyContact], *, quiet: timedelta, now: datetime) -> Decision:
    """In this order: the minimum, a quiet line, the maximum, and otherwise the wait goes on.

    `days` are those since the stay began; `quiet` is how long the line must have been quiet after a day with a contact
    or one on which nobody watched. A maximum is not extended by contacts: a number that is still called by then goes.
    """
    if now < stay.earliest_at:
        return Decision(Ruling.HOLD, "minimum", stay.earliest_at)
    restless = [day for day in days if _contacts(day) or not day.observed]
    quiet_at = max((_end(day) + quiet for day in restless), default=stay.earliest_at)
    if quiet_at <= now:
        return Decision(Ruling.CLEAR, f"no contact for {quiet}" if restless else _silence(days))
    if stay.latest_at and now >= stay.latest_at:
        return Decision(Ruling.RETIRE, "still called at the maximum")
    why = "contact" if _contacts(restless[-1]) else "feed gap"
    return Decision(
        Ruling.HOLD, f"{why} on {restless[-1].day}", min(quiet_at, stay.latest_at) if stay.latest_at else quiet_at
    )


def _silence(days: Sequence[DailyContact]) -> str:
    """Where nothing was ever written down, nobody listened: that is no proof, and is not called one."""
    return "no contact" if days else "minimum passed; no feed of contacts"


def _contacts(day: DailyContact) -> int:
    return day.voice + day.sms


def _end(day: DailyContact) -> datetime:
    return datetime.combine(day.day, time.min, UTC) + timedelta(days=1)
