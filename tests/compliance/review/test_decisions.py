"""Verdicts on items, and what is decided by them."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import User
from compliance.lifecycle import BundleState
from compliance.models import Address, Bundle, DocumentStatus, EndUser, ItemVerdict, ReviewPolicy, SupportingDocument
from compliance.refusals import (
    NoLongerCompliant,
    NoSuchReason,
    NotAllJudged,
    NotClaimed,
    NotOfThisBundle,
    ReasonNeeded,
    SecondPersonNeeded,
)
from compliance.services import review
from tests.compliance.review import waiting
from tests.factories import BundleFactory


def judge_all(bundle: Bundle, user: User, *, but: str = "") -> None:
    """Approve what needs a verdict; what is of type `but` is illegible."""
    for each in review.standing(bundle):
        if each.verdict is None:
            kind = each.item.document.type if each.item.document else "end_user"
            said: dict[str, Any] = {"approved": False, "reason": "illegible"} if kind == but else {"approved": True}
            review.judge(bundle, each.item, user=user, **said)


def papers(bundle: Bundle) -> dict[str, SupportingDocument]:
    return {paper.type: paper for paper in waiting.papers(bundle)}


EXTRACT, PROOF = "commercial_registrar_excerpt", "business_address"


@pytest.fixture
def claimed(bundle: Bundle, rosa: User) -> Bundle:
    return review.claim(bundle, rosa)


def test_when_every_item_is_approved_so_is_the_bundle(claimed: Bundle, rosa: User) -> None:
    judge_all(claimed, rosa)
    done = review.decide(claimed, rosa)
    done.refresh_from_db()
    assert (done.state, done.claimed_by, done.due_at) == (BundleState.APPROVED, None, None)
    assert done.approved_under == done.evaluations.latest("pk").version
    assert {paper.status for paper in papers(done).values()} == {DocumentStatus.APPROVED}


def test_the_addresses_on_its_papers_are_verified_then_and_stay_as_they_are(claimed: Bundle, rosa: User) -> None:
    judge_all(claimed, rosa)
    review.decide(claimed, rosa)
    address = Address.objects.get()
    assert address.verified
    with pytest.raises(IntegrityError, match="being reviewed or was approved"), transaction.atomic():
        Address.objects.update(revision=2)


def test_one_item_without_a_verdict_and_nothing_is_decided(claimed: Bundle, rosa: User) -> None:
    items = [each.item for each in review.standing(claimed)]
    review.judge(claimed, items[0], user=rosa, approved=False, reason="name_mismatch")
    with pytest.raises(NotAllJudged, match="2 of 3 items"):
        review.decide(claimed, rosa)


def test_one_rejected_item_rejects_the_bundle_and_the_others_stay_approved(claimed: Bundle, rosa: User) -> None:
    judge_all(claimed, rosa, but=EXTRACT)
    done = review.decide(claimed, rosa)
    assert done.state == BundleState.REJECTED
    extract, proof = papers(done)[EXTRACT], papers(done)[PROOF]
    assert (extract.status, extract.reason) == (DocumentStatus.REJECTED, "illegible")
    assert extract.reason_sentence == "The paper cannot be read."
    assert extract.fix_hint == "Upload a sharp, complete scan in colour."
    assert proof.status == DocumentStatus.APPROVED
    entry = done.ledger.get(verb="reject")
    assert (entry.reason, list(entry.data["items"].values())) == ("illegible", ["illegible"])
    assert not Address.objects.get().verified


def test_after_a_rejection_only_what_changed_needs_a_verdict(claimed: Bundle, rosa: User) -> None:
    judge_all(claimed, rosa, but=EXTRACT)
    done = review.decide(claimed, rosa)
    SupportingDocument.objects.filter(type=EXTRACT).update(revision=2)
    again = review.claim(waiting.submitted(done), rosa)
    assert [each.verdict and each.verdict.approved for each in review.standing(again)] == [True, None, True]
    judge_all(again, rosa)
    assert review.decide(again, rosa).state == BundleState.APPROVED


def test_what_was_rejected_and_comes_back_as_it_was_is_still_rejected(claimed: Bundle, rosa: User) -> None:
    judge_all(claimed, rosa, but=EXTRACT)
    again = review.claim(waiting.submitted(review.decide(claimed, rosa)), rosa)
    assert review.decide(again, rosa).state == BundleState.REJECTED


@pytest.mark.parametrize(("changed", "judged_anew"), [(EndUser, 0), (Address, 2)])
def test_an_end_user_or_an_address_that_changed_is_judged_anew(
    claimed: Bundle, rosa: User, changed: Any, judged_anew: int
) -> None:
    judge_all(claimed, rosa, but=EXTRACT)
    done = review.decide(claimed, rosa)
    changed.objects.update(revision=2)
    assert [number for number, each in enumerate(review.standing(done)) if each.verdict is None] == [judged_anew]


def test_the_newest_verdict_counts_and_none_is_lost(claimed: Bundle, rosa: User) -> None:
    judge_all(claimed, rosa, but=PROOF)
    judge: dict[str, Any] = {"user": rosa, "approved": True}
    review.judge(claimed, review.standing(claimed)[2].item, **judge)
    assert review.decide(claimed, rosa).state == BundleState.APPROVED
    assert ItemVerdict.objects.count() == 4
    for sql in ("DELETE FROM compliance_itemverdict", "UPDATE compliance_itemverdict SET approved = true"):
        with pytest.raises(Exception, match="Cannot"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)


def test_a_reviewer_s_own_words_reach_the_customer(claimed: Bundle, rosa: User) -> None:
    item = review.standing(claimed)[1].item
    said = {"sentence": " Page two is missing. ", "fix_hint": "Send both pages."}
    verdict = review.judge(claimed, item, user=rosa, approved=False, reason="incomplete_pages", **said)
    assert (verdict.sentence, verdict.fix_hint) == ("Page two is missing.", "Send both pages.")


def test_but_not_on_what_looks_like_fraud(claimed: Bundle, rosa: User) -> None:
    item = review.standing(claimed)[1].item
    said = {"reason": "suspected_fraud", "sentence": "The hologram is wrong", "fix_hint": "Use a better one"}
    verdict = review.judge(claimed, item, user=rosa, approved=False, **said)
    assert "hologram" not in verdict.sentence
    assert verdict.fix_hint == "Contact support."


@pytest.mark.parametrize("reason", ["", "dislike", "regulation_changed"])
def test_a_rejection_takes_a_reason_of_the_catalogue(claimed: Bundle, rosa: User, reason: str) -> None:
    with pytest.raises(NoSuchReason):
        review.judge(claimed, review.standing(claimed)[0].item, user=rosa, approved=False, reason=reason)


def test_an_item_of_another_bundle_is_not_judged_here(claimed: Bundle, rosa: User) -> None:
    foreign = BundleFactory.create().items.earliest("pk")
    with pytest.raises(NotOfThisBundle):
        review.judge(claimed, foreign, user=rosa, approved=True)


def test_only_who_has_the_bundle_judges_and_decides(bundle: Bundle, rosa: User, sami: User) -> None:
    item = review.standing(bundle)[0].item
    for _ in range(2):  # while nobody has it, and while another one does
        with pytest.raises(NotClaimed):
            review.judge(bundle, item, user=sami, approved=True)
        with pytest.raises(NotClaimed):
            review.decide(bundle, sami)
        review.claim(bundle, rosa)


def test_a_paper_that_expired_in_the_queue_can_t_be_approved(rosa: User) -> None:
    draft = waiting.draft()
    paper = papers(draft)[EXTRACT]
    paper.attributes = {**paper.attributes, "expiration_date": date(2020, 1, 1).isoformat()}
    paper.save(update_fields=["attributes"])
    bundle = review.claim(waiting.submitted(draft), rosa)
    judge_all(bundle, rosa)
    with pytest.raises(NoLongerCompliant, match="The paper has expired"):
        review.decide(bundle, rosa, reason="never mind")
    assert Bundle.objects.get().state == BundleState.IN_REVIEW
    judge: dict[str, Any] = {"user": rosa, "approved": False, "reason": "document_expired"}
    review.judge(bundle, review.standing(bundle)[1].item, **judge)
    assert review.decide(bundle, rosa).state == BundleState.REJECTED


def test_where_the_rules_are_not_confirmed_an_operator_approves_for_a_reason(rosa: User) -> None:
    draft = waiting.draft(of=waiting.regulation(enforced=False))
    bundle = review.claim(waiting.submitted(draft, reason="regulation_not_confirmed"), rosa)
    judge_all(bundle, rosa)
    with pytest.raises(ReasonNeeded, match="not confirmed"):
        review.decide(bundle, rosa)
    done = review.decide(bundle, rosa, reason="the carrier asks for no more: ticket 12")
    assert done.state == BundleState.APPROVED
    assert done.ledger.get(verb="approve").reason == "the carrier asks for no more: ticket 12"


def test_a_provisional_approval_says_what_is_still_to_be_proved(claimed: Bundle, rosa: User, sami: User) -> None:
    judge_all(claimed, rosa)
    with pytest.raises(ReasonNeeded):
        review.decide(claimed, rosa, provisionally=True)
    done = review.decide(claimed, rosa, provisionally=True, reason="translation is on its way")
    assert (done.state, done.claimed_by) == (BundleState.PROVISIONALLY_APPROVED, None)
    assert done.due_at == claimed.due_at
    assert {paper.status for paper in papers(done).values()} == {DocumentStatus.PROVISIONALLY_APPROVED}
    assert not Address.objects.get().verified
    assert review.decide(done, sami).state == BundleState.APPROVED


def test_what_was_approved_provisionally_can_still_be_rejected(claimed: Bundle, rosa: User, sami: User) -> None:
    judge_all(claimed, rosa)
    done = review.decide(claimed, rosa, provisionally=True, reason="translation is on its way")
    review.judge(done, review.standing(done)[1].item, user=sami, approved=False, reason="translation_needed")
    assert review.decide(done, sami).state == BundleState.REJECTED


class TestFourEyes:
    @pytest.fixture(autouse=True)
    def _wanted(self, db: None) -> None:
        ReviewPolicy.objects.create(country="DE", four_eyes=True, valid_from=date(2026, 1, 1), set_by="user:ops")

    def test_one_approval_is_none_yet(self, claimed: Bundle, rosa: User) -> None:
        judge_all(claimed, rosa)
        noted = review.decide(claimed, rosa)
        assert (noted.state, noted.claimed_by) == (BundleState.IN_REVIEW, None)
        assert not Address.objects.get().verified

    def test_a_second_person_confirms_it(self, claimed: Bundle, rosa: User, sami: User) -> None:
        judge_all(claimed, rosa)
        review.decide(claimed, rosa)
        review.claim(claimed, sami)
        done = review.decide(claimed, sami)
        assert done.state == BundleState.APPROVED
        assert done.ledger.get(verb="first_approval").actor == "user:rosa@example.com"
        assert done.ledger.get(verb="approve").actor == "user:sami@example.com"

    def test_the_same_person_is_no_second_one(self, claimed: Bundle, rosa: User) -> None:
        judge_all(claimed, rosa)
        review.decide(claimed, rosa)
        review.claim(claimed, rosa)
        with pytest.raises(SecondPersonNeeded):
            review.decide(claimed, rosa)

    def test_a_verdict_that_changed_since_makes_the_next_approval_the_first(
        self, claimed: Bundle, rosa: User, sami: User
    ) -> None:
        judge_all(claimed, rosa)
        review.decide(claimed, rosa)
        review.claim(claimed, sami)
        review.judge(claimed, review.standing(claimed)[1].item, user=sami, approved=True)
        assert review.decide(claimed, sami).state == BundleState.IN_REVIEW
        review.claim(claimed, rosa)
        assert review.decide(claimed, rosa).state == BundleState.APPROVED

    def test_a_rejection_takes_one_person(self, claimed: Bundle, rosa: User) -> None:
        judge_all(claimed, rosa, but=PROOF)
        assert review.decide(claimed, rosa).state == BundleState.REJECTED
