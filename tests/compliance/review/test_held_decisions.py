"""Decisions that can be taken back for half a minute: nothing happens before, and nothing is lost after."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from accounts.models import Membership, Role, User
from compliance.lifecycle import BundleState
from compliance.models import Bundle, Decided, Evaluation, HeldDecision, HeldEnd, ReviewPolicy
from compliance.refusals import (
    DecisionHeld,
    NotAllJudged,
    NotClaimed,
    NothingHeld,
    NothingWaits,
    ReasonNeeded,
    Refused,
    SecondPersonNeeded,
)
from compliance.services import decisions, review, transition
from tests.compliance.review import waiting
from tests.compliance.review.test_races import at_once


@pytest.fixture
def claimed(bundle: Bundle, rosa: User) -> Bundle:
    """Rosa has approved all that is in it."""
    review.claim(bundle, rosa)
    approve_all(bundle, rosa)
    return bundle


def approve_all(bundle: Bundle, user: User) -> None:
    for each in review.standing(bundle):
        review.judge(bundle, each.item, user=user, approved=True)


def state_of(bundle: Bundle) -> str:
    return Bundle.objects.get(pk=bundle.pk).state


def told(bundle: Bundle) -> list[str]:
    return [notice.event for notice in bundle.notices.exclude(event="submitted")]


def half_a_minute_later(monkeypatch: pytest.MonkeyPatch) -> None:
    later = timezone.now() + decisions.HELD_FOR + timedelta(seconds=1)
    monkeypatch.setattr(timezone, "now", lambda: later)


def test_for_half_a_minute_nothing_has_happened(claimed: Bundle, rosa: User) -> None:
    held = decisions.hold(claimed, rosa)
    assert (held.decided, held.takes_effect_at - held.decided_at) == (Decided.APPROVE, timedelta(seconds=30))
    assert decisions.carry_out_due() == 0
    assert (state_of(claimed), told(claimed)) == (BundleState.IN_REVIEW, [])
    assert Evaluation.objects.count() == 1  # trying it left nothing


def test_then_it_is_carried_out_and_the_customer_is_told(
    claimed: Bundle, rosa: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = decisions.hold(claimed, rosa)
    half_a_minute_later(monkeypatch)
    assert decisions.carry_out_due() == 1
    assert decisions.carry_out_due() == 0
    held.refresh_from_db()
    assert (state_of(claimed), held.end) == (BundleState.APPROVED, HeldEnd.CARRIED_OUT)
    assert told(claimed) == ["approved"]
    assert claimed.ledger.get(verb="approve").actor == "user:rosa@example.com"


def test_what_is_taken_back_never_was(claimed: Bundle, rosa: User, monkeypatch: pytest.MonkeyPatch) -> None:
    held = decisions.take_back(decisions.hold(claimed, rosa), rosa)
    half_a_minute_later(monkeypatch)
    assert decisions.carry_out_due() == 0
    assert (state_of(claimed), told(claimed)) == (BundleState.IN_REVIEW, [])
    assert HeldDecision.objects.get(pk=held.pk).end == HeldEnd.TAKEN_BACK
    again = review.standing(claimed)[0].item
    review.judge(claimed, again, user=rosa, approved=False, reason="illegible")
    assert decisions.hold(claimed, rosa).decided == Decided.REJECT


def test_only_who_decided_takes_it_back_and_only_once(claimed: Bundle, rosa: User, sami: User) -> None:
    held = decisions.hold(claimed, rosa)
    with pytest.raises(NothingHeld):
        decisions.take_back(held, sami)
    decisions.take_back(held, rosa)
    with pytest.raises(NothingHeld):
        decisions.take_back(held, rosa)


def test_it_is_late_but_not_too_late_until_it_was_carried_out(
    claimed: Bundle, rosa: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No worker has run for a while: what nobody has done yet can be taken back."""
    held = decisions.hold(claimed, rosa)
    half_a_minute_later(monkeypatch)
    decisions.take_back(held, rosa)
    assert decisions.carry_out_due() == 0
    other = decisions.hold(claimed, rosa)
    decisions.carry_out(other.pk)
    with pytest.raises(NothingHeld):
        decisions.take_back(other, rosa)


def test_while_it_is_held_nobody_works_on_the_bundle(claimed: Bundle, rosa: User, sami: User) -> None:
    decisions.hold(claimed, rosa)
    item = review.standing(claimed)[0].item
    for deed in (
        lambda: decisions.hold(claimed, rosa),
        lambda: review.decide(claimed, rosa),
        lambda: review.judge(claimed, item, user=rosa, approved=True),
        lambda: review.give_back(claimed, user=rosa),
        lambda: review.take_over(claimed, sami, reason="Rosa is ill"),
    ):
        with pytest.raises(DecisionHeld):
            deed()


def test_what_would_be_refused_is_refused_at_once(bundle: Bundle, rosa: User, sami: User) -> None:
    review.claim(bundle, rosa)
    with pytest.raises(NotAllJudged):
        decisions.hold(bundle, rosa)
    approve_all(bundle, rosa)
    with pytest.raises(ReasonNeeded):
        decisions.hold(bundle, rosa, provisionally=True)
    with pytest.raises(NotClaimed):
        decisions.hold(bundle, sami)
    assert not HeldDecision.objects.exists()


