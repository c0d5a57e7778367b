"""The list of papers: what needs its customer first, page by page, and nobody else's."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account, User
from compliance.lifecycle import BundleState
from compliance.models import Bundle, ExpiryWarning, Regulation
from compliance.services import bundles, copies, replacement
from inventory.services import holdings
from portal.filed.listing import page_of
from tests.compliance.review import waiting
from tests.factories import BundleFactory, DidFactory, DocumentFactory, EndUserFactory, advanced
from tests.portal.filed.papers import rejected


def shown_by(client: Client, path: str = "/papers") -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def names_in(text: str) -> list[str]:
    return re.findall(r'ny-title"><a [^>]*>([^<]+)', text)


def with_paper(account: Account, last_day: str) -> Bundle:
    """Approved, with a paper of which its customer was told that it expires."""
    paper = DocumentFactory.create(account=account, type="passport", attributes={"expiration_date": last_day})
    items = [EndUserFactory.create(account=account), paper]
    bundle: Bundle = BundleFactory.create(account=account, approved=True, items=items, friendly_name="passport")
    ExpiryWarning.objects.create(bundle=bundle, document=paper, revision=paper.revision)
    return bundle


def test_who_has_none_learns_what_papers_are_for(ada: Client) -> None:
    shown = shown_by(ada)
    assert "No papers yet" in shown
    assert "who uses a telephone number" in shown


def test_what_needs_its_customer_stands_first(ada: Client, account: Account, germany: Regulation) -> None:
    for state in BundleState:
        advanced(waiting.draft(of=germany, account=account, friendly_name=state.value), state)
    advanced(
        waiting.draft(of=germany, account=account, friendly_name="ending"),
        BundleState.APPROVED,
        valid_until=timezone.now() + timedelta(days=30),
    )
    assert names_in(shown_by(ada)) == [
        *("rejected", "ending", "draft"),
        *("provisionally_approved", "in_review", "pending_review", "approved"),
    ]


def test_a_paper_that_expires_brings_its_bundle_forward(ada: Client, account: Account) -> None:
    BundleFactory.create(account=account, approved=True, friendly_name="other")
    with_paper(account, "2031-05-04")
    shown = shown_by(ada)
    assert names_in(shown) == ["passport", "other"]
    assert "valid until 4 May 2031 only" in shown


def test_a_paper_that_was_put_in_its_place_needs_nobody(ada: Client, account: Account) -> None:
    bundle = with_paper(account, "2031-05-04")
    copy = copies.copy(bundle, actor="account:AC")
    replacement.replace(target=bundle, source=advanced(copy, BundleState.APPROVED), actor="account:AC")
    assert "To be renewed" not in shown_by(ada)


def test_a_test_bundle_asks_for_nothing(ada: Client, account: Account, germany: Regulation) -> None:
    bundle = waiting.draft(of=germany, account=account, is_test=True)
    advanced(bundle, BundleState.REJECTED)
    shown = shown_by(ada)
    assert "test, over" in shown
    assert "To be corrected" not in shown


def test_progress_counts_what_is_ready_of_what_is_asked(ada: Client, account: Account, germany: Regulation) -> None:
    bundle = waiting.draft(of=germany, account=account)
    paper = bundle.items.get(document__type="business_address")
    paper.ended_at = timezone.now()
    paper.save()
    assert "2 of 3 ready" in shown_by(ada)


@pytest.mark.parametrize("what", ["business_address", "end_user"])
def test_what_was_rejected_is_not_ready(
    ada: Client, account: Account, germany: Regulation, rosa: User, what: str
) -> None:
    rejected(waiting.submitted(waiting.draft(of=germany, account=account)), rosa, what)
    assert "2 of 3 ready" in shown_by(ada)


def test_numbers_are_counted_as_far_as_it_matters(
    ada: Client, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = BundleFactory.create(account=account, approved=True)
    assert "no numbers" in shown_by(ada)
    DidFactory.create(account=account, bundle_sid=bundle.sid)
    assert re.search(r"\b1 number\b", shown_by(ada))
    DidFactory.create(account=account, bundle_sid=bundle.sid)
    assert "2 numbers" in shown_by(ada)
    monkeypatch.setattr(holdings, "MOST_COUNTED", 1)
    assert "more than 1 numbers" in shown_by(ada)


def test_another_account_s_and_deleted_ones_are_not_there(ada: Client, account: Account) -> None:
    BundleFactory.create(friendly_name="somebody else's")
    gone = BundleFactory.create(account=account, friendly_name="gone")
    bundles.delete(gone, actor="account:AC")
    assert names_in(shown_by(ada)) == []


def test_pages_follow_each_other_without_repeating(account: Account) -> None:
    for state in (BundleState.DRAFT, BundleState.APPROVED, BundleState.REJECTED):
        for _ in range(3):
            BundleFactory.create(account=account, state=state)
    seen: list[Bundle] = []
    token = ""
    while True:
        page, token = page_of(account, token, size=2)
        seen += page
        if not token:
            break
    order = [(bundle.need, -bundle.pk) for bundle in seen]  # type: ignore[attr-defined]  # annotated
    assert len({bundle.pk for bundle in seen}) == 9
    assert order == sorted(order)


def test_a_made_up_page_is_the_first_one(ada: Client, account: Account) -> None:
    assert ada.get("/papers?page=made-up")["Location"] == "/papers"


def test_a_full_page_costs_a_few_queries(
    ada: Client, account: Account, germany: Regulation, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for state in BundleState:
        for _ in range(3):
            advanced(waiting.draft(of=germany, account=account), state)
    shown_by(ada)
    with django_assert_num_queries(9):
        shown_by(ada)
