"""When a stay in quarantine may end at the earliest and must end at the latest, and which rules say so.

The law's dated rows (`compliance.AgingRule`) come first; the platform's policy may only lengthen their minimum.
"""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from compliance.models import AgingRule
from inventory.models import PhoneNumber
from inventory.models.quarantine import QuarantineSource
from inventory.quarantine import policy

DEMO = "demo:"  # begins the rule of a stay that rests for minutes; the trigger rested_before_reuse knows it too


class Limits(NamedTuple):
    """Ages since the disconnect or the delivery, and the names of the rules that set them."""

    minimum: timedelta
    maximum: timedelta | None
    rule: str


def limits(number: PhoneNumber, source: QuarantineSource, since: datetime, previous_use: str = "") -> Limits:
    """The limits of a stay that counts from `since`; `previous_use` is residential, business or, not known, blank.

    A sandbox carrier's `demo_aging` replaces them all: no real person ever had such a number.
    """
    if number.provider and number.provider.demo_aging is not None:
        return Limits(number.provider.demo_aging, None, f"{DEMO}{number.provider.slug}")
    return of_kind(number.country, number.number_type, source, since.date(), previous_use)


def of_kind(country: str, number_type: str, source: QuarantineSource, on: date, previous_use: str = "") -> Limits:
    """The limits that law and policy set for such numbers on that day."""
    house = policy.governing(source, country, on)
    # The aging laws protect the former user; a number that was never in service has none.
    if source == QuarantineSource.ONBOARDED_NEW:
        return _combine(house, None)
    return _combine(house, AgingRule.objects.governing(country, number_type, on, previous_use))


def _combine(house: policy.PolicyRule, law: AgingRule | None) -> Limits:
    """The longer minimum, the law's maximum before the policy's, and never a minimum beyond a legal maximum."""
    legal_minimum = (law and law.minimum_days) or 0
    legal_maximum = law.maximum_days if law else None
    least = max(legal_minimum, house.minimum_days)
    if legal_maximum is not None:
        least = min(least, legal_maximum)
    most = legal_maximum if legal_maximum is not None else house.maximum_days
    if most is not None:
        most = max(least, most)
    return Limits(_days(least), None if most is None else _days(most), _names(house, law, least, most))


def _days(count: int) -> timedelta:
    return timedelta(days=count)


def _names(house: policy.PolicyRule, law: AgingRule | None, least: int, most: int | None) -> str:
    """Each rule that set one of the two limits, the law first."""
    named = [f"aging:{law.country}:{law.previous_use}:{law.valid_from}"] if law and _sets(law, least, most) else []
    if law is None or least != law.minimum_days or most != law.maximum_days:
        named.append(str(house))
    return " + ".join(named)


def _sets(law: AgingRule, least: int, most: int | None) -> bool:
    return law.minimum_days == least or (most is not None and law.maximum_days == most)
