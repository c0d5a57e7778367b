"""What came in for our numbers that no test waited for: contacts of the day, and capabilities that were seen."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from inventory.lifecycle import State
from inventory.models import DriftFinder, PhoneNumber
from inventory.quarantine.contacts import add_contacts
from inventory.services import drift
from numbering.types import Capability


class Seen(NamedTuple):
    """New (channel, caller) pairs of a UTC day for one number, and how many of those callers are new on any channel."""

    e164: int
    capability: Capability
    day: date
    contacts: int = 1
    callers: int = 1


@transaction.atomic
def observe(seen: Sequence[Seen]) -> int:
    """Write down what was seen, all or nothing, so that it may be repeated; how much of it was for numbers of ours.

    A number in TESTING is left out: what comes in for it may be what a test sent, late. A capability that is seen for
    the first time and is not declared opens a drift case, which takes nothing off sale: anybody may have sent it.
    """
    ours = PhoneNumber.objects.live().exclude(state=State.TESTING)
    held = dict(ours.filter(e164__in={each.e164 for each in seen}).values_list("e164", "pk"))
    known = sorted((each for each in seen if each.e164 in held), key=lambda each: held[each.e164])  # no deadlock
    for each in known:
        _observe(held[each.e164], each)
    return len(known)


def _observe(number_id: int, seen: Seen) -> None:
    number = PhoneNumber.objects.select_for_update(no_key=True, of=("self",)).get(pk=number_id)
    is_message = seen.capability != Capability.VOICE
    contacts = {"sms" if is_message else "voice": seen.contacts}
    add_contacts(number, seen.day, distinct_callers=seen.callers, **contacts)
    before = number.observed_capabilities
    number.observed_capabilities, number.observed_at = before | int(seen.capability), timezone.now()
    number.save(update_fields=["observed_capabilities", "observed_at"])
    if int(seen.capability) & ~before & ~number.declared_capabilities:
        drift.open_case(number, found_by=DriftFinder.TRAFFIC, tested=number.capabilities)
