"""A supporting document as RegulatoryCompliance shows it, to its owner."""

from collections.abc import Mapping
from typing import Annotated, Any, TypedDict

from api.bodies import Iso8601, Keyword, Sid
from api.regulatory.warnings import WarningBody, WarningsBody, unlisted, warning
from api.regulatory.words import address_of, hyphened
from api.rendering import iso8601
from compliance.evaluation.papers import ALWAYS_READ
from compliance.models import DocumentStatus, SupportingDocument
from compliance.rulebook.catalogue import catalogue
from compliance.services.documents import address_sids

STATUSES = tuple(hyphened(status) for status in DocumentStatus.values)


class DocumentErrorBody(TypedDict):
    """Why a reviewer refused a document. `code`: Twilio's, where there is one."""

    code: int | None
    reason: str
    message: str
    fix: str


class DocumentBody(TypedDict):
    """A paper that shows something about an end user."""

    sid: Sid
    account_sid: Sid
    friendly_name: str
    mime_type: str | None
    status: Annotated[str, Keyword("enum", STATUSES)]
    failure_reason: str | None
    errors: list[DocumentErrorBody] | None
    type: str
    attributes: dict[str, Any]
    date_created: Iso8601 | None
    date_updated: Iso8601 | None
    url: str
    numberyard: WarningsBody


def document(row: SupportingDocument, account_sid: str) -> DocumentBody:
    """A document of that account, with its file and its addresses at hand."""
    return {
        "sid": row.sid,
        "account_sid": account_sid,
        "friendly_name": row.friendly_name,
        "mime_type": row.file.mime_type if row.file else None,
        "status": hyphened(row.status),
        "failure_reason": row.reason_sentence or None,
        "errors": [error(row)] if row.reason else None,
        "type": row.type,
        "attributes": row.attributes,
        "date_created": iso8601(row.created_at),
        "date_updated": iso8601(row.updated_at),
        "url": address_of(f"SupportingDocuments/{row.sid}"),
        "numberyard": {"warnings": warnings(row)},
    }


def error(row: SupportingDocument) -> DocumentErrorBody:
    """The reason of a rejection, in our own words and with the way out."""
    known = catalogue().reasons.get(row.reason)
    return {
        "code": known.twilio_code if known else None,
        "reason": row.reason,
        "message": row.reason_sentence,
        "fix": row.fix_hint or (known.how_to_fix if known else ""),
    }


def warnings(row: SupportingDocument) -> list[WarningBody]:
    """Fields that its type does not have, and addresses that the account does not have."""
    kind = catalogue().document_type(row.type)
    fields = [*(kind.fields if kind else ()), *map(catalogue().field, ALWAYS_READ)]
    known = {address.sid for address in row.addresses.all() if address.deleted_at is None}
    return unlisted(row.attributes, fields, f"Documents of type {row.type}") + _unknown(row.attributes, known)


def _unknown(attributes: Mapping[str, Any], known: set[str]) -> list[WarningBody]:
    return [
        warning("address_not_found", "address_sids", f"No. {place} of address_sids is no address of this account")
        for place, sid in enumerate(address_sids(attributes), start=1)
        if sid not in known
    ]
