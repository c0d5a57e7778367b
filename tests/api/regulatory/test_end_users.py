"""End users over HTTP: made, read, changed, deleted; and what stays because a reviewer judged by it."""

import json
from collections.abc import Callable

import pytest
from django.db import connection

from accounts.models import Account
from compliance.lifecycle import BundleState
from compliance.models import EndUser
from tests.api.conftest import Caller
from tests.api.regulatory.papers import ADA, END_USERS, end_user, path_of
from tests.api.test_incoming import refused
from tests.factories import AccountFactory, BundleFactory, EndUserFactory

pytestmark = pytest.mark.django_db

HELD = [state for state in BundleState if state not in (BundleState.DRAFT, BundleState.REJECTED)]


def test_from_making_to_deleting(ada: Caller) -> None:
    made = end_user(ada)
    assert made["attributes"] == ADA
    assert made["url"].endswith(f"{END_USERS}/{made['sid']}")
    path = f"{END_USERS}/{made['sid']}"
    assert ada.get(path).json() == made
    changed = ada.post(path, {"FriendlyName": "Countess", "Attributes": '{"first_name": "Augusta"}'}).json()
    assert (changed["friendly_name"], changed["attributes"]) == ("Countess", {"first_name": "Augusta"})
    assert (changed["type"], changed["date_created"]) == ("individual", made["date_created"])
    assert [row["sid"] for row in ada.get(END_USERS).json()["results"]] == [made["sid"]]
    assert ada.delete(path).status_code == 204
    refused(ada.get(path), 20404, 404)
    assert ada.get(END_USERS).json()["results"] == []


def test_a_name_alone_changes_nothing_else(ada: Caller) -> None:
    made = end_user(ada)
    assert ada.post(f"{END_USERS}/{made['sid']}", {"FriendlyName": "Countess"}).json()["attributes"] == ADA
    assert EndUser.objects.get().revision == 1


def test_what_no_country_asks_is_kept_with_a_warning_that_repeats_no_value(ada: Caller) -> None:
    made = end_user(ada, Attributes=json.dumps(ADA | {"shoe_size": "38"}))
    assert made["attributes"]["shoe_size"] == "38"
    (warning,) = made["numberyard"]["warnings"]
    assert (warning["code"], warning["field"]) == ("field_not_listed", "shoe_size")
    assert "38" not in warning["message"]


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"Attributes": "{"}, 22207),
        ({"Attributes": '["Ada"]'}, 22207),
        ({"Attributes": "NaN"}, 22207),
        ({"Attributes": '{"a":' * 6 + "1" + "}" * 6}, 22207),
        ({"Attributes": json.dumps({"a": "x" * 50_000})}, 22207),
        ({"Attributes": '{"a": "\\ud800"}'}, 22207),
        ({"Type": "company"}, 22200),
        ({"Type": ""}, 22200),
        ({"FriendlyName": ""}, 20001),
        ({"FriendlyName": "x" * 256}, 20001),
    ],
)
def test_what_can_not_be_read_is_refused(ada: Caller, form: dict[str, str], code: int) -> None:
    refused(ada.post(END_USERS, {"FriendlyName": "Ada", "Type": "individual"} | form), code)
    assert not EndUser.objects.exists()


@pytest.mark.parametrize(("missing", "code"), [("FriendlyName", 20001), ("Type", 22200)])
def test_what_must_be_given(ada: Caller, missing: str, code: int) -> None:
    form = {"FriendlyName": "Ada", "Type": "individual"}
    refused(ada.post(END_USERS, {name: value for name, value in form.items() if name != missing}), code)


def test_a_refusal_repeats_nothing_of_what_was_written(ada: Caller) -> None:
    answer = ada.post(END_USERS, {"FriendlyName": "Ada", "Type": "individual", "Attributes": '{"id": "L01X00T47"'})
    assert b"L01X" not in answer.content


@pytest.mark.parametrize("state", HELD)
def test_what_was_judged_stays_as_it_was_judged(ada: Caller, account: Account, state: BundleState) -> None:
    row = EndUserFactory.create(account=account)
    BundleFactory.create(account=account, items=[row], state=state)
    path = f"{END_USERS}/{row.sid}"
    refused(ada.post(path, {"Attributes": "{}"}), 20409, 409)
    refused(ada.delete(path), 21644)
    assert ada.get(path).json()["attributes"] == row.attributes
    assert ada.post(path, {"FriendlyName": "Another name is no other person"}).status_code == 200


@pytest.mark.parametrize("state", [BundleState.DRAFT, BundleState.REJECTED])
def test_in_a_bundle_that_is_written_on_it_may_change_but_not_vanish(
    ada: Caller, account: Account, state: BundleState
) -> None:
    row = EndUserFactory.create(account=account)
    bundle = BundleFactory.create(account=account, items=[row], state=state)
    path = f"{END_USERS}/{row.sid}"
    assert ada.post(path, {"Attributes": '{"first_name": "Ada"}'}).json()["attributes"] == {"first_name": "Ada"}
    assert EndUser.objects.get(pk=row.pk).revision == 2
    refused(ada.delete(path), 21644)
    bundle.items.update(ended_at=bundle.created_at)
    assert ada.delete(path).status_code == 204


def test_a_subaccounts_end_users_are_its_own(
    ada: Caller, account: Account, signed: Callable[[Account], Caller]
) -> None:
    child = signed(AccountFactory.create(parent=account))
    made = end_user(child)
    assert made["account_sid"] == child.sid
    refused(ada.get(f"{END_USERS}/{made['sid']}"), 20404, 404)
    assert ada.get(END_USERS).json()["results"] == []


def test_pages(ada: Caller, account: Account) -> None:
    rows = EndUserFactory.create_batch(5, account=account)
    first = ada.get(END_USERS, {"PageSize": "2"}).json()
    second = ada.get(path_of(first["meta"]["next_page_url"])).json()
    shown = [row["sid"] for row in first["results"] + second["results"]]
    assert shown == [row.sid for row in reversed(rows)][:4]


def test_what_lies_in_the_database_is_ciphertext(ada: Caller) -> None:
    made = end_user(ada)
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(it)::text FROM compliance_enduser AS it")
        (text,) = cursor.fetchone()
    assert made["sid"] in text
    assert "Lovelace" not in text
    assert "engines.example" not in text
