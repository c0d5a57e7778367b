"""What a bundle holds, once more, as rows of their own: what a copy and a clone are filled with.

The new rows change without the old ones, and are erased without them; only within one account they refer to the same
addresses, which are never rewritten for a bundle.
"""

from collections.abc import Mapping
from typing import Any

from accounts.models import Account
from compliance.models import Address, Bundle, DocumentStatus, EndUser, ItemAssignment, StoredFile, SupportingDocument
from compliance.vault import objects

#: What is written of an address: its words, and what we found out about them.
_ADDRESS = (
    *("friendly_name", "customer_name", "street", "street_secondary", "city", "region", "postal_code"),
    *("iso_country", "validated", "verified"),
)


def fill(bundle: Bundle, source: Bundle, *, judged: bool = False) -> None:
    """Put the content of `source`, which is locked, into a new draft. `judged`: papers keep the status they have."""
    items = list(source.items.filter(ended_at=None).select_related("end_user", "document__file").order_by("pk"))
    addresses = _addresses_for(bundle.account, items)
    for item in items:
        ItemAssignment.objects.create(
            bundle=bundle,
            end_user=item.end_user and _end_user(item.end_user, bundle.account),
            document=item.document and _document(item.document, bundle.account, addresses, judged),
            requirement_name=item.requirement_name,
        )


def same_file(document: SupportingDocument, *, attributes: Mapping[str, Any]) -> SupportingDocument:
    """A paper of the same account with the same type and file, for another requirement; a draft with these attributes.

    One paper serves one requirement, and some countries ask for the same one twice. Raises DamagedFile,
    VaultUnavailable.
    """
    addresses = {row.sid: row for row in Address.objects.of(document.account).filter(sid__in=_named(attributes))}
    twin = SupportingDocument.objects.create(
        account=document.account,
        type=document.type,
        friendly_name=document.friendly_name,
        attributes=_referring(attributes, addresses),
        file=document.file and _file(document.file),
    )
    twin.addresses.set(addresses.values())
    return twin


def _end_user(row: EndUser, account: Account) -> EndUser:
    return EndUser.objects.create(
        account=account, type=row.type, friendly_name=row.friendly_name, attributes=row.attributes
    )


def _document(
    row: SupportingDocument, account: Account, addresses: Mapping[str, Address], judged: bool
) -> SupportingDocument:
    twin = SupportingDocument.objects.create(
        account=account,
        type=row.type,
        friendly_name=row.friendly_name,
        attributes=_referring(row.attributes, addresses),
        file=row.file and _file(row.file),
        status=row.status if judged else DocumentStatus.DRAFT,
    )
    twin.addresses.set([addresses[sid] for sid in row.addresses.values_list("sid", flat=True)])
    return twin


def _file(old: StoredFile) -> StoredFile | None:
    """Sealed anew, under a name and a key of its own: an object opens under its own name only."""
    return None if old.erased_at else objects.put(objects.read(old), mime_type=old.mime_type)


def _addresses_for(account: Account, items: list[ItemAssignment]) -> Mapping[str, Address]:
    """By the SID of the old one, which it is itself where it is the account's own."""
    documents = [item.document for item in items if item.document]
    found = Address.objects.filter(documents__in=documents).distinct()
    return {old.sid: old if old.account_id == account.pk else _address(old, account) for old in found}


def _address(row: Address, account: Account) -> Address:
    return Address.objects.create(account=account, **{column: getattr(row, column) for column in _ADDRESS})


def _referring(attributes: Any, addresses: Mapping[str, Address]) -> Any:
    """The attributes with the SIDs of the account's own addresses; one that leads nowhere is left out."""
    if not isinstance(attributes, Mapping) or attributes.get("address_sids") is None:
        return attributes
    return {**attributes, "address_sids": [addresses[sid].sid for sid in _named(attributes) if sid in addresses]}


def _named(attributes: Mapping[str, Any]) -> list[str]:
    named = attributes.get("address_sids")
    return [sid for sid in (named if isinstance(named, list) else [named]) if isinstance(sid, str)]
