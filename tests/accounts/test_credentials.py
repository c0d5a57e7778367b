"""Auth tokens and API keys: what opens the door and what does not."""

import pytest

from accounts.models import Account, AccountStatus
from accounts.services import credentials

pytestmark = pytest.mark.django_db


@pytest.fixture
def account() -> Account:
    return credentials.open_account("Acme")


def test_an_accounts_own_token_opens_it(account: Account) -> None:
    assert credentials.authenticate(account.sid, account.auth_token) == account


def test_an_api_key_opens_its_account(account: Account) -> None:
    key, secret = credentials.issue_key(account, "laptop")
    assert credentials.authenticate(key.sid, secret) == account


@pytest.mark.parametrize("token", ["", "0" * 32, "ä", "x" * 10_000])
def test_a_wrong_token_opens_nothing(account: Account, token: str) -> None:
    assert credentials.authenticate(account.sid, token) is None


def test_an_unknown_sid_opens_nothing_even_with_the_decoy_digest() -> None:
    assert credentials.authenticate("AC" + "0" * 32, "anything") is None
    assert credentials.authenticate("SK" + "0" * 32, "anything") is None


def test_one_accounts_token_does_not_open_another(account: Account) -> None:
    other = credentials.open_account("Other")
    assert credentials.authenticate(other.sid, account.auth_token) is None


def test_a_key_is_worthless_once_deleted(account: Account) -> None:
    key, secret = credentials.issue_key(account)
    key.delete()
    assert credentials.authenticate(key.sid, secret) is None


def test_a_subaccount_of_a_suspended_parent_is_not_active(account: Account) -> None:
    child = credentials.open_account("Child", parent=account)
    assert child.is_active
    account.status = AccountStatus.SUSPENDED
    assert not child.is_active
