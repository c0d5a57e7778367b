"""The page of an account in the console: people with their second factors, numbers, papers and keys."""

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.models import Account, Membership
from accounts.services.credentials import issue_key
from inventory.models import ProtectionEntry
from tests.compliance.review import waiting
from tests.factories import AccountFactory, DidFactory, UserFactory


@pytest.fixture
def account(db: None) -> Account:
    row: Account = AccountFactory.create(friendly_name="Acme")
    ada = UserFactory.create(email="ada@example.com")
    Membership.objects.create(user=ada, account=row)
    Authenticator.objects.create(user=ada, type=Authenticator.Type.TOTP, data={})
    issue_key(account=row, friendly_name="billing")
    return row


def shown(client: Client, account: Account) -> str:
    return " ".join(client.get(f"/console/accounts/account/{account.pk}/change/").content.decode().split())


def test_it_tells_who_what_and_which(staff: Client, account: Account) -> None:
    did = DidFactory.create(account=account)
    bundle = waiting.draft(account=account)
    page = shown(staff, account)
    for words in ("ada@example.com", "an app", "billing", did.number.number.international_format, bundle.sid):
        assert words in page
    other = shown(staff, AccountFactory.create())
    for words in ("Nobody signs in for it", "No number", "No papers", "No key"):
        assert words in other


def test_who_may_see_accounts_sees_no_more_than_their_roles_let_them(account: Account) -> None:
    user = UserFactory.create(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_account"))
    client = Client()
    client.force_login(user)
    page = shown(client, account)
    for words in ("Its people", "ada@example.com", "What it holds", "Its papers", "Its API keys"):
        assert words not in page


def test_the_lock_of_a_customer_is_in_the_life_of_the_number(staff: Client, account: Account) -> None:
    did = DidFactory.create(account=account)
    ProtectionEntry.objects.create(did=did, is_on=True, actor="user:ada@example.com")
    page = staff.get(f"/console/inventory/phonenumber/{did.number_id}/change/").content.decode()
    assert "Protected by its customer" in page
