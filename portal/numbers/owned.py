"""A number of the account that a page is about, and what the account may do with it now."""

from datetime import datetime

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone

from inventory.lifecycle import State
from inventory.models import Did
from inventory.portfolio import listing
from inventory.search.terms import Price, terms_of
from numbering.countries import called
from portal.acting import CustomerRequest
from portal.find.words import carried

WHOLE = "number__place", "number__provider", "account__parent"


def owned(request: CustomerRequest, sid: str) -> Did:
    """The account's own DID, in service or over. Raises Http404 for anybody else's, and for none."""
    rows = Did.objects.select_related(*WHOLE).defer("account__auth_token", "account__parent__auth_token")
    return get_object_or_404(rows, sid=sid, account=request.account)


def in_service(request: CustomerRequest, sid: str) -> Did:
    """The same while it is in service. Raises Http404."""
    did = owned(request, sid)
    if did.ended_at is not None:
        raise Http404(f"{sid} is over")
    return did


def reclaimable_until(did: Did) -> datetime | None:
    """Until when the account may take the number back; None where it can't, or has it."""
    number = did.number
    if did.ended_at is None or number.state != State.RELEASED or number.holder_id != did.account_id:
        return None
    if number.blocked or number.due_at is None or number.due_at <= timezone.now():
        return None
    last = listing.given_back(did.account, [number.pk]).first()
    return number.due_at if last is not None and last.pk == did.pk else None


def is_owner(request: CustomerRequest) -> bool:
    """Whether the person is an owner of the account: every member is, as long as memberships have no roles."""
    return bool(getattr(request, "is_owner", True))


def actor(request: CustomerRequest) -> str:
    """The person, as ledgers that nobody can change name them: by a number, which tells strangers nothing."""
    return f"user:{request.user.pk}"


def price_of(did: Did) -> Price | None:
    """What it costs a month, and did at first."""
    number = did.number
    return terms_of(number.country, number.number_type).price(number.provider_id)


def place_of(did: Did) -> str:
    """The town or region, and the country."""
    number, country = did.number, called(did.number.country)
    nearer = number.place.name if number.place and number.place.name else number.region
    return f"{nearer}, {country}" if nearer and nearer != country else country


def carries(did: Did) -> list[str]:
    """What it is sold for, in the words of the search."""
    return carried(did.number.capabilities)
