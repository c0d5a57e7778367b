"""Supporting documents over HTTP, without and with a file, and what became of them in review."""

import json

import pytest

from accounts.models import Account
from compliance.lifecycle import BundleState
from compliance.models import DocumentStatus, SupportingDocument
from tests.api.conftest import Caller, Part
from tests.api.regulatory.papers import ADA, DOCUMENTS, document, png, scanned
from tests.api.test_incoming import refused
from tests.factories import AddressFactory, BundleFactory, DocumentFactory

pytestmark = pytest.mark.django_db

WAITING = [BundleState.PENDING_REVIEW, BundleState.IN_REVIEW, BundleState.PROVISIONALLY_APPROVED]


def test_from_making_to_deleting(ada: Caller) -> None:
    made = document(ada)
    assert (made["status"], made["mime_type"], made["failure_reason"], made["errors"]) == ("draft", None, None, None)
    path = f"{DOCUMENTS}/{made['sid']}"
    assert ada.get(path).json() == made
    changed = ada.post(path, {"FriendlyName": "Hers", "Attributes": '{"last_name": "King"}'}).json()
    assert (changed["friendly_name"], changed["attributes"], changed["type"]) == (
        "Hers",
        {"last_name": "King"},
        "passport",
    )
    assert [row["sid"] for row in ada.get(DOCUMENTS).json()["results"]] == [made["sid"]]
    assert ada.delete(path).status_code == 204
    refused(ada.get(path), 20404, 404)


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"Attributes": "{"}, 22207),
        ({"Type": "papyrus"}, 22210),
        ({"Type": ""}, 22210),
        ({"FriendlyName": ""}, 22211),
        ({"FriendlyName": "x" * 256}, 22211),
        ({"File": "a text"}, 20001),
    ],
)
def test_what_can_not_be_read_is_refused(ada: Caller, form: dict[str, str], code: int) -> None:
    refused(ada.post(DOCUMENTS, {"FriendlyName": "Passport", "Type": "passport"} | form), code)
    assert not SupportingDocument.objects.exists()


@pytest.mark.parametrize(("missing", "code"), [("FriendlyName", 22211), ("Type", 22210)])
def test_what_must_be_given(ada: Caller, missing: str, code: int) -> None:
    form = {"FriendlyName": "Passport", "Type": "passport"}
    refused(ada.post(DOCUMENTS, {name: value for name, value in form.items() if name != missing}), code)


def test_another_spelling_of_a_type_is_taken(ada: Caller) -> None:
    assert document(ada, Type="rent_receipt")["type"] == "rental_receipt"


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"Status": "approved"}, 22209),
        ({"Status": "pending-review"}, 22209),
        ({"Status": "lost"}, 22209),
        ({"Status": "draft", "Attributes": "{}"}, 22208),
    ],
)
def test_the_review_decides_the_status_nobody_else(ada: Caller, form: dict[str, str], code: int) -> None:
    made = document(ada)
    refused(ada.post(f"{DOCUMENTS}/{made['sid']}", form), code)
    assert ada.get(f"{DOCUMENTS}/{made['sid']}").json() == made


def test_the_status_that_it_has_may_be_sent(ada: Caller) -> None:
    made = document(ada)
    assert ada.post(f"{DOCUMENTS}/{made['sid']}", {"Status": "draft"}).json()["status"] == "draft"


def test_what_is_looked_at_on_every_paper_is_not_called_unknown(ada: Caller) -> None:
    given = {"issuing_country": "IT", "issue_date": "2026-11-01", "expiration_date": "2030-01-01", "shoe_size": "44"}
    made = document(ada, Type="commercial_registrar_excerpt", Attributes=json.dumps(given))
    assert [each["field"] for each in made["numberyard"]["warnings"]] == ["shoe_size"]


