"""Who has which bundle."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Membership, User
from accounts.services.credentials import open_account
from compliance.lifecycle import BundleState, IllegalBundleMove
from compliance.models import Bundle, ReviewPolicy
from compliance.refusals import ClaimedByAnother, NotClaimed, OwnBundle
from compliance.services import claims, review, transition
from tests.compliance.review import waiting
from tests.factories import BundleFactory

HOUR = timedelta(hours=1)


def verbs(bundle: Bundle) -> list[str]:
    return list(bundle.ledger.order_by("pk").values_list("verb", flat=True))


def test_a_claim_puts_it_in_review_and_its_clock_runs_on(bundle: Bundle, rosa: User) -> None:
    claimed = review.claim(bundle, rosa)
    assert (claimed.state, claimed.claimed_by, claimed.due_at) == (BundleState.IN_REVIEW, rosa, bundle.due_at)
    assert claimed.ledger.get(verb="claim").actor == "user:rosa@example.com"


def test_what_one_has_another_can_t_claim_and_is_told_who(bundle: Bundle, rosa: User, sami: User) -> None:
    review.claim(bundle, rosa)
    with pytest.raises(ClaimedByAnother, match="rosa@"):
        review.claim(bundle, sami)
    assert review.claim(bundle, rosa).claimed_by == rosa
    assert verbs(bundle).count("claim") == 1


def test_who_gives_it_back_leaves_it_in_review_for_anybody(bundle: Bundle, rosa: User, sami: User) -> None:
    review.claim(bundle, rosa)
    back = review.give_back(bundle, rosa, reason="I can't read Greek")
    assert (back.state, back.claimed_by, back.due_at) == (BundleState.IN_REVIEW, None, bundle.due_at)
    assert review.claim(bundle, sami).claimed_by == sami
    assert verbs(bundle)[-3:] == ["claim", "give_back", "take_up"]


def test_only_who_has_it_gives_it_back(bundle: Bundle, rosa: User, sami: User) -> None:
    review.claim(bundle, rosa)
    with pytest.raises(NotClaimed):
        review.give_back(bundle, sami)


def test_taking_over_takes_a_reason(bundle: Bundle, rosa: User, sami: User) -> None:
    review.claim(bundle, rosa)
    with pytest.raises(ClaimedByAnother, match="give a reason"):
        review.take_over(bundle, sami)
    assert review.take_over(bundle, sami, reason="Rosa is ill").claimed_by == sami
    assert bundle.ledger.get(verb="take_over").reason == "Rosa is ill"
    with pytest.raises(NotClaimed):
        review.give_back(bundle, rosa)


def test_or_that_nobody_has_touched_it_for_the_hours_of_the_policy(bundle: Bundle, rosa: User, sami: User) -> None:
    ReviewPolicy.objects.create(
        country="DE", claim_hours=3, valid_from=timezone.now().date() - 24 * HOUR, set_by="user:ops"
    )
    review.claim(bundle, rosa)
    with time_machine.travel(timezone.now() + 4 * HOUR, tick=False):
        assert review.take_over(bundle, sami).claimed_by == sami


def test_a_verdict_is_a_touch(bundle: Bundle, rosa: User) -> None:
    claimed = review.claim(bundle, rosa)
    before = claims.touched_at(claimed)
    verdict = review.judge(bundle, review.standing(bundle)[0].item, user=rosa, approved=True)
    assert claims.touched_at(claimed) == max(before, verdict.at)


@pytest.mark.parametrize("state", [BundleState.DRAFT, BundleState.APPROVED, BundleState.REJECTED])
def test_only_what_waits_can_be_claimed(state: BundleState, rosa: User) -> None:
    bundle = BundleFactory.create(state=state)
    for verb in (review.claim, review.take_over):
        with pytest.raises(IllegalBundleMove):
            verb(bundle, rosa)


def test_nobody_reviews_what_their_own_account_gave_or_a_subaccount_of_it(rosa: User) -> None:
    parent = open_account(friendly_name="Parent")
    child = open_account(friendly_name="Child", parent=parent)
    Membership.objects.create(user=rosa, account=parent)
    of = waiting.regulation()
    for account in (parent, child):
        bundle = waiting.submitted(waiting.draft(account=account, of=of))
        with pytest.raises(OwnBundle):
            review.claim(bundle, rosa)


def test_the_queue_is_by_deadline_and_says_how_long_each_has_waited(rosa: User) -> None:
    of = waiting.regulation()
    early, late, drafted = (waiting.draft(of=of) for _ in range(3))
    for bundle, due in ((late, 3 * HOUR), (early, -HOUR)):
        transition.move(bundle, "submit", actor="account:AC", due_at=timezone.now() + due)
    review.claim(late, rosa)
    found = list(review.queue())
    assert found == [early, late]
    assert drafted not in found
    assert [bundle.submitted_at for bundle in found] == [  # type: ignore[attr-defined]  # annotated
        bundle.ledger.get(verb="submit").at for bundle in found
    ]
