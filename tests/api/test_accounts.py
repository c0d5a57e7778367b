"""Accounts, subaccounts and API keys."""

from collections.abc import Callable

import pytest

from accounts.models import Account, AccountStatus
from accounts.refusals import ParentSuspended
from accounts.services import credentials, standing, subaccounts
from inventory.lifecycle import State
from tests.api.conftest import Caller
from tests.api.test_incoming import NUMBERS, bought, refused
from tests.factories import AccountFactory, HoldFactory, NumberFactory

pytestmark = pytest.mark.django_db

ACCOUNTS = "/2010-04-01/Accounts.json"


def test_a_subaccount_is_opened_with_a_token_of_its_own(ada: Caller, signed: Callable[[Account], Caller]) -> None:
    answer = ada.post(ACCOUNTS, {"FriendlyName": "Branch"})
    assert answer.status_code == 201
    child = answer.json()
    assert (child["owner_account_sid"], child["status"], child["type"]) == (ada.sid, "active", "Full")
    assert Caller(child["sid"], child["auth_token"]).get(child["uri"]).json()["friendly_name"] == "Branch"
    assert [row["sid"] for row in ada.get(ACCOUNTS).json()["accounts"]] == [child["sid"], ada.sid]
    assert ada.get(ACCOUNTS, {"FriendlyName": "Branch"}).json()["accounts"][0]["sid"] == child["sid"]
    assert ada.get(ACCOUNTS, {"Status": "closed"}).json()["accounts"] == []
    refused(Caller(child["sid"], child["auth_token"]).post(ACCOUNTS), 20006, 403)


def test_an_account_is_found_by_its_name_with_outer_spaces(ada: Caller) -> None:
    child = ada.post(ACCOUNTS, {"FriendlyName": " Branch "}).json()
    assert [row["sid"] for row in ada.get(ACCOUNTS, {"FriendlyName": " Branch "}).json()["accounts"]] == [child["sid"]]


def test_an_unnamed_subaccount_gets_a_name(ada: Caller) -> None:
    assert ada.post(ACCOUNTS).json()["friendly_name"].startswith("SubAccount Created at ")
    refused(ada.post(ACCOUNTS, {"FriendlyName": "x" * 65}), 20002)


def test_the_number_of_subaccounts_is_capped(ada: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subaccounts, "MAX_SUBACCOUNTS", 1)
    assert ada.post(ACCOUNTS).status_code == 201
    refused(ada.post(ACCOUNTS), 21480)


def test_a_suspended_account_may_look_but_not_act(
    ada: Caller, account: Account, signed: Callable[[Account], Caller]
) -> None:
    child = AccountFactory.create(parent=account)
    own = f"/2010-04-01/Accounts/{child.sid}.json"
    assert ada.post(own, {"Status": "suspended"}).json()["status"] == "suspended"
    of_child = signed(child)
    number = NumberFactory.create()
    assert of_child.get(own).status_code == 200
    refused(of_child.post(of_child.of(NUMBERS), {"PhoneNumber": str(number)}), 20005, 403)
    path = f"/2010-04-01/Accounts/{child.sid}/{NUMBERS}"
    refused(ada.post(path, {"PhoneNumber": str(number)}), 20005, 403)
    assert ada.post(own, {"Status": "active"}).json()["status"] == "active"
    assert of_child.post(path, {"PhoneNumber": str(number)}).status_code == 201


def test_closing_gives_everything_back_and_is_for_good(
    ada: Caller, account: Account, signed: Callable[[Account], Caller]
) -> None:
    child = AccountFactory.create(parent=account)
    number, hold = NumberFactory.create(), HoldFactory.create(reservation__account=child)
    bought(signed(child), number)
    own = f"/2010-04-01/Accounts/{child.sid}.json"
    assert ada.post(own, {"Status": "closed"}).json()["status"] == "closed"
    number.refresh_from_db()
    hold.number.refresh_from_db()
    assert (number.state, hold.number.state) == (State.RELEASED, State.AVAILABLE)
    refused(ada.post(own, {"Status": "active"}), 21479)
    refused(signed(child).get(own), 20005, 403)


@pytest.mark.parametrize("status", ["suspended", "closed"])
def test_a_subaccount_can_not_end_itself(account: Account, signed: Callable[[Account], Caller], status: str) -> None:
    child = AccountFactory.create(parent=account)
    own = f"/2010-04-01/Accounts/{child.sid}.json"
    refused(signed(child).post(own, {"Status": status}), 20006, 403)
    assert signed(child).post(own, {"Status": "active", "FriendlyName": "Byron"}).json()["friendly_name"] == "Byron"


