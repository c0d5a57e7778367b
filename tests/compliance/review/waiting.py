"""Bundles on their way through review: a German business with a register extract and an address."""

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from compliance.models import (
    Bundle,
    DocumentStatus,
    Evaluation,
    Regulation,
    RegulationVersion,
    Rulebook,
    SupportingDocument,
)
from compliance.rulebook.country_files import COUNTRY_FILES
from compliance.rulebook.described import digest_of
from compliance.rulebook.reading import read
from compliance.services import transition
from compliance.services.deadlines import due_at
from tests.factories import AccountFactory, BundleFactory, DocumentFactory, EndUserFactory, RegulationFactory

#: The least that the bundles here must hold: no files.
PAPERS = [
    {
        "requirement_name": name,
        "name": name.replace("_", " "),
        "accepted": [{"type": kind, "fields": [field], "file_required": False}],
    }
    for name, kind, field in (
        ("business_name_info", "commercial_registrar_excerpt", "business_name"),
        ("business_address_info", "business_address", "address_sids"),
    )
]
COMPANY = {
    "business_name": "Musterfirma GmbH",
    "business_registration_number": "HRB 86891",
    "business_website": "https://www.musterfirma.de",
    "first_name": "Erika",
    "last_name": "Mustermann",
    "email": "erika@musterfirma.de",
}


def regulation(*, enforced: bool = True, **review: Any) -> Regulation:
    """A German local number's for a business, in force; `review` is put in place of the file's."""
    document = read((COUNTRY_FILES / "de.yaml").read_bytes()).document
    local = document["number_types"]["local"]
    local |= {"enforced": enforced} | ({"review": review} if review else {})
    local["constraints"]["address_scope"] = "country"
    local["end_user_types"]["business"]["supporting_documents"] = PAPERS
    digest = digest_of(document)
    rulebook = Rulebook.objects.create(
        country="DE",
        version=Rulebook.objects.filter(country="DE").count() + 1,
        digest=digest,
        snapshot_date=document["snapshot_date"],
        document=document,
        effective_from=date(2026, 1, 1),
        activated_at=timezone.now(),
        activated_by="user:test",
    )
    row: Regulation = RegulationFactory.create()
    RegulationVersion.objects.create(regulation=row, rulebook=rulebook, fingerprint=digest)
    return row


def draft(*, of: Regulation | None = None, **columns: Any) -> Bundle:
    """A bundle with an end user and two papers, the second with an address."""
    account = columns.pop("account", None) or AccountFactory.create()
    items = [
        EndUserFactory.create(account=account, attributes=COMPANY),
        DocumentFactory.create(
            account=account,
            type="commercial_registrar_excerpt",
            addresses=[],
            attributes={"business_name": COMPANY["business_name"]},
        ),
        DocumentFactory.create(account=account, type="business_address"),
    ]
    row: Bundle = BundleFactory.create(account=account, regulation=of or regulation(), items=items, **columns)
    return row


def evaluated(bundle: Bundle, *, hard_passed: bool = False, reason: str | None = None) -> Evaluation:
    """Its evaluation, which failed for the reason if there is one."""
    version = RegulationVersion.objects.filter(regulation=bundle.regulation).latest("pk")
    result: dict[str, Any] = {
        "requirement_name": "business_info",
        "object_sid": None,
        "reason": reason,
        "sentence": "",
        "hint": "",
        "invalid": [],
    }
    return Evaluation.objects.create(
        bundle=bundle, version=version, compliant=not reason, hard_passed=hard_passed, results=[result]
    )


def submitted(bundle: Bundle | None = None, **evaluation: Any) -> Bundle:
    """A bundle that its customer has just submitted."""
    bundle = bundle or draft()
    evaluated(bundle, **evaluation)
    papers(bundle).filter(status__in=[DocumentStatus.DRAFT, DocumentStatus.REJECTED]).update(
        status=DocumentStatus.PENDING_REVIEW, reason="", reason_sentence="", fix_hint=""
    )
    actor = f"account:{bundle.account.sid}"
    return transition.move(bundle, "submit", actor=actor, due_at=due_at(bundle, timezone.now()))


def papers(bundle: Bundle) -> QuerySet[SupportingDocument]:
    """Those that it holds."""
    return SupportingDocument.objects.filter(assignments__bundle=bundle, assignments__ended_at=None)
