"""Everything about one person, for the person (GDPR articles 15 and 20): JSON and their files, as one ZIP.

It is made while it is sent: nothing of it is ever written to a disk in clear. Who of the staff looked is told as a
number: the times and purposes are the person's to know, the names are not (CJEU C-579/21).
"""

import json
import logging
from collections.abc import Iterator
from datetime import datetime
from io import RawIOBase
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from compliance import tenures
from compliance.models import (
    Address,
    Bundle,
    BundleView,
    DecryptGrant,
    DocumentView,
    EndUser,
    ItemVerdict,
    Seen,
    SightReason,
    SupportingDocument,
)
from compliance.refusals import OwnDocument
from compliance.services import belongings, erasure, grants, retention
from compliance.services.belongings import Belongings
from compliance.vault import objects

log = logging.getLogger(__name__)

#: The version of person.json; docs/privacy.md describes it.
SCHEMA = "numberyard.person/1"
_ENDINGS = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}


def stream(end_user: EndUser) -> Iterator[bytes]:
    """The ZIP, piece by piece: `person.json`, then `files/RD….pdf` and so on.

    Raises VaultUnavailable or DamagedFile in the middle, so that what was sent is no whole ZIP: half of an answer must
    not pass for all of it.
    """
    log.info("export of %s", end_user.sid)
    theirs = belongings.of(end_user)
    out = _Pieces()
    with ZipFile(out, "w", ZIP_DEFLATED) as package:
        package.writestr("person.json", json.dumps(everything(end_user), indent=1, ensure_ascii=False, default=_text))
        yield out.taken()
        for document in theirs.documents:
            if name := _file_name(document):
                package.writestr(name, objects.read(document.file))  # type: ignore[arg-type]  # it has a name
                yield out.taken()
    yield out.taken()


def by_staff(end_user: EndUser, *, user: User, note: str, seen_from: str | None) -> Iterator[bytes]:
    """The same for somebody of the staff who answers the person: with every file and every bundle, that it was seen.

    `note` is kept for good: a case number, no names. Raises OwnDocument.
    """
    if not grants.may_look(user, end_user.account):
        raise OwnDocument
    theirs = belongings.of(end_user)
    with transaction.atomic():
        for document in theirs.documents:
            if _file_name(document):
                grant = grants.open_document(document, user, SightReason.PERSON, note)
                DocumentView.objects.create(grant=grant, user=user, what=Seen.BYTES, seen_from=seen_from)
        why = {"everything": True, "reason": SightReason.PERSON, "note": note}
        for bundle in theirs.bundles:
            BundleView.objects.create(bundle=bundle, user=user, seen_from=seen_from, **why)
    return stream(end_user)


class _Pieces(RawIOBase):
    """A file that nobody can go back in; what was written is taken away piece by piece."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, octets: Any) -> int:
        self._pieces.append(bytes(octets))
        return len(octets)

    def taken(self) -> bytes:
        """What was written since the last time."""
        octets = b"".join(self._pieces)
        self._pieces.clear()
        return octets


def everything(end_user: EndUser) -> dict[str, Any]:
    """What `person.json` says."""
    theirs = belongings.of(end_user)
    due = None if end_user.erased_at else retention.due(end_user)
    return {
        "schema": SCHEMA,
        "made_at": timezone.now(),
        "account_sid": end_user.account.sid,
        "end_user": _row(end_user, "type", "attributes"),
        "addresses": [_address(row) for row in theirs.addresses],
        "documents": [_document(row) for row in theirs.documents],
        "bundles": [_bundle(row) for row in theirs.bundles],
        "numbers": _numbers(theirs),
        "looks": _looks(theirs),
        "shared_with_others": theirs.shared,
        "erased": [{"at": proof.at, "reason": proof.reason} for proof in erasure.proofs_of([end_user.sid])],
        "to_be_erased_at": due.at if due else None,
    }


def _row(row: Any, *names: str) -> dict[str, Any]:
    """What all papers have, and these columns."""
    always = ("sid", "friendly_name", "created_at", "updated_at", "deleted_at", "erased_at")
    return {name: getattr(row, name) for name in (*always, *names)}


def _address(row: Address) -> dict[str, Any]:
    parts = ("customer_name", "street", "street_secondary", "city", "region", "postal_code", "iso_country")
    return _row(row, *parts, "validated", "verified")


def _file_name(row: SupportingDocument) -> str:
    """In the ZIP; "" where there is no file, or it was erased."""
    if row.file is None or row.file.erased_at:
        return ""
    return f"files/{row.sid}.{_ENDINGS.get(row.file.mime_type, 'bin')}"


def _document(row: SupportingDocument) -> dict[str, Any]:
    return {
        **_row(row, "type", "attributes", "status", "reason", "reason_sentence", "fix_hint"),
        "file": _file_name(row),
    }


def _bundle(row: Bundle) -> dict[str, Any]:
    about = row.regulation
    return {
        **_row(row, "email", "status_callback", "state", "valid_until"),
        "regulation": {
            "sid": about.sid,
            "country": about.country,
            "number_type": about.number_type,
            "end_user_type": about.end_user_type,
        },
        "items": [
            {"sid": (item.end_user or item.document).sid, "since": item.created_at, "until": item.ended_at}  # type: ignore[union-attr]  # one of the two
            for item in row.items.select_related("end_user", "document").order_by("pk")
        ],
        "history": [
            {"verb": entry.verb, "state": entry.target, "at": entry.at, "reason": entry.reason}
            for entry in row.ledger.order_by("pk")
        ],
        "evaluations": [
            {"sid": each.sid, "at": each.created_at, "compliant": each.compliant, "results": each.results}
            for each in row.evaluations.order_by("pk")
        ],
        "verdicts": [
            {"item": verdict.item.sid, "at": verdict.at, "approved": verdict.approved, "sentence": verdict.sentence}
            for verdict in ItemVerdict.objects.filter(item__bundle=row).select_related("item").order_by("pk")
        ],
    }


def _numbers(theirs: Belongings) -> list[dict[str, Any]]:
    found = tenures.of([row.sid for row in theirs.bundles], [row.sid for row in theirs.addresses])
    return [
        {"number": each.number, "since": each.since, "until": each.until, "bundle": each.bundle_sid} for each in found
    ]


def _looks(theirs: Belongings) -> list[dict[str, Any]]:
    """Every time that somebody of the staff opened a file or read what was given."""
    files = DocumentView.objects.filter(grant__document__in=theirs.documents).select_related("grant__document")
    pages = BundleView.objects.filter(bundle__in=theirs.bundles).select_related("bundle")
    seen = [_look(each, each.grant, each.grant.document.sid) for each in files]
    seen += [_look(each, each, each.bundle.sid) for each in pages]
    return sorted(seen, key=lambda look: look["at"])


def _look(seen: DocumentView | BundleView, why: DecryptGrant | BundleView, what: str) -> dict[str, Any]:
    return {"what": what, "at": seen.at, "why": why.get_reason_display(), "by": f"staff {seen.user_id}"}


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
