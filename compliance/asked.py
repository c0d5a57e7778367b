"""What is asked before a kind of number is assigned: for search rows, reservations, pages, and for the gate."""

from datetime import date
from typing import NamedTuple

from django.utils import timezone

from compliance.models import AddressRequirement, NumberTypeRule
from compliance.rulebook.rules import Availability
from compliance.services import rulebooks


class Applying(NamedTuple):
    """A regulation in force. `available`: whether such an end user may have such a number at all."""

    sid: str
    end_user_type: str
    available: Availability


class Asked(NamedTuple):
    """Of one (country, number type). `confirmed` False: an operator decides, the rule is not fact.

    `is_known` False: nobody has written down what is asked there, so nobody can have such a number.
    """

    address_requirement: str = AddressRequirement.UNKNOWN
    needs_address: bool = False
    needs_bundle: bool = True
    confirmed: bool = False
    regulations: tuple[Applying, ...] = ()
    is_known: bool = True


def asked(country: str, number_type: str, on: date | None = None) -> Asked:
    """What is asked on that day (today, UTC, if not given). The rule itself is as of now, never remembered."""
    on = on or timezone.now().date()
    rule = NumberTypeRule.objects.in_force(country, number_type, on)
    if rule is None:
        return Asked(is_known=False)
    regulations = _applying(country, number_type, on) if rule.needs_bundle else ()
    return Asked(
        address_requirement=rule.address_requirement,
        needs_address=rule.needs_address,
        needs_bundle=rule.needs_bundle,
        confirmed=rule.enforced,
        regulations=regulations,
        is_known=bool(regulations) or not rule.needs_bundle,
    )


def _applying(country: str, number_type: str, on: date) -> tuple[Applying, ...]:
    rules = rulebooks.current(country, on)
    if rules is None:
        return ()
    found = rulebooks.regulations(country, number_type).order_by("end_user_type")
    of = rules.of(number_type).of
    return tuple(Applying(row.sid, row.end_user_type, of(row.end_user_type).available) for row in found)
