"""Papers after they were begun, in another language."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Account, User
from compliance.lifecycle import BundleState
from compliance.models import (
    Bundle,
    DocumentStatus,
    EndUserType,
    ExpiryWarning,
    LegalHold,
    Regulation,
    RolloutPolicy,
    SupportingDocument,
)
from compliance.services import review, rollout, rulebooks
from tests.compliance.country_folder import folder_of
from tests.compliance.review import waiting
from tests.compliance.test_impact import ask_for_a_phone_number, version
from tests.factories import (
    AccountFactory,
    AddressFactory,
    BundleFactory,
    DidFactory,
    DocumentFactory,
    EndUserFactory,
    UserFactory,
    advanced,
    loaded,
)
from tests.portal.filed.papers import item_of, rejected
from tests.portal.languages.walking import Walk
from tests.portal.papers_world import BERLIN, scan

PAGES = {
    *(
        "papers",
        "papers-status",
        "papers-mend",
        "papers-mend-look",
        "papers-news",
        "papers-submit",
        "papers-recall",
        "papers-reopen",
    ),
    *("papers-copy", "papers-replace", "papers-clone", "papers-delete", "papers-documents", "papers-document"),
    *("papers-document-delete", "papers-people", "papers-person", "papers-person-export", "papers-person-erase"),
    *("papers-person-delete", "papers-addresses", "papers-address-new", "papers-address", "papers-address-delete"),
}
LISTS = ("/papers", "/papers/documents", "/papers/people", "/papers/addresses")


@pytest.fixture
def germany(db: None) -> Regulation:
    return waiting.regulation()


@pytest.fixture
def rosa(db: None) -> User:
    row: User = UserFactory.create(email="rosa@example.com", is_staff=True)
    return row


def test_empty_lists(walk: Walk) -> None:
    for path in LISTS:
        walk.get(path)


def test_papers_in_each_state(walk: Walk, account: Account, germany: Regulation) -> None:
    for state in BundleState:
        bundle = advanced(waiting.draft(of=germany, account=account, friendly_name="Berlin office"), state)
        at = f"/papers/{bundle.sid}"
        walk.get(at)
        walk.get(f"{at}/delete")
        walk.get(f"{at}/clone")
        for deed in ("submit", "recall", "reopen", "copy", "replace"):
            if state != BundleState.DRAFT or deed != "submit":
                advanced_again = Bundle.objects.get(pk=bundle.pk)
                if advanced_again.state == state:
                    walk.post(f"{at}/{deed}")
        walk.get(at)
    waiting.draft(of=germany, account=account, is_test=True)
    for path in (*LISTS, *(f"{path}?before={_oldest(path, account)}" for path in LISTS[:1])):
        walk.get(path)


def _oldest(path: str, account: Account) -> str:
    return Bundle.objects.filter(account=account).earliest("pk").sid


def test_items_that_are_corrected(walk: Walk, account: Account, germany: Regulation, rosa: User) -> None:
    bundle = waiting.draft(of=germany, account=account, friendly_name="Berlin office")
    at = f"/papers/{bundle.sid}"
    bad = rejected(waiting.submitted(bundle), rosa, "commercial_registrar_excerpt", "end_user", reason="name_mismatch")
    walk.get(at)
    walk.get(f"/papers/documents/{_paper(bad, 'commercial_registrar_excerpt').sid}")
    mend = f"{at}/mend/{item_of(bad, 'commercial_registrar_excerpt').sid}"
    hidden = {"kind": "commercial_registrar_excerpt", "requirement": "business_name_info"}
    for name in ("Musterfirma", "Other GmbH", ""):
        walk.post(f"{mend}/look", {**hidden, "business_name": name, "field": "business_name"})
    walk.post(mend, {**hidden, "business_name": "Musterfirma", "File": scan(content=b"MZ")})
    walk.post(mend, {**hidden, "business_name": "Musterfirma"})
    walk.get(f"{at}?item={item_of(bad, 'commercial_registrar_excerpt').sid}&kind=commercial_registrar_excerpt")
    person = {**waiting.COMPANY, "email": "nobody", "first_name": ""}
    walk.post(f"{at}/mend/{item_of(bad, 'end_user').sid}", person)
    walk.post(f"{at}/mend/{item_of(bad, 'end_user').sid}", waiting.COMPANY)
    DocumentFactory.create(account=account, type="business_address", status=DocumentStatus.APPROVED)
    walk.get(at)
    walk.post(f"{at}/news", {"friendly_name": "", "email": "nobody"})
    walk.post(f"{at}/news", {"friendly_name": "Berlin office", "email": "ada@example.com"})
    walk.post(f"{at}/submit")
    walk.post(mend, {**hidden, "business_name": "Musterfirma GmbH"})
    walk.post(f"{at}/submit")
    walk.post(f"{at}/recall")


def _paper(bundle: Bundle, kind: str) -> SupportingDocument:
    paper = item_of(bundle, kind).document
    assert paper
    return paper


@pytest.mark.parametrize("reason", sorted(review.reasons()))
def test_each_reason_of_a_reviewer(walk: Walk, account: Account, germany: Regulation, rosa: User, reason: str) -> None:
    bundle = waiting.submitted(waiting.draft(of=germany, account=account, friendly_name="Berlin office"))
    rejected(bundle, rosa, "commercial_registrar_excerpt", "end_user", reason=reason)
    walk.get(f"/papers/{bundle.sid}")


def test_what_reviewers_do(walk: Walk, account: Account, germany: Regulation, rosa: User) -> None:
    bundle = waiting.submitted(waiting.draft(of=germany, account=account, friendly_name="Berlin office"))
    review.claim(bundle, rosa)
    walk.get(f"/papers/{bundle.sid}")
    walk.post(f"/papers/{bundle.sid}/recall")
    walk.post(f"/papers/{bundle.sid}/delete")
    for each in review.standing(bundle):
        review.judge(bundle, each.item, user=rosa, approved=True)
    review.decide(bundle, rosa)
    walk.get(f"/papers/{bundle.sid}")
    DidFactory.create(account=account, bundle_sid=bundle.sid)
    walk.get(f"/papers/{bundle.sid}")
    walk.get(f"/papers/{bundle.sid}/delete")
    walk.post(f"/papers/{bundle.sid}/delete")


def test_clones(walk: Walk, account: Account) -> None:
    child = AccountFactory.create(parent=account, friendly_name="Branch")
    bundle = BundleFactory.create(account=account, approved=True, friendly_name="Berlin office")
    at = f"/papers/{bundle.sid}/clone"
    walk.get(f"/papers/{bundle.sid}")
    walk.get(at)
    walk.post(at, {"target": ""})
    walk.post(at, {"target": child.sid})
    draft = BundleFactory.create(account=account, friendly_name="Half written")
    walk.post(f"/papers/{draft.sid}/clone", {"target": child.sid})


def ask_for_more(document: dict[str, Any]) -> None:
    """New rules that differ in every respect that a customer can notice."""
    ask_for_a_phone_number(document)
    local = document["number_types"]["local"]
    local["constraints"] |= {"address_scope": "country", "po_box_allowed": not local["constraints"]["po_box_allowed"]}
    local["review"] = {**local["review"], "mode": "auto"}


def test_rules_that_changed(walk: Walk, account: Account, tmp_path: Path) -> None:
    rulebooks.load(folder_of(tmp_path, "DE"))
    bundle: Bundle = BundleFactory.create(account=account, approved=True, friendly_name="Berlin office")
    DidFactory.create(account=account, bundle_sid=bundle.sid)
    rulebooks.activate(version(tmp_path, ask_for_more), effective_from=timezone.now().date(), actor="user:anna")
    rollout.recheck_due()
    for path in ("/", "/papers", f"/papers/{bundle.sid}"):
        walk.get(path)
    RolloutPolicy.objects.create(
        valid_from=datetime(2020, 1, 1, tzinfo=UTC).date(), set_by="user:anna", numbers_at_end="keep"
    )
    walk.get(f"/papers/{bundle.sid}")
    walk.post(f"/papers/{bundle.sid}/copy")
    copy = Bundle.objects.get(copied_from=bundle)
    walk.post(f"/papers/{copy.sid}/replace")
    advanced(copy, BundleState.APPROVED)
    walk.get(f"/papers/{bundle.sid}")
    walk.post(f"/papers/{copy.sid}/replace")


def test_an_approval_that_ended(walk: Walk, account: Account, tmp_path: Path) -> None:
    rulebooks.load(folder_of(tmp_path, "DE"))
    bundle: Bundle = BundleFactory.create(account=account, approved=True, friendly_name="Berlin office")
    rulebooks.activate(version(tmp_path, ask_for_more), effective_from=timezone.now().date(), actor="user:anna")
    rollout.recheck_due()
    Bundle.objects.filter(pk=bundle.pk).update(valid_until=datetime(2026, 1, 1, tzinfo=UTC))
    rollout.expire_due()
    walk.get(f"/papers/{bundle.sid}")


def test_a_paper_that_expires(walk: Walk, account: Account) -> None:
    paper = DocumentFactory.create(account=account, type="passport", attributes={"expiration_date": "2031-05-04"})
    items = [EndUserFactory.create(account=account), paper]
    bundle = BundleFactory.create(account=account, approved=True, items=items, friendly_name="Berlin office")
    ExpiryWarning.objects.create(bundle=bundle, document=paper, revision=paper.revision)
    for path in (f"/papers/{bundle.sid}", *LISTS, f"/papers/documents/{paper.sid}"):
        walk.get(path)


def test_documents_people_and_addresses(walk: Walk, account: Account, germany: Regulation) -> None:
    bundle = waiting.draft(of=germany, account=account, friendly_name="Berlin office")
    paper, person = _paper(bundle, "business_address"), item_of(bundle, "end_user").end_user
    assert person
    address = paper.addresses.get()
    for path in (f"documents/{paper.sid}", f"people/{person.sid}", f"addresses/{address.sid}"):
        walk.get(f"/papers/{path}")
        walk.post(f"/papers/{path}/delete")
    for status in DocumentStatus:
        why = (
            {"reason": "illegible", "reason_sentence": "", "fix_hint": ""} if status == DocumentStatus.REJECTED else {}
        )
        row = DocumentFactory.create(account=account, status=status, friendly_name="Half written", **why)
        walk.get(f"/papers/documents/{row.sid}")
    free = DocumentFactory.create(account=account)
    EndUserFactory.create(account=account, type=EndUserType.INDIVIDUAL, friendly_name="Erika")
    for path in LISTS:
        walk.get(path)
    walk.post(f"/papers/documents/{free.sid}/delete")
    walk.get(f"/papers/people/{person.sid}/export")
    at = f"/papers/people/{person.sid}/erase"
    walk.get(at)
    for reason in ("", "Erika Mustermann", "case 17"):
        walk.post(at, {"reason": reason})
    held = EndUserFactory.create(account=account)
    LegalHold.objects.create(subject_sid=held.sid, reason="court", placed_by="user:anna")
    walk.post(f"/papers/people/{held.sid}/erase", {"reason": "case 18"})
    walk.post(f"/papers/people/{held.sid}/delete")


def test_an_erasure_that_the_law_forbids(walk: Walk, account: Account) -> None:
    bundle = BundleFactory.create(account=account, approved=True, friendly_name="Berlin office")
    person = item_of(bundle, "end_user").end_user
    assert person
    walk.get(f"/papers/people/{person.sid}/erase")
    DidFactory.create(account=account, bundle_sid=bundle.sid)
    walk.get(f"/papers/people/{person.sid}/erase")
    walk.post(f"/papers/people/{person.sid}/erase", {"reason": "case 17"})


def test_an_address_book(walk: Walk, account: Account) -> None:
    loaded("DE", "IE")
    walk.get("/papers/addresses/new")
    for country in ("DE", "JP", "IE", "US", "AE"):
        at = f"/papers/addresses/new?country={country}"
        walk.get(at)
        walk.post(at, {"customer_name": "Erika", "street": "", "city": "", "postal_code": "x"})
    walk.post("/papers/addresses/new?country=DE", {**BERLIN, "friendly_name": "Head office"})
    row = AddressFactory.create(account=account)
    DidFactory.create(account=account, address_sid=row.sid)
    walk.get(f"/papers/addresses/{row.sid}")
    walk.post(f"/papers/addresses/{row.sid}", {**BERLIN, "street": "Unter den Linden 78"})
    walk.post(f"/papers/addresses/{row.sid}/delete")
    verified = AddressFactory.create(account=account)
    DocumentFactory.create(account=account, addresses=[verified], status=DocumentStatus.APPROVED)
    walk.post(f"/papers/addresses/{verified.sid}", {**BERLIN, "street": "Unter den Linden 78"})
    walk.post(f"/papers/addresses/{verified.sid}/delete")
    assert timezone.now() - row.created_at < timedelta(hours=1)
