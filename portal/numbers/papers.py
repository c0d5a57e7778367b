"""The papers that a number hangs on, and what happens when they run out."""

from datetime import datetime
from typing import NamedTuple

from django.utils import timezone

from accounts.models import Account
from compliance.asked import Asked
from compliance.lifecycle import BundleState
from compliance.models import Address, Bundle
from inventory.models import Did
from inventory.search.terms import terms_of
from portal.filed.words import STATES


class Papers(NamedTuple):
    """`asked`: what such a number takes now; the rest is what it was given, None where that is nothing."""

    asked: Asked
    bundle: Bundle | None
    address: Address | None
    emergency: Address | None

    @property
    def state(self) -> str:
        """Where the bundle stands, in words."""
        return str(STATES[BundleState(self.bundle.state)].label) if self.bundle else ""

    @property
    def ends_at(self) -> datetime | None:
        """When the approval runs out: the rules have changed. None: it has no end."""
        return self.bundle.valid_until if self.bundle else None

    @property
    def have_ended(self) -> bool:
        """Whether that is past, so that no more numbers are bought on it."""
        return self.ends_at is not None and self.ends_at <= timezone.now()


def papers_of(did: Did) -> Papers:
    """Those of its own account."""
    number, account = did.number, did.account
    addresses = _addresses(account, did.address_sid, did.emergency_address_sid)
    bundles = Bundle.objects.of(account).select_related("regulation")
    return Papers(
        asked=terms_of(number.country, number.number_type).asked,
        bundle=bundles.filter(sid=did.bundle_sid).first() if did.bundle_sid else None,
        address=addresses.get(did.address_sid),
        emergency=addresses.get(did.emergency_address_sid),
    )


def _addresses(account: Account, *sids: str) -> dict[str, Address]:
    named = [sid for sid in sids if sid]
    return {row.sid: row for row in Address.objects.of(account).filter(sid__in=named)} if named else {}
