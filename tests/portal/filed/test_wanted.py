"""The number that papers were begun for: from its page one gets to it, as long as it can be had."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Account
from compliance.lifecycle import BundleState
from compliance.models import Bundle
from inventory.models import Reservation
from inventory.services import reservations
from tests.factories import AccountFactory, BundleFactory, DidFactory, NumberFactory

BERLINS = 493012345678


@pytest.fixture
def papers(account: Account) -> Any:
    """`papers(state)`: of the account, begun for a number in Berlin."""
    return lambda state: BundleFactory.create(account=account, state=state, for_number=BERLINS)


def shown(client: Client, bundle: Bundle) -> str:
    return client.get(f"/papers/{bundle.sid}").content.decode()


def test_what_is_free_is_reserved_from_its_approved_papers(ada: Client, account: Account, papers: Any) -> None:
    NumberFactory.create(e164=BERLINS)
    said = shown(ada, papers(BundleState.APPROVED))
    assert "Reserve 030 12345678" in said
    assert ada.post("/cart/reserve", {"number": f"+{BERLINS}"})["Location"] == "/cart"
    assert Reservation.objects.get().account == account


def test_what_is_held_is_bought_in_the_cart(ada: Client, account: Account, papers: Any) -> None:
    NumberFactory.create(e164=BERLINS)
    reservations.reserve(account=account, numbers=[BERLINS])
    assert "Buy 030 12345678" in shown(ada, papers(BundleState.APPROVED))
    assert "It is in your cart" in shown(ada, papers(BundleState.PENDING_REVIEW))


def test_what_somebody_else_has_is_only_said_to_be_gone(ada: Client, papers: Any) -> None:
    number = NumberFactory.create(e164=BERLINS)
    reservations.reserve(account=AccountFactory.create(), numbers=[number.e164])
    said = shown(ada, papers(BundleState.APPROVED))
    assert "This number is not on sale any more" in said
    assert "Reserve 030" not in said


def test_what_the_account_has_is_said(ada: Client, account: Account, papers: Any) -> None:
    DidFactory.create(account=account, number__e164=BERLINS)
    for state in (BundleState.APPROVED, BundleState.IN_REVIEW):
        assert "You have this number already." in shown(ada, papers(state))


@pytest.mark.parametrize("state", [BundleState.DRAFT, BundleState.REJECTED])
def test_before_the_papers_are_handed_in_they_come_first(ada: Client, papers: Any, state: BundleState) -> None:
    assert "030 12345678" not in shown(ada, papers(state))


def test_a_number_that_nobody_knows_is_gone(ada: Client, papers: Any) -> None:
    assert "not on sale any more" in shown(ada, papers(BundleState.APPROVED))
