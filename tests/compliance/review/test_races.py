"""Several reviewers and the customer at the same bundle at the same time, each in a connection of their own."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from accounts.models import User
from compliance.lifecycle import BundleState, IllegalBundleMove
from compliance.models import Bundle, Evaluation
from compliance.refusals import ClaimedByAnother, NotClaimed
from compliance.services import review, transition
from tests.compliance.review import waiting
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*deeds: Callable[[], object]) -> Counter[str]:
    """Do all of it at the same time; count what came of it: the names of exceptions, "done" for none."""
    together = Barrier(len(deeds))

    def alone(deed: Callable[[], object]) -> str:
        together.wait(60)
        try:
            deed()
        except Exception as error:  # noqa: BLE001 - whatever it is, the test asserts which
            return type(error).__name__
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(deeds)) as pool:
        return Counter(pool.map(alone, deeds))


@pytest.fixture
def reviewers() -> list[User]:
    return UserFactory.create_batch(8, is_staff=True)


@pytest.fixture
def claimed(bundle: Bundle, rosa: User) -> Iterator[Bundle]:
    review.claim(bundle, rosa)
    for each in review.standing(bundle):
        review.judge(bundle, each.item, user=rosa, approved=True)
    yield bundle


def test_of_eight_who_claim_at_once_one_has_it(bundle: Bundle, reviewers: list[User]) -> None:
    ends = at_once(*(lambda user=user: review.claim(bundle, user) for user in reviewers))
    assert ends == {"done": 1, ClaimedByAnother.__name__: 7}
    bundle.refresh_from_db()
    assert bundle.claimed_by in reviewers
    assert bundle.ledger.filter(verb="claim").count() == 1


def test_who_recalls_and_who_claims_are_never_both_first(bundle: Bundle, rosa: User) -> None:
    recall = lambda: transition.move(bundle, "recall", actor="account:AC")  # noqa: E731 - a deed
    ends = at_once(recall, lambda: review.claim(bundle, rosa))
    assert ends == {"done": 1, IllegalBundleMove.__name__: 1}
    bundle.refresh_from_db()
    assert (bundle.state == BundleState.DRAFT) == (bundle.claimed_by is None)


def test_a_decision_made_twice_is_made_once(claimed: Bundle, rosa: User) -> None:
    ends = at_once(*[lambda: review.decide(claimed, rosa)] * 4)
    assert ends == {"done": 1, NotClaimed.__name__: 3}
    assert claimed.ledger.filter(verb="approve").count() == 1


def test_nobody_decides_what_was_just_taken_from_them(claimed: Bundle, rosa: User, sami: User) -> None:
    take = lambda: review.take_over(claimed, sami, reason="Rosa is ill")  # noqa: E731 - a deed
    ends = at_once(take, lambda: review.decide(claimed, rosa))
    claimed.refresh_from_db()
    if claimed.state == BundleState.APPROVED:
        assert ends == {"done": 1, IllegalBundleMove.__name__: 1}
    else:
        assert (ends, claimed.claimed_by) == ({"done": 1, NotClaimed.__name__: 1}, sami)


def test_a_decision_that_dies_half_way_has_done_nothing(
    claimed: Bundle, rosa: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last thing that a decision does is its move."""

    def die(*_: object, **__: object) -> None:
        raise SystemExit

    with monkeypatch.context() as broken:
        broken.setattr(transition, "move", die)
        with pytest.raises(SystemExit):
            review.decide(claimed, rosa)
    assert set(waiting.papers(claimed).values_list("status", flat=True)) == {"pending_review"}
    assert Evaluation.objects.count() == 1
    assert review.decide(claimed, rosa).state == BundleState.APPROVED
