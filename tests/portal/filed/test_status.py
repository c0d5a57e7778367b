"""One bundle's page: what is said in each state, what may be done there, and what a reviewer rejected corrected."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account, User
from compliance.lifecycle import BundleState
from compliance.models import Bundle, DocumentStatus, Regulation
from compliance.services import review
from compliance.vault import objects
from portal.templatetags.moments import day
from tests.compliance.review import waiting
from tests.compliance.vault.papers import pdf
from tests.factories import AccountFactory, AddressFactory, BundleFactory, DidFactory, DocumentFactory, advanced
from tests.portal.filed.papers import item_of, rejected


def shown_by(client: Client, bundle: Bundle, query: str = "") -> str:
    answer = client.get(f"/papers/{bundle.sid}{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def do(client: Client, bundle: Bundle, deed: str, **given: Any) -> str:
    answer = client.post(f"/papers/{bundle.sid}/{deed}", given, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


#: What the papers of `waiting.draft` serve.
REQUIREMENTS = {
    "commercial_registrar_excerpt": "business_name_info",
    "business_address": "business_address_info",
    "trade_license": "business_name_info",
}


def mend(client: Client, bundle: Bundle, which: str, **given: Any) -> str:
    """Send the form of one item, as the page has it but for what is given."""
    paper = item_of(bundle, which).document
    hidden = {"kind": paper.type, "requirement": REQUIREMENTS[paper.type]} if paper else {}
    return do(client, bundle, f"mend/{item_of(bundle, which).sid}", **{**hidden, **given})


@pytest.fixture
def draft(account: Account, germany: Regulation) -> Bundle:
    return waiting.draft(of=germany, account=account)


@pytest.fixture
def bad(draft: Bundle, rosa: User) -> Bundle:
    """Its register extract was rejected, the others are approved."""
    return rejected(waiting.submitted(draft), rosa, "commercial_registrar_excerpt", sentence="The stamp is cut off.")


SAID = {
    BundleState.DRAFT: ("Everything is there", "Hand it in", "Delete this draft"),
    BundleState.PENDING_REVIEW: ("A decision is due by", "Take it back to change something"),
    BundleState.IN_REVIEW: ("A reviewer looks at it", "taken back any more"),
    BundleState.PROVISIONALLY_APPROVED: ("something is still to be proved", "no number can hang on them"),
    BundleState.APPROVED: ("You can buy such numbers with these papers now", "Find such numbers"),
    BundleState.REJECTED: ("Change other things too",),
}


@pytest.mark.parametrize("state", list(BundleState), ids=lambda state: state.value)
def test_each_state_has_its_words(ada: Client, draft: Bundle, state: BundleState) -> None:
    shown = shown_by(ada, advanced(draft, state))
    wanted = (draft.friendly_name, "Germany: local numbers", *SAID[state])
    assert [words for words in wanted if words not in shown] == []


def test_a_rejected_item_is_open_with_its_reason_and_the_form(ada: Client, bad: Bundle) -> None:
    shown = shown_by(ada, bad)
    assert all(words in shown for words in ("One thing has to be corrected", "The stamp is cut off."))
    assert "What to do: Upload a sharp, complete scan in colour." in shown.replace("</p>", "")
    assert shown.count('<details class="ny-item ny-todo ny-fix"') == 1
    assert shown.count("it stays approved as long as you leave it") == 2
    assert "Hand it in" not in shown


def test_a_new_file_mends_it_and_it_is_handed_in_again(ada: Client, bad: Bundle, rosa: User) -> None:
    scan = pdf()
    file = SimpleUploadedFile("scan.pdf", scan, "application/pdf")
    shown = mend(ada, bad, "commercial_registrar_excerpt", business_name="Musterfirma GmbH", File=file)
    assert "Everything is corrected" in shown
    paper = waiting.papers(bad).get(type="commercial_registrar_excerpt")
    assert paper.file
    assert objects.read(paper.file) == scan
    assert paper.status == DocumentStatus.DRAFT
    assert "Handed in." in do(ada, bad, "submit")
    bad.refresh_from_db()
    assert bad.state == BundleState.PENDING_REVIEW
    review.claim(bad, rosa)
    unjudged = [each.item.document for each in review.standing(bad) if each.verdict is None]
    assert unjudged == [paper]


def test_a_file_that_is_none_is_refused_beside_its_field(ada: Client, bad: Bundle) -> None:
    file = SimpleUploadedFile("scan.pdf", b"MZ not a paper", "application/pdf")
    shown = mend(ada, bad, "commercial_registrar_excerpt", business_name="Musterfirma GmbH", File=file)
    assert "Accepted are PDF, JPEG and PNG" in shown or "not a PDF, JPEG or PNG" in shown
    item = item_of(bad, "commercial_registrar_excerpt")
    assert f'id="{item.sid}-File_error"' in shown
    assert item.document
    assert item.document.status == DocumentStatus.REJECTED


def test_a_file_beyond_the_limit_is_not_read(ada: Client, bad: Bundle) -> None:
    item = item_of(bad, "commercial_registrar_excerpt")
    file = SimpleUploadedFile("scan.pdf", b"x" * 6_000_000, "application/pdf")
    answer = ada.post(f"/papers/{bad.sid}/mend/{item.sid}", {"File": file})
    assert answer.status_code == 400
    assert "The file is too big" in answer.content.decode()


def test_details_of_the_end_user_are_corrected_in_place(ada: Client, draft: Bundle, rosa: User) -> None:
    bundle = rejected(waiting.submitted(draft), rosa, "end_user", reason="name_mismatch")
    shown = mend(ada, bundle, "end_user", **{**waiting.COMPANY, "last_name": "Musterfrau"})
    assert "Everything is corrected" in shown
    end_user = item_of(bundle, "end_user").end_user
    assert end_user
    assert end_user.attributes == {**waiting.COMPANY, "last_name": "Musterfrau"}


def test_what_the_evaluation_finds_stands_in_the_card(ada: Client, draft: Bundle) -> None:
    shown = mend(ada, draft, "commercial_registrar_excerpt", business_name="Andere GmbH")
    assert "One thing is still missing" in shown
    assert "differs from the end user" in shown
    assert "Hand it in" not in shown


def test_what_is_wrong_is_kept_and_said_beside_it(ada: Client, draft: Bundle) -> None:
    shown = mend(ada, draft, "end_user", **{**waiting.COMPANY, "email": "nobody"})
    assert "The email address is not valid" in shown
    assert 'value="nobody"' in shown


def test_an_approved_paper_of_the_account_is_used_instead(ada: Client, account: Account, bad: Bundle) -> None:
    other = DocumentFactory.create(
        account=account,
        type="commercial_registrar_excerpt",
        friendly_name="Register 2026",
        addresses=[],
        attributes={"business_name": "Musterfirma GmbH"},
        status=DocumentStatus.APPROVED,
    )
    assert "Use “Register 2026”" in shown_by(ada, bad)
    shown = mend(ada, bad, "commercial_registrar_excerpt", use=other.sid, requirement="business_name_info")
    assert "Everything is corrected" in shown
    assert item_of(bad, "commercial_registrar_excerpt").document == other


def test_nobody_else_s_paper_is_used(ada: Client, bad: Bundle) -> None:
    other = DocumentFactory.create(type="commercial_registrar_excerpt", status=DocumentStatus.APPROVED)
    before = item_of(bad, "commercial_registrar_excerpt").document
    item = item_of(bad, "commercial_registrar_excerpt")
    assert ada.post(f"/papers/{bad.sid}/mend/{item.sid}", {"use": other.sid}).status_code == 404
    assert item_of(bad, "commercial_registrar_excerpt").document == before


def test_the_address_on_a_rejected_paper_is_corrected(ada: Client, draft: Bundle, rosa: User) -> None:
    bundle = rejected(waiting.submitted(draft), rosa, "business_address", reason="address_mismatch")
    paper = item_of(bundle, "business_address").document
    assert paper
    address = paper.addresses.get()
    assert f"/papers/addresses/{address.sid}?next=/papers/{bundle.sid}" in shown_by(ada, bundle)
    given = {"customer_name": "Musterfirma", "street": "Unter den Linden 78", "city": "Berlin", "postal_code": "10117"}
    answer = ada.post(f"/papers/addresses/{address.sid}?next=/papers/{bundle.sid}", given, follow=True)
    assert "Everything is corrected" in answer.content.decode()


def test_a_bundle_is_taken_back_while_nobody_has_begun(ada: Client, draft: Bundle, rosa: User) -> None:
    waiting.submitted(draft)
    assert "Taken back" in do(ada, draft, "recall")
    waiting.submitted(draft)
    review.claim(draft, rosa)
    assert "recall it" in do(ada, draft, "recall")
    draft.refresh_from_db()
    assert draft.state == BundleState.IN_REVIEW


def test_a_verdict_is_nobody_s_business_before_the_decision(ada: Client, draft: Bundle, rosa: User) -> None:
    waiting.submitted(draft)
    review.claim(draft, rosa)
    item = item_of(draft, "business_address")
    review.judge(draft, item, user=rosa, approved=False, reason="address_mismatch", sentence="The street is another.")
    shown = shown_by(ada, draft)
    assert "The street is another." not in shown
    assert "rosa" not in shown


def test_what_lacks_something_is_not_handed_in(ada: Client, account: Account, germany: Regulation) -> None:
    bundle = BundleFactory.create(account=account, regulation=germany)
    shown = do(ada, bundle, "submit")
    assert "does not meet its regulation yet" in shown
    assert "not given yet" in shown


def test_a_rejected_bundle_is_taken_up_as_a_draft(ada: Client, bad: Bundle) -> None:
    answer = ada.post(f"/papers/{bad.sid}/reopen")
    assert answer["Location"] == f"/papers/{bad.sid}/you"
    bad.refresh_from_db()
    assert bad.state == BundleState.DRAFT
    assert "The stamp is cut off." in shown_by(ada, bad)


def test_name_and_address_for_news_are_changed(ada: Client, draft: Bundle) -> None:
    shown = do(ada, draft, "news", friendly_name="Berlin", email="legal@example.com")
    draft.refresh_from_db()
    assert (draft.friendly_name, draft.email) == ("Berlin", "legal@example.com")
    assert "Saved." in shown
    assert "Enter a valid email address" in do(ada, draft, "news", friendly_name="Berlin", email="nobody")


def test_a_draft_is_deleted_after_one_more_question(ada: Client, draft: Bundle) -> None:
    assert "Delete “" in ada.get(f"/papers/{draft.sid}/delete").content.decode()
    assert "The papers were deleted" in do(ada, draft, "delete")
    assert ada.get(f"/papers/{draft.sid}").status_code == 404


def test_papers_with_numbers_are_not_deleted(ada: Client, account: Account) -> None:
    bundle = BundleFactory.create(account=account, approved=True)
    DidFactory.create(account=account, bundle_sid=bundle.sid)
    page = ada.get(f"/papers/{bundle.sid}/delete").content.decode()
    assert "Numbers in service hang on these papers" in page
    assert "has numbers in service (1)" in do(ada, bundle, "delete")


def test_papers_are_cloned_into_a_subaccount_only(ada: Client, account: Account) -> None:
    bundle = BundleFactory.create(account=account, approved=True)
    assert "subaccount" not in shown_by(ada, bundle)
    shop = AccountFactory.create(parent=account, friendly_name="Shop in Bonn")
    stranger = AccountFactory.create()
    assert "Put the same papers into a subaccount" in shown_by(ada, bundle)
    assert "Select a valid choice" in do(ada, bundle, "clone", target=stranger.sid)
    assert "Cloned" in do(ada, bundle, "clone", target=shop.sid)
    assert Bundle.objects.get(account=shop).state == BundleState.APPROVED
    assert not Bundle.objects.filter(account=stranger).exists()


def test_a_page_costs_a_few_queries(
    ada: Client, bad: Bundle, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    shown_by(ada, bad)
    with django_assert_num_queries(16):
        shown_by(ada, bad)


def test_what_is_asked_for_no_more_is_said(ada: Client, account: Account, draft: Bundle) -> None:
    paper = DocumentFactory.create(account=account, type="passport", addresses=[AddressFactory.create(account=account)])
    draft.items.create(document=paper)
    assert "Another paper" in shown_by(ada, draft)


def test_dates_are_of_the_review_s_clock(ada: Client, draft: Bundle) -> None:
    bundle = waiting.submitted(draft)
    assert bundle.due_at
    assert bundle.due_at > timezone.now() + timedelta(hours=1)
    assert day(bundle.due_at) in shown_by(ada, bundle)


def test_another_kind_of_paper_takes_its_place(ada: Client, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    accepted: Any = waiting.PAPERS[0]["accepted"]
    both = [*accepted, {"type": "trade_license", "fields": ["business_name"], "file_required": False}]
    monkeypatch.setitem(waiting.PAPERS[0], "accepted", both)
    bundle = waiting.draft(of=waiting.regulation(), account=account)
    item = item_of(bundle, "commercial_registrar_excerpt")
    shown = shown_by(ada, bundle, f"?item={item.sid}&kind=trade_license")
    assert 'value="trade_license" selected' in shown
    assert "Put it in its place" in shown
    given = {"kind": "trade_license", "requirement": "business_name_info", "business_name": "Musterfirma GmbH"}
    assert "Everything is there" in mend(ada, bundle, "commercial_registrar_excerpt", **given)
    assert item_of(bundle, "trade_license").requirement_name == "business_name_info"
    assert not bundle.items.filter(ended_at=None, document__type="commercial_registrar_excerpt").exists()


@pytest.mark.parametrize("kind", ["passport", "nonsense", "<script>"])
def test_a_kind_that_is_not_accepted_is_passed_over(ada: Client, draft: Bundle, kind: str) -> None:
    item = item_of(draft, "commercial_registrar_excerpt")
    shown = shown_by(ada, draft, f"?item={item.sid}&kind={kind}")
    assert kind not in shown.split('action="/language"')[0].replace("<script src", "")


def test_a_person_in_two_bundles_is_changed_in_one(ada: Client, account: Account, germany: Regulation) -> None:
    first = waiting.draft(of=germany, account=account)
    shared = item_of(first, "end_user").end_user
    assert shared
    second = BundleFactory.create(account=account, regulation=germany, items=[shared])
    advanced(first, BundleState.APPROVED)
    mend(ada, second, "end_user", **{**waiting.COMPANY, "last_name": "Musterfrau"})
    shared.refresh_from_db()
    assert shared.attributes["last_name"] == "Mustermann"
    changed = item_of(second, "end_user").end_user
    assert changed
    assert changed.attributes["last_name"] == "Musterfrau"
