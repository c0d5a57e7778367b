"""What the operator decides about an account, and how one is opened."""

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Account, AccountStatus, User
from accounts.refusals import AccountClosed, OperatorSuspended
from accounts.services import standing, subaccounts
from accounts.services.credentials import authenticate
from accounts.services.memberships import admit
from tests.factories import AccountFactory, UserFactory

pytestmark = pytest.mark.django_db


def opened(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, str]:
    """What the command printed."""
    call_command("open_account", *arguments)
    return dict(line.split("=", 1) for line in capsys.readouterr().out.splitlines())


def test_a_suspended_account_is_not_active_nor_are_its_subaccounts_until_reactivated() -> None:
    account = AccountFactory.create()
    child = AccountFactory.create(parent=account)
    standing.suspend(account=account)
    assert not Account.objects.get(pk=account.pk).is_active
    assert not Account.objects.get(pk=child.pk).is_active
    standing.reactivate(account=account)
    assert Account.objects.get(pk=child.pk).is_active


@pytest.mark.parametrize("status", [AccountStatus.ACTIVE, AccountStatus.CLOSED])
def test_what_the_operator_suspended_its_parent_neither_reactivates_nor_closes(status: AccountStatus) -> None:
    child = AccountFactory.create(parent=AccountFactory.create())
    standing.suspend(account=child)
    with pytest.raises(OperatorSuspended):
        subaccounts.change(account=child, status=status)
    assert subaccounts.change(account=child, friendly_name="Renamed").status == AccountStatus.SUSPENDED


def test_the_operator_may_keep_suspended_what_a_parent_suspended() -> None:
    child = AccountFactory.create(parent=AccountFactory.create(), status=AccountStatus.SUSPENDED)
    standing.suspend(account=child)
    with pytest.raises(OperatorSuspended):
        subaccounts.change(account=child, status=AccountStatus.ACTIVE)
    standing.reactivate(account=child)
    assert subaccounts.change(account=child, status=AccountStatus.SUSPENDED).status == AccountStatus.SUSPENDED
    assert subaccounts.change(account=child, status=AccountStatus.ACTIVE).is_active


def test_a_closed_account_stays_closed_whoever_asks() -> None:
    closed = AccountFactory.create(status=AccountStatus.CLOSED)
    for verb in (standing.suspend, standing.reactivate):
        with pytest.raises(AccountClosed):
            verb(account=closed)


def test_an_upgrade_ends_the_trial_of_the_account_and_its_subaccounts_and_of_nobody_else() -> None:
    trial, stranger = AccountFactory.create(is_trial=True), AccountFactory.create(is_trial=True)
    child = subaccounts.open_subaccount(parent=trial)
    standing.upgrade(account=trial)
    assert list(Account.objects.filter(is_trial=True)) == [stranger]
    assert not Account.objects.get(pk=child.pk).is_trial


def test_the_command_opens_an_account_with_somebody_to_act_for_it(capsys: pytest.CaptureFixture[str]) -> None:
    printed = opened(capsys, "Acme", "--trial", "--member", "ada@example.com")
    account = Account.objects.get()
    assert (account.friendly_name, account.is_trial, account.is_test) == ("Acme", True, False)
    assert authenticate(printed["ACCOUNT_SID"], printed["AUTH_TOKEN"]) == account
    user = User.objects.get(email=printed["CUSTOMER_USER"])
    assert user.check_password(printed["CUSTOMER_PASSWORD"])
    assert (user.is_staff, user.memberships.get().account) == (False, account)


def test_who_is_known_keeps_the_password_and_gets_an_account_more(capsys: pytest.CaptureFixture[str]) -> None:
    user = UserFactory.create(email="ada@example.com")
    assert opened(capsys, "Acme", "--member", "Ada@Example.com").keys() == {"ACCOUNT_SID", "AUTH_TOKEN"}
    assert User.objects.get().check_password("password")
    assert user.memberships.get().account.friendly_name == "Acme"


def test_admitting_somebody_twice_is_admitting_once() -> None:
    account, user = AccountFactory.create(), UserFactory.create()
    assert [admit(account=account, email=user.email) for _ in range(2)] == ["", ""]
    assert account.memberships.count() == 1


@pytest.mark.parametrize("arguments", [("",), ("x" * 65,), ("Acme", "--member", "ada")])
def test_a_name_or_an_address_that_is_none_opens_nothing(arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError):
        call_command("open_account", *arguments)
    assert not Account.objects.exists()


def test_staff_are_opened_with_djangos_own_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "a long secret")
    call_command("createsuperuser", interactive=False, email="staff@example.com", verbosity=0)
    staff = User.objects.get()
    assert (staff.is_staff, staff.is_superuser, staff.check_password("a long secret")) == (True, True, True)