def test_status_rules(ada: Caller, account: Account) -> None:
    own = f"/2010-04-01/Accounts/{account.sid}.json"
    refused(ada.post(own, {"Status": "dormant"}), 21475)
    refused(ada.post(own, {"Status": "suspended"}), 21477)
    assert ada.post(own, {"FriendlyName": "Countess"}).json()["friendly_name"] == "Countess"


def test_a_suspended_parent_may_look_but_not_act(ada: Caller, account: Account) -> None:
    child = AccountFactory.create(parent=account, status=AccountStatus.SUSPENDED)
    Account.objects.filter(pk=account.pk).update(status=AccountStatus.SUSPENDED)
    below = f"/2010-04-01/Accounts/{child.sid}.json"
    assert ada.get(below).json()["status"] == "suspended"
    for form in ({"Status": "active"}, {"Status": "closed"}, {"FriendlyName": "Branch"}):
        refused(ada.post(below, form), 21476)
    refused(ada.post(f"/2010-04-01/Accounts/{ada.sid}.json", {"FriendlyName": "Countess"}), 20005, 403)
    child.refresh_from_db()
    assert (child.status, child.friendly_name != "Branch") == (AccountStatus.SUSPENDED, True)


def test_a_subaccount_is_not_active_under_a_suspended_parent(account: Account) -> None:
    child = AccountFactory.create(parent=account, status=AccountStatus.SUSPENDED)
    Account.objects.filter(pk=account.pk).update(status=AccountStatus.SUSPENDED)
    with pytest.raises(ParentSuspended):
        subaccounts.change(account=child, status=AccountStatus.ACTIVE)


def test_a_parent_can_not_reactivate_what_the_operator_suspended(ada: Caller, account: Account) -> None:
    child = AccountFactory.create(parent=account)
    standing.suspend(account=child)
    own = f"/2010-04-01/Accounts/{child.sid}.json"
    refused(ada.post(own, {"Status": "active"}), 21478)
    refused(ada.post(own, {"Status": "closed"}), 21478)
    standing.reactivate(account=child)
    assert ada.get(own).json()["status"] == "active"


@pytest.mark.parametrize("records", ["Keys", "SigningKeys"])
def test_the_life_of_an_api_key(ada: Caller, records: str) -> None:
    answer = ada.post(ada.of(f"{records}.json"), {"FriendlyName": "CI"})
    assert answer.status_code == 201
    key = answer.json()
    of_key = Caller(key["sid"], key["secret"])
    one = ada.of(f"{records}/{key['sid']}.json")
    assert of_key.get(one).json()["friendly_name"] == "CI"
    assert "secret" not in ada.get(one).json()
    name = "keys" if records == "Keys" else "signing_keys"
    assert [row["sid"] for row in ada.get(ada.of(f"{records}.json")).json()[name]] == [key["sid"]]
    assert ada.post(one, {"FriendlyName": "CD"}).json()["friendly_name"] == "CD"
    assert ada.delete(one).status_code == 204
    refused(of_key.get(ada.of("Balance.json")), 20003, 401)
    refused(ada.get(one), 20404, 404)


def test_an_api_key_buys_but_makes_no_heirs(ada: Caller, account: Account) -> None:
    issued = credentials.issue_key(account)
    of_key = Caller(issued.key.sid, issued.secret)
    path = ada.of(NUMBERS)
    assert of_key.post(path, {"PhoneNumber": str(NumberFactory.create())}).status_code == 201
    refused(of_key.post(ada.of("Keys.json")), 20006, 403)
    refused(of_key.post(ACCOUNTS), 20006, 403)
    assert of_key.get(f"/2010-04-01/Accounts/{account.sid}.json").json()["auth_token"] is None


def test_anothers_keys_are_out_of_reach(mallory: Caller, account: Account) -> None:
    key = credentials.issue_key(account).key
    refused(mallory.get(f"/2010-04-01/Accounts/{account.sid}/Keys/{key.sid}.json"), 20404, 404)
    refused(mallory.delete(mallory.of(f"Keys/{key.sid}.json")), 20404, 404)


def test_the_balance_is_a_string(ada: Caller) -> None:
    assert ada.get(ada.of("Balance.json")).json() == {"account_sid": ada.sid, "balance": "0.00", "currency": "USD"}
