"""What is decided without a reviewer."""

from typing import Any

import pytest

from compliance.lifecycle import BundleState
from compliance.models import Address, Bundle, DocumentStatus, ItemAssignment, Regulation
from compliance.services import review
from tests.compliance.review import waiting

pytestmark = pytest.mark.django_db


def automatic(**more: Any) -> Regulation:
    return waiting.regulation(mode="auto", typical_business_days=[0, 0], **more)


def statuses(bundle: Bundle) -> set[str]:
    return set(waiting.papers(bundle).values_list("status", flat=True))


def test_what_the_data_lets_pass_and_passed_every_check_is_approved_at_once() -> None:
    bundle = review.consider(waiting.submitted(waiting.draft(of=automatic()), hard_passed=True))
    bundle.refresh_from_db()
    assert bundle.state == BundleState.APPROVED
    assert bundle.approved_under == bundle.evaluations.get().version
    assert statuses(bundle) == {DocumentStatus.APPROVED}
    assert {entry.actor for entry in bundle.ledger.filter(verb__in=["claim", "approve"])} == {"review:automatic"}


def test_nobody_has_verified_an_address_then() -> None:
    review.consider(waiting.submitted(waiting.draft(of=automatic()), hard_passed=True))
    assert not Address.objects.get().verified


@pytest.mark.parametrize("left", [{"hard_passed": False}, {"reason": "regulation_not_confirmed"}])
def test_what_leaves_something_to_look_at_waits_for_a_person(left: dict[str, Any]) -> None:
    bundle = review.consider(waiting.submitted(waiting.draft(of=automatic()), **left))
    assert bundle.state == BundleState.PENDING_REVIEW


def test_what_the_data_wants_a_person_for_waits_for_one() -> None:
    of = waiting.regulation(mode="manual", typical_business_days=None)
    bundle = review.consider(waiting.submitted(waiting.draft(of=of), hard_passed=True))
    assert bundle.state == BundleState.PENDING_REVIEW


def test_a_rule_that_is_not_confirmed_approves_nothing() -> None:
    bundle = review.consider(waiting.submitted(waiting.draft(of=automatic(enforced=False)), hard_passed=True))
    assert bundle.state == BundleState.PENDING_REVIEW


def test_a_test_bundle_is_rejected_by_itself_and_its_papers_are_not_judged() -> None:
    bundle = review.consider(waiting.submitted(waiting.draft(of=automatic(), is_test=True), hard_passed=True))
    assert bundle.state == BundleState.REJECTED
    assert bundle.ledger.get(verb="reject").reason == "test_bundle"
    assert statuses(bundle) == {DocumentStatus.DRAFT}


def test_a_paper_that_waits_in_another_bundle_goes_on_waiting() -> None:
    other = waiting.submitted()
    test = waiting.draft(of=automatic(), is_test=True, account=other.account)
    ItemAssignment.objects.create(bundle=test, document=waiting.papers(other).first())
    review.consider(waiting.submitted(test, hard_passed=True))
    assert statuses(other) == {DocumentStatus.PENDING_REVIEW}


def test_only_what_waits_is_considered() -> None:
    bundle = waiting.draft(of=automatic())
    assert review.consider(bundle).state == BundleState.DRAFT
