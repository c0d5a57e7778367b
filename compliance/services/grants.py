"""Opening a document: leave for some minutes, with a reason; and a row for every look, before the bytes leave."""

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import Account, User
from compliance.models import DecryptGrant, DocumentView, Seen, SightReason, SightRequest, SupportingDocument
from compliance.refusals import NoLiveGrant, NothingToOpen, OwnDocument
from compliance.vault import objects
from compliance.watermark import marked


def may_look(user: User, account: Account) -> bool:
    """Whether the user may look at what the account gave: staff, and not a member of it or of its parent."""
    theirs = Q(account=account) | Q(account=account.parent_id)
    return user.is_active and user.is_staff and not user.memberships.filter(theirs).exists()


def open_document(
    document: SupportingDocument,
    user: User,
    reason: SightReason = SightReason.REVIEW,
    note: str = "",
    *,
    takes_two: bool = False,
    let: SightRequest | None = None,
) -> DecryptGrant:
    """Leave to look at the document's file until DECRYPT_GRANT_LIFETIME is over.

    `note` is kept for good: a case number, no names; only a review needs none. Where it takes two (`sights.takes_two`),
    `let` is the leave of the second person: the database refuses a grant without. Raises OwnDocument, NothingToOpen.
    """
    if not may_look(user, document.account):
        raise OwnDocument
    if document.file is None or document.file.erased_at:
        raise NothingToOpen(document.sid)
    now = timezone.now()
    return DecryptGrant.objects.create(
        document=document,
        user=user,
        reason=reason,
        note=note,
        takes_two=takes_two,
        request=let,
        granted_at=now,
        expires_at=now + settings.DECRYPT_GRANT_LIFETIME,
    )


def for_review(document: SupportingDocument, user: User) -> DecryptGrant:
    """The leave to look at it for a review that this user has, or a new one. Raises OwnDocument, NothingToOpen."""
    mine = document.grants.filter(user=user, reason=SightReason.REVIEW, expires_at__gt=timezone.now())
    return mine.order_by("-pk").first() or open_document(document, user)


def view(grant: DecryptGrant, *, user: User, what: Seen = Seen.PREVIEW, seen_from: str | None = None) -> bytes:
    """The file, as it is or with a watermark; the look is committed to the record first, whatever then happens.

    Call it outside of a transaction. Raises NoLiveGrant, OwnDocument, NothingToOpen, CantBeMarked, VaultUnavailable.
    """
    if grant.user_id != user.pk or not grant.is_live(timezone.now()):
        raise NoLiveGrant
    document = SupportingDocument.objects.select_related("file", "account").get(pk=grant.document_id)
    if not may_look(user, document.account):
        raise OwnDocument
    if document.file is None or document.file.erased_at:
        raise NothingToOpen(document.sid)
    with transaction.atomic(durable=True):
        DocumentView.objects.create(grant=grant, user=user, what=what, seen_from=seen_from)
    octets = objects.read(document.file)
    return octets if what == Seen.BYTES else marked(octets, document.file.mime_type, _mark(grant, user))


def _mark(grant: DecryptGrant, user: User) -> str:
    return f"{user.get_full_name() or user.email}  {timezone.now():%Y-%m-%d %H:%M} UTC  grant {grant.pk}"
