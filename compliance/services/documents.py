"""Supporting documents: create, change, delete. The same verbs for the API, the portal and the console.

A file is examined before anything is locked, since a scanner takes its time. It is kept, and the one that it replaces
is erased, in the transaction of the change: both or neither.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Account
from compliance import lifecycle
from compliance.models import Address, DocumentStatus, StoredFile, SupportingDocument
from compliance.refusals import DocumentAssigned, DocumentInReview, Frozen
from compliance.services.freezing import locked, refused_as
from compliance.vault import objects
from compliance.vault.inspection import inspect
from compliance.vault.scan import scan

#: What a change of the content makes of a verdict on what was there before.
_UNJUDGED: Mapping[str, str] = {
    "status": DocumentStatus.DRAFT,
    "reason": "",
    "reason_sentence": "",
    "fix_hint": "",
}
_CHANGEABLE = ("friendly_name", "attributes", "file", "revision", "updated_at", *_UNJUDGED)


def create(
    *, account: Account, type: str, friendly_name: str, attributes: dict[str, Any], content: bytes | None = None
) -> SupportingDocument:
    """A new document. `type`: a machine name of the catalogue; `content`: the file, if it is there already.

    Raises UnacceptableFile, InfectedFile, ScannerUnavailable, VaultUnavailable.
    """
    file = _examined(content)
    with transaction.atomic():
        row = SupportingDocument.objects.create(
            account=account, type=type, friendly_name=friendly_name, attributes=attributes, file=file and _kept(file)
        )
        row.addresses.set(_named_addresses(account, attributes))
    return row


def change(
    *,
    document: SupportingDocument,
    friendly_name: str | None = None,
    attributes: dict[str, Any] | None = None,
    content: bytes | None = None,
) -> SupportingDocument:
    """Rename it, or put these attributes or this file in the place of its own; that ends a verdict on the old ones.

    Raises Frozen, Deleted, UnacceptableFile, InfectedFile, ScannerUnavailable, VaultUnavailable.
    """
    file = _examined(content)
    with refused_as(Frozen(document.sid)):
        now = locked(document)
        if friendly_name is not None:
            now.friendly_name = friendly_name
        if file or (attributes is not None and attributes != now.attributes):
            _put(now, now.attributes if attributes is None else attributes, file)
        now.updated_at = timezone.now()
        now.save(update_fields=_CHANGEABLE)
    return now


def delete(*, document: SupportingDocument) -> None:
    """Delete it for its customer; row and file stay until their retention is over.

    Raises DocumentInReview, DocumentAssigned, Deleted.
    """
    with refused_as(Frozen(document.sid)):
        now = locked(document)
        bundles = now.assignments.filter(ended_at=None, bundle__deleted_at=None)
        states = set(bundles.values_list("bundle__state", flat=True))
        if states & set(lifecycle.WAITING):
            raise DocumentInReview(_("Document %(sid)s is being reviewed") % {"sid": now.sid})
        if states:
            raise DocumentAssigned(
                _("Document %(sid)s is assigned to a bundle: take it out, or delete the bundle, first")
                % {"sid": now.sid}
            )
        now.deleted_at = timezone.now()
        now.save(update_fields=["deleted_at"])


def address_sids(attributes: Mapping[str, Any]) -> list[str]:
    """What is named as addresses, a list or a single one; who they belong to is not looked at."""
    given = attributes.get("address_sids")
    named = given if isinstance(given, list) else [given]
    return [each for each in named if isinstance(each, str)]


class _File(NamedTuple):
    content: bytes
    mime_type: str


def _examined(content: bytes | None) -> _File | None:
    """Whether it is what we take, and clean."""
    if content is None:
        return None
    found = inspect(content)
    scan(content)
    return _File(content, found.mime_type)


def _kept(file: _File) -> StoredFile:
    return objects.put(file.content, mime_type=file.mime_type)


def _named_addresses(account: Account, attributes: Mapping[str, Any]) -> list[Address]:
    """The addresses of the account that the attributes name, locked: whoever deletes one sees this document, or was
    before us. Another account's do not exist here."""
    named = Address.objects.of(account).filter(sid__in=address_sids(attributes))
    return list(named.order_by("pk").select_for_update(no_key=True))


def _put(now: SupportingDocument, attributes: dict[str, Any], file: _File | None) -> None:
    if file:
        old, now.file = now.file, _kept(file)
        if old:
            objects.erase(old)
    now.attributes, now.revision = attributes, now.revision + 1
    for column, value in _UNJUDGED.items():
        setattr(now, column, value)
    now.addresses.set(_named_addresses(now.account, attributes))
