"""/compliance/v1: a copy of everything about a person, and its erasure."""

from base64 import b64encode
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.test import Client

from accounts.models import Account
from compliance.models import EndUser
from tests.api.conftest import Caller
from tests.api.test_incoming import refused
from tests.compliance.private.test_erasure import bundle_with_a_file, person
from tests.factories import DidFactory, EndUserFactory

pytestmark = pytest.mark.django_db


def path(end_user: EndUser, what: str) -> str:
    return f"/compliance/v1/EndUsers/{end_user.sid}/{what}"


def test_a_customer_gets_everything_about_an_end_user_of_theirs(account: Account) -> None:
    end_user = EndUserFactory.create(account=account)
    credentials = b64encode(f"{account.sid}:{account.auth_token}".encode()).decode()
    # the document of the API describes JSON, this is a ZIP
    answer: Any = Client().get(path(end_user, "Export"), headers={"Authorization": f"Basic {credentials}"})
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip")
    assert answer["Cache-Control"] == "private, no-store"
    with ZipFile(BytesIO(b"".join(answer.streaming_content))) as package:
        assert package.namelist() == ["person.json"]


@pytest.mark.parametrize("what", ["Export", "Erasure"])
def test_another_accounts_end_user_is_not_there(mallory: Caller, what: str) -> None:
    end_user = EndUserFactory.create()
    asked: Any = mallory.get if what == "Export" else lambda url: mallory.post(url, {"Reason": "case 1"})
    refused(asked(path(end_user, what)), 20404, 404)


def test_an_erasure_answers_with_its_proof_and_again_with_the_same(ada: Caller, account: Account) -> None:
    end_user = EndUserFactory.create(account=account)
    first = ada.post(path(end_user, "Erasure"), {"Reason": "case 1"})
    assert first.status_code == 201
    assert first.json()["erased"][0]["sid"] == end_user.sid
    assert ada.post(path(end_user, "Erasure"), {"Reason": "case 2"}).json() == first.json()
    end_user.refresh_from_db()
    assert end_user.erased_at


def test_a_number_in_service_stands_against_it() -> None:
    bundle = bundle_with_a_file()
    DidFactory.create(account=bundle.account, bundle_sid=bundle.sid)
    answer = Caller(bundle.account.sid, bundle.account.auth_token).post(
        path(person(bundle), "Erasure"), {"Reason": "case 1"}
    )
    refused(answer, 20409, 409)
    assert "17(3)(b)" in answer.json()["message"]


def test_a_reason_with_a_name_in_it_is_refused(ada: Caller, account: Account) -> None:
    end_user = EndUserFactory.create(account=account, attributes={"last_name": "Quackenbush"})
    refused(ada.post(path(end_user, "Erasure"), {"Reason": "letter of Quackenbush"}), 20001)
    refused(ada.post(path(end_user, "Erasure"), {}), 20001)
