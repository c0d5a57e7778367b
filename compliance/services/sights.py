"""Opening papers outside a review, where the policy asks for two people: one asks, another one lets them."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from compliance.models import Bundle, SightReason, SightRequest, SupportingDocument
from compliance.refusals import AlreadyDecided, OwnDocument, OwnRequest
from compliance.services.deadlines import policy_for
from compliance.services.grants import may_look

#: For so long after somebody let them the asker may open the paper, each time for DECRYPT_GRANT_LIFETIME.
GOOD_FOR = timedelta(days=1)


def takes_two(bundle: Bundle, reason: SightReason) -> bool:
    """Whether a second person must let somebody open a paper of the bundle: the policy of its country says so."""
    return reason != SightReason.REVIEW and policy_for(bundle.regulation.country, timezone.now()).sight_four_eyes


def granted(document: SupportingDocument, user: User, reason: SightReason) -> SightRequest | None:
    """The leave that a second person gave, while it is good."""
    since = timezone.now() - GOOD_FOR
    given = SightRequest.objects.filter(document=document, asked_by=user, reason=reason, granted=True)
    return given.filter(decided_at__gt=since).order_by("-pk").first()


def ask(document: SupportingDocument, user: User, reason: SightReason, note: str) -> SightRequest:
    """Ask a second person; a request that is still open stays as it is and is returned. Raises OwnDocument."""
    if not may_look(user, document.account):
        raise OwnDocument
    request, _ = SightRequest.objects.get_or_create(
        document=document, asked_by=user, reason=reason, decided_at=None, defaults={"note": note}
    )
    return request


def decide(request: SightRequest, *, user: User, grants: bool) -> SightRequest:
    """Let them, or don't. Raises OwnRequest, OwnDocument, AlreadyDecided."""
    with transaction.atomic():
        locked = SightRequest.objects.select_for_update(of=("self",)).select_related("document__account")
        found = locked.get(pk=request.pk)
        if found.asked_by_id == user.pk:
            raise OwnRequest
        if not may_look(user, found.document.account):
            raise OwnDocument
        if found.decided_at:
            raise AlreadyDecided
        found.granted, found.decided_by, found.decided_at = grants, user, timezone.now()
        found.save(update_fields=["granted", "decided_by", "decided_at"])
    return found
