"""Which of its papers an account can get a number with: what the gate would let pass, and what waits for it."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from django.db.models import Q
from django.utils import timezone

from accounts.models import Account
from compliance import gate
from compliance.asked import asked
from compliance.lifecycle import WAITING, BundleState
from compliance.models import Address, Bundle
from compliance.models.bundle import BundleQuerySet
from compliance.services.proofs import shown_addresses

#: Of bundles and of addresses the newest so many are looked at: each pair of them is put to the gate.
MOST = 10


class Papers(NamedTuple):
    """What a number is bought with; None: that is not asked for."""

    bundle: Bundle | None
    address: Address | None


def approved(account: Account, country: str, number_type: str, at: datetime | None = None) -> list[Bundle]:
    """The account's bundles for such numbers whose approval is in force, the newest first."""
    in_force = Q(valid_until=None) | Q(valid_until__gt=at or timezone.now())
    found = _for(account, country, number_type).filter(in_force, state=BundleState.APPROVED)
    return list(found.select_related("regulation", "approved_under").order_by("-pk")[:MOST])


def waiting(account: Account, country: str, number_type: str) -> Bundle | None:
    """The newest bundle for such numbers that somebody is to review, or reviews."""
    return _for(account, country, number_type).filter(state__in=WAITING).order_by("-pk").first()


def fitting(account: Account, number: gate.Wanted) -> list[Papers]:
    """The papers of the account that the gate lets it have the number with, best (newest) first. Where nothing is
    asked that is one pair of nothing; none: something is missing."""
    return [
        papers
        for papers in _candidates(account, number)
        if not gate.check(
            account, number, papers.address.sid if papers.address else "", papers.bundle.sid if papers.bundle else ""
        )
    ]


def _candidates(account: Account, number: gate.Wanted) -> Iterator[Papers]:
    wanted = asked(number.country, number.number_type)
    bundles = approved(account, number.country, number.number_type) if wanted.needs_bundle else [None]
    for bundle in bundles:
        shown = shown_addresses(bundle) if bundle and wanted.needs_address else None
        addresses = Address.objects.of(account) if shown is None else Address.objects.of(account).filter(sid__in=shown)
        known = addresses.order_by("-pk")[:MOST] if wanted.needs_address else [None]
        yield from (Papers(bundle, address) for address in known)


def _for(account: Account, country: str, number_type: str) -> BundleQuerySet:
    about = {"regulation__country": country, "regulation__number_type": number_type}
    return Bundle.objects.of(account).filter(is_test=False, **about)
