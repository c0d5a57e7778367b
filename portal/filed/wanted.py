"""The number that papers were begun for, and whether its customer can still have it."""

from typing import NamedTuple

from compliance.lifecycle import BundleState
from compliance.models import Bundle
from inventory.services.baskets import Within, reach_of
from numbering.e164 import E164

_SAID_IN = (BundleState.PENDING_REVIEW, BundleState.IN_REVIEW, BundleState.PROVISIONALLY_APPROVED, BundleState.APPROVED)


class Wanted(NamedTuple):
    """A number, and whether the account can have it."""

    number: E164
    within: Within


def wanted_of(bundle: Bundle) -> Wanted | None:
    """From the handing in on; None: there is none, or it is not the time to speak of it."""
    if bundle.for_number is None or bundle.state not in _SAID_IN or bundle.copied_from_id:
        return None
    return Wanted(E164(bundle.for_number), reach_of(bundle.account, bundle.for_number))
