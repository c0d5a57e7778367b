"""Addresses: create, change, delete. The same verbs for the API, the portal and the console."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Account
from compliance import holdings
from compliance.address_correction import corrected
from compliance.evaluation.addresses import check_address
from compliance.evaluation.case import AddressRecord
from compliance.evaluation.outcome import Finding
from compliance.models import Address, DocumentStatus
from compliance.refusals import AddressFrozen, AddressInUse, AddressNotValidated, AddressSuggested, BadAddress
from compliance.services import rulebooks
from compliance.services.freezing import locked, refused_as

#: What makes it this address and no other; the rest is how it is called and used.
PARTS = ("customer_name", "street", "street_secondary", "city", "region", "postal_code")
#: Emergency services' records hold no longer name (contract 2.5).
LONGEST_EMERGENCY_NAME = 32
_INDEXES = ("customer_name_index", "friendly_name_index")
_VERIFIED = (DocumentStatus.PENDING_REVIEW, DocumentStatus.APPROVED, DocumentStatus.PROVISIONALLY_APPROVED)


def create(*, account: Account, given: Mapping[str, Any], correct: bool = True) -> Address:
    """A new address. `given`: columns of the row. `correct`: put right what is certain, such as a blank too many.

    Raises AddressNotValidated, AddressSuggested (only without `correct`), BadAddress.
    """
    row = Address(account=account, **given)
    _validate(row, correct=correct)
    row.save()
    return row


def suggested(given: Mapping[str, Any]) -> dict[str, str]:
    """What must be corrected, and safely can be, for an address to be valid; nothing where it is, or never would be."""
    row = Address(**given)
    parts, better = _parts(row), corrected(_parts(row), row.iso_country)
    if _failures(row, better) or not _failures(row, parts):
        return {}
    return {part: better[part] for part in PARTS if better[part] != parts[part]}


def change(*, address: Address, given: Mapping[str, Any], correct: bool = True) -> Address:
    """Set these columns. Another name for it is always taken. Its parts stay while a paper with it is judged, or was,
    and while a number is in service with it: that was assigned because of where the address is. It stays one for
    emergency calls while those of a number go by it.

    Raises AddressFrozen, AddressInUse, Deleted, AddressNotValidated, AddressSuggested, BadAddress.
    """
    with refused_as(AddressFrozen(address.sid)):
        now = locked(address)
        before, for_emergencies = _parts(now), now.emergency_enabled
        for column, value in given.items():
            setattr(now, column, value)
        if _parts(now) != before:
            _validate(now, correct=correct)
        _refuse_name(now)
        if for_emergencies and not now.emergency_enabled:
            _refuse_under(now, holdings.emergency_numbers_at([now.sid]))
        if _parts(now) != before:
            _refuse_verified(now)
            _refuse_under(now, holdings.numbers_at([now.sid]))
            now.revision, now.verified = now.revision + 1, False
        now.updated_at = timezone.now()
        now.save(update_fields=[*given, *PARTS, *_INDEXES, "revision", "validated", "verified", "updated_at"])
    return now


def delete(*, address: Address) -> None:
    """Delete it for its customer; the row stays until its retention is over.

    Raises AddressFrozen, AddressInUse where a number or a document of the customer's refers to it, Deleted.
    """
    with refused_as(AddressFrozen(address.sid)):
        now = locked(address)
        now.deleted_at = timezone.now()
        now.save(update_fields=["deleted_at"])  # first, for the trigger's reason is the weightier one
        _refuse_verified(now)
        _refuse_in_use(now)


def _parts(row: Address) -> dict[str, str]:
    return {part: getattr(row, part) for part in PARTS}


def _validate(row: Address, *, correct: bool) -> None:
    """Refuse what is not written as its country writes it. What is certain is corrected first, or only suggested."""
    _refuse_name(row)
    given, better = _parts(row), corrected(_parts(row), row.iso_country)
    if not better["customer_name"]:
        raise BadAddress(_("CustomerName is required"))
    failures = _failures(row, better)
    if failures:
        raise AddressNotValidated([_shown(each) for each in failures])
    if not correct and (suggestion := suggested({**given, "iso_country": row.iso_country})):
        raise AddressSuggested(suggestion)
    for part, value in (better if correct else given).items():
        setattr(row, part, value)
    row.validated = True


def _refuse_name(row: Address) -> None:
    if row.emergency_enabled and len(row.friendly_name) > LONGEST_EMERGENCY_NAME:
        raise BadAddress(
            _("FriendlyName of an emergency address: at most %(most)s characters") % {"most": LONGEST_EMERGENCY_NAME}
        )


def _refuse_verified(row: Address) -> None:
    """Also in a bundle that was rejected for something else: what a reviewer saw of it is kept."""
    if row.documents.filter(deleted_at=None, status__in=_VERIFIED).exists():
        raise AddressFrozen(row.sid)


def _refuse_under(row: Address, numbers_by_sid: Mapping[str, Sequence[str]]) -> None:
    if numbers := numbers_by_sid.get(row.sid):
        said = _(
            "Address %(sid)s: %(numbers)s of DependentPhoneNumbers need it as it is; make another address and give it "
            "to them"
        )
        raise AddressInUse(said % {"sid": row.sid, "numbers": len(numbers)})


def _refuse_in_use(row: Address) -> None:
    _refuse_under(row, holdings.numbers_at([row.sid]))
    if sids := sorted(row.documents.filter(deleted_at=None).values_list("sid", flat=True)):
        said = _("Address %(sid)s is on documents (see details): delete or change them first")
        raise AddressInUse(said % {"sid": row.sid}, sids)


def _failures(row: Address, parts: dict[str, str]) -> tuple[Finding, ...]:
    record = AddressRecord(sid=row.sid or "", iso_country=row.iso_country, **parts)
    return check_address(record, rulebooks.current(row.iso_country)).failures


def _shown(failure: Finding) -> dict[str, str]:
    return {"field": failure.field, "code": str(failure.code), "message": failure.sentence, "fix": failure.hint}