def test_an_address_on_it_is_the_accounts_own(ada: Caller, account: Account) -> None:
    mine, foreign = AddressFactory.create(account=account), AddressFactory.create()
    made = document(ada, Type="utility_bill", Attributes=json.dumps({"address_sids": [foreign.sid, mine.sid]}))
    assert made["attributes"]["address_sids"] == [foreign.sid, mine.sid]
    (warning,) = made["numberyard"]["warnings"]
    assert (warning["code"], warning["field"]) == ("address_not_found", "address_sids")
    assert "No. 1 of address_sids" in warning["message"]
    row = SupportingDocument.objects.get()
    assert list(row.addresses.all()) == [mine]
    ada.post(f"{DOCUMENTS}/{made['sid']}", {"Attributes": "{}"})
    assert list(row.addresses.all()) == []


@pytest.mark.parametrize("state", [*WAITING, BundleState.APPROVED])
def test_what_was_judged_stays_as_it_was_judged(ada: Caller, account: Account, state: BundleState) -> None:
    row = DocumentFactory.create(account=account)
    BundleFactory.create(account=account, items=[row], state=state)
    path = f"{DOCUMENTS}/{row.sid}"
    refused(ada.post(path, {"Attributes": "{}"}), 20409, 409)
    refused(ada.upload(path, {}, Part(png())), 20409, 409)
    refused(ada.delete(path), 21646 if state in WAITING else 21645)
    assert ada.get(path).json()["attributes"] == row.attributes
    assert ada.post(path, {"FriendlyName": "Another name is no other paper"}).status_code == 200


def test_in_a_draft_it_may_change_but_not_vanish(ada: Caller, account: Account) -> None:
    row = DocumentFactory.create(account=account)
    BundleFactory.create(account=account, items=[row])
    assert ada.post(f"{DOCUMENTS}/{row.sid}", {"Attributes": "{}"}).status_code == 200
    refused(ada.delete(f"{DOCUMENTS}/{row.sid}"), 21645)


def rejected(account: Account) -> SupportingDocument:
    row: SupportingDocument = DocumentFactory.create(account=account)
    SupportingDocument.objects.filter(pk=row.pk).update(
        status=DocumentStatus.REJECTED,
        reason="document_expired",
        reason_sentence="The passport ran out in March.",
        fix_hint="Send the new one.",
    )
    return row


def test_a_rejection_says_why_and_what_to_do(ada: Caller, account: Account) -> None:
    shown = ada.get(f"{DOCUMENTS}/{rejected(account).sid}").json()
    assert (shown["status"], shown["failure_reason"]) == ("rejected", "The passport ran out in March.")
    (error,) = shown["errors"]
    assert (error["reason"], error["fix"]) == ("document_expired", "Send the new one.")


def test_a_verdict_ends_with_what_it_was_on(ada: Caller, account: Account) -> None:
    path = f"{DOCUMENTS}/{rejected(account).sid}"
    assert ada.post(path, {"FriendlyName": "Renamed"}).json()["status"] == "rejected"
    changed = ada.post(path, {"Attributes": json.dumps(ADA)}).json()
    assert (changed["status"], changed["failure_reason"], changed["errors"]) == ("draft", None, None)


def test_a_file_and_another_in_its_place(ada: Caller) -> None:
    made = scanned(ada, Part(png()), Attributes=json.dumps(ADA))
    assert (made["mime_type"], made["attributes"]) == ("image/png", ADA)
    first = SupportingDocument.objects.get().file
    assert first is not None
    answer = ada.upload(f"{DOCUMENTS}/{made['sid']}", {}, Part(png(b"\x00\x00\x00")))
    assert (answer.status_code, answer.json()["attributes"]) == (200, ADA)
    row = SupportingDocument.objects.get()
    assert row.file != first
    assert row.revision == 2


def test_a_form_without_a_file_changes_no_file(ada: Caller) -> None:
    made = scanned(ada, Part(png()))
    changed = ada.upload(f"{DOCUMENTS}/{made['sid']}", {"FriendlyName": "Hers"}).json()
    assert (changed["friendly_name"], changed["mime_type"]) == ("Hers", "image/png")
    assert SupportingDocument.objects.get().revision == 1
