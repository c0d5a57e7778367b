"""What happened in the account of late."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from django.utils.translation import gettext as _

from accounts.models import Account
from compliance.lifecycle import BundleState
from compliance.models import BundleEntry
from inventory.lifecycle import State
from inventory.models import Did, PhoneNumber
from inventory.portfolio import listing
from portal.home.needs import link

NEWEST = 6


class News(NamedTuple):
    """`state` gives the sign and the colour."""

    at: datetime
    what: str
    about: str
    url: str
    state: str


def news(account: Account) -> list[News]:
    """The newest first: numbers that came and went, papers that moved."""
    told = [*_came(account), *_went(account), *_papers(account)]
    return sorted(told, key=lambda each: each.at, reverse=True)[: NEWEST + 2]


def _came(account: Account) -> Iterator[News]:
    newest = Did.objects.filter(account=account, ended_at=None).select_related("number").order_by("-pk")
    for did in newest[:NEWEST]:
        about = f"{did.number.number.national_format} · {did.friendly_name}"
        if did.friendly_name == did.number.number.national_format:
            about = did.friendly_name
        yield News(did.created_at, _("Number bought"), about, link("number", did.sid), State.IN_SERVICE)


def _went(account: Account) -> Iterator[News]:
    released = PhoneNumber.objects.filter(holder=account, state=State.RELEASED).order_by("-state_since")[:NEWEST]
    for did in listing.given_back(account, [number.pk for number in released]).select_related("number"):
        if did.ended_at:
            about, url = did.number.number.national_format, link("number", did.sid)
            yield News(did.ended_at, _("Number given back"), about, url, State.RELEASED)


def _papers(account: Account) -> Iterator[News]:
    said: dict[str, tuple[str, str]] = {
        BundleState.PENDING_REVIEW: (_("Papers handed in"), State.QUARANTINED),
        BundleState.APPROVED: (_("Papers approved"), State.AVAILABLE),
        BundleState.PROVISIONALLY_APPROVED: (_("Papers approved for the time being"), State.QUARANTINED),
        BundleState.REJECTED: (_("Papers rejected"), State.FAILED),
    }
    moves = BundleEntry.objects.filter(bundle__account=account, bundle__deleted_at=None, target__in=said)
    for entry in moves.select_related("bundle").order_by("-at", "-pk")[:NEWEST]:
        what, state = said[entry.target]
        yield News(entry.at, what, entry.bundle.friendly_name, link("papers-status", entry.bundle.sid), state)
