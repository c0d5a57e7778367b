"""Which papers of an account are at hand for a kind of number."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Account
from compliance import at_hand
from compliance.lifecycle import BundleState
from tests.factories import AccountFactory, BundleFactory, RegulationFactory, loaded

pytestmark = pytest.mark.django_db
KIND = ("DE", "local")


@pytest.fixture
def account() -> Account:
    loaded("DE")
    row: Account = AccountFactory.create()
    return row


def test_what_is_approved_and_in_force_is_at_hand_the_newest_first(account: Account) -> None:
    first, second = BundleFactory.create_batch(2, account=account, approved=True)
    soon = BundleFactory.create(account=account, approved=True, valid_until=timezone.now() + timedelta(hours=1))
    BundleFactory.create(account=account, approved=True, valid_until=timezone.now() - timedelta(hours=1))
    BundleFactory.create(account=account, state=BundleState.REJECTED)
    BundleFactory.create(account=account)
    assert at_hand.approved(account, *KIND) == [soon, second, first]


def test_what_is_anothers_or_for_other_numbers_is_not(account: Account) -> None:
    BundleFactory.create(approved=True)
    BundleFactory.create(account=account, approved=True, regulation=RegulationFactory.create(number_type="mobile"))
    assert at_hand.approved(account, *KIND) == []


@pytest.mark.parametrize(
    ("state", "waits"),
    [
        (BundleState.DRAFT, False),
        (BundleState.PENDING_REVIEW, True),
        (BundleState.IN_REVIEW, True),
        (BundleState.PROVISIONALLY_APPROVED, True),
        (BundleState.REJECTED, False),
        (BundleState.APPROVED, False),
    ],
)
def test_what_is_being_reviewed_waits(account: Account, state: BundleState, waits: bool) -> None:
    bundle = BundleFactory.create(account=account, state=state)
    assert at_hand.waiting(account, *KIND) == (bundle if waits else None)
