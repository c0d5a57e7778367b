"""By when a review should be over, and which policy governs it."""

from datetime import UTC, datetime, time, timedelta

from compliance.models import Bundle, ReviewPolicy
from compliance.services import rulebooks

SATURDAY = 5
#: In force where staff have set nothing for all countries: three days.
UNSET = ReviewPolicy(target_hours=72, claim_hours=8, four_eyes=False)


def policy_for(country: str, at: datetime) -> ReviewPolicy:
    """The policy that governs bundles of a country: its own, else that for all, else `UNSET`."""
    return _own(country, at) or _own("", at) or UNSET


def due_at(bundle: Bundle, now: datetime) -> datetime:
    """When a review that begins now should be over.

    The hours of the country's policy, else the longest of the usual business days in the country's file (Monday to
    Friday, UTC), else the hours of the policy for all.
    """
    own = _own(bundle.regulation.country, now)
    if own and own.target_hours:
        return now + timedelta(hours=own.target_hours)
    if (days := _usual_days(bundle, now)) is not None:
        return business_days_later(now, max(days, 1))
    general = _own("", now)
    hours = (general and general.target_hours) or UNSET.target_hours or 0
    return now + timedelta(hours=hours)


def business_days_later(start: datetime, days: int) -> datetime:
    """The same time of day, that many business days later; a weekend counts as the Monday's first minute."""
    day = start.astimezone(UTC)
    if day.weekday() >= SATURDAY:
        day = datetime.combine(day.date() + timedelta(days=7 - day.weekday()), time(tzinfo=UTC))
    for _ in range(days):
        day += timedelta(days=3 if day.weekday() == SATURDAY - 1 else 1)
    return day


def _own(country: str, at: datetime) -> ReviewPolicy | None:
    return ReviewPolicy.objects.governing(country, at.astimezone(UTC).date())


def _usual_days(bundle: Bundle, at: datetime) -> int | None:
    rules = rulebooks.current(bundle.regulation.country, at.astimezone(UTC).date())
    days = rules and rules.of(bundle.regulation.number_type).review_days
    return days[1] if days else None