def test_what_is_no_longer_possible_when_its_time_comes_is_not_done(claimed: Bundle, rosa: User) -> None:
    """She has come to act for the account meanwhile."""
    held = decisions.hold(claimed, rosa)
    Membership.objects.create(user=rosa, account=claimed.account, role=Role.VIEWER)
    decisions.carry_out(held.pk)
    held.refresh_from_db()
    assert (held.end, state_of(claimed)) == (HeldEnd.REFUSED, BundleState.IN_REVIEW)
    assert told(claimed) == []
    Membership.objects.all().delete()
    assert decisions.hold(claimed, rosa).decided == Decided.APPROVE


def test_a_provisional_approval_is_held_too_and_so_is_what_comes_after_it(claimed: Bundle, rosa: User) -> None:
    held = decisions.hold(claimed, rosa, provisionally=True, reason="the translation is on its way")
    assert held.decided == Decided.APPROVE_PROVISIONALLY
    decisions.carry_out(held.pk)
    assert state_of(claimed) == BundleState.PROVISIONALLY_APPROVED
    decisions.carry_out(decisions.hold(claimed, rosa).pk)
    assert state_of(claimed) == BundleState.APPROVED


@pytest.mark.parametrize("provisionally_first", [False, True])
def test_of_two_people_each_decision_is_held(
    claimed: Bundle, rosa: User, sami: User, *, provisionally_first: bool
) -> None:
    if provisionally_first:
        decisions.carry_out(decisions.hold(claimed, rosa, provisionally=True, reason="a translation").pk)
    ReviewPolicy.objects.create(country="DE", four_eyes=True, valid_from="2026-01-01", set_by="user:ops")
    first = decisions.hold(claimed, rosa)
    assert first.decided == Decided.FIRST_APPROVAL
    decisions.carry_out(first.pk)
    assert state_of(claimed) != BundleState.APPROVED
    if not provisionally_first:
        review.claim(claimed, rosa)
    with pytest.raises(SecondPersonNeeded):
        decisions.hold(claimed, rosa)
    if not provisionally_first:
        review.take_over(claimed, sami, reason="the second one")
    decisions.carry_out(decisions.hold(claimed, sami).pk)
    assert state_of(claimed) == BundleState.APPROVED


def test_the_database_keeps_one_open_decision_and_never_two_ends(claimed: Bundle, rosa: User) -> None:
    held = decisions.hold(claimed, rosa)
    soon = timezone.now() + timedelta(minutes=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        HeldDecision.objects.create(bundle=claimed, decided_by=rosa, decided="reject", takes_effect_at=soon)
    decisions.take_back(held, rosa)
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        HeldDecision.objects.filter(pk=held.pk).update(end=HeldEnd.CARRIED_OUT)


def test_the_next_bundle_is_the_most_urgent_that_one_may_decide(rosa: User, sami: User) -> None:
    of = waiting.regulation()
    later, sooner, taken, own, held = (waiting.submitted(waiting.draft(of=of)) for _ in range(5))
    at = timezone.now()
    for nth, each in enumerate((sooner, taken, own, held, later)):
        Bundle.objects.filter(pk=each.pk).update(due_at=at + timedelta(hours=nth))
    review.claim(taken, sami)
    Membership.objects.create(user=rosa, account=own.account)
    review.claim(held, rosa)
    approve_all(held, rosa)
    decisions.hold(held, rosa)
    assert review.next_for(rosa) == sooner
    assert review.next_for(rosa, after=Bundle.objects.get(pk=sooner.pk)) == later
    assert review.next_for(rosa, after=Bundle.objects.get(pk=later.pk)) == sooner
    assert review.claim_next(rosa) == sooner
    assert review.claim_next(rosa) == sooner  # what one has comes first


def test_who_approved_first_is_not_offered_it_again(claimed: Bundle, rosa: User, sami: User) -> None:
    ReviewPolicy.objects.create(country="DE", four_eyes=True, valid_from="2026-01-01", set_by="user:ops")
    decisions.carry_out(decisions.hold(claimed, rosa).pk)
    assert review.next_for(rosa) is None
    with pytest.raises(NothingWaits):
        review.claim_next(rosa)
    assert review.claim_next(sami) == claimed


@pytest.mark.django_db(transaction=True)
def test_of_who_takes_it_back_and_the_sweep_one_is_first(claimed: Bundle, rosa: User) -> None:
    held = decisions.hold(claimed, rosa)
    ends = at_once(lambda: decisions.take_back(held, rosa), *[lambda: decisions.carry_out(held.pk)] * 3)
    held.refresh_from_db()
    was_taken_back = held.end == HeldEnd.TAKEN_BACK
    assert ends["done"] == (4 if was_taken_back else 3)
    assert state_of(claimed) == (BundleState.IN_REVIEW if was_taken_back else BundleState.APPROVED)
    assert len(told(claimed)) == (0 if was_taken_back else 1)


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_dies_in_the_middle_leaves_it_to_the_next(
    claimed: Bundle, rosa: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = decisions.hold(claimed, rosa)

    def die(*_: object, **__: object) -> None:
        raise SystemExit

    with monkeypatch.context() as broken:
        broken.setattr(transition, "move", die)
        with pytest.raises(SystemExit):
            decisions.carry_out(held.pk)
    held.refresh_from_db()
    assert (held.is_open, state_of(claimed), told(claimed)) == (True, BundleState.IN_REVIEW, [])
    decisions.carry_out(held.pk)
    assert state_of(claimed) == BundleState.APPROVED


def test_refusals_are_what_staff_reads(claimed: Bundle, rosa: User) -> None:
    decisions.hold(claimed, rosa)
    with pytest.raises(Refused, match="only who decided may take that back"):
        decisions.hold(claimed, rosa)
