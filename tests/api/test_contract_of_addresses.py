"""Addresses against Twilio's own OpenAPI document. Collected only where that is present (see conftest)."""

import pytest

from accounts.models import Account
from tests.api.conftest import Caller
from tests.api.test_addresses import BERLIN
from tests.api.test_contract import check
from tests.factories import DidFactory

pytestmark = pytest.mark.django_db

HERE = "/{AccountSid}/Addresses"


def test_addresses_and_the_numbers_on_them(ada: Caller, account: Account) -> None:
    made = check(ada.post(ada.of("Addresses.json"), BERLIN), HERE, "post", 201)
    DidFactory.create(account=account, address_sid=made["sid"])
    check(ada.get(made["uri"]), f"{HERE}/{{Sid}}", "get", 200)
    check(ada.post(made["uri"], {"FriendlyName": "Head office"}), f"{HERE}/{{Sid}}", "post", 200)
    check(ada.get(ada.of("Addresses.json")), HERE, "get", 200)
    below = f"Addresses/{made['sid']}/DependentPhoneNumbers.json"
    page = check(ada.get(ada.of(below)), f"{HERE}/{{AddressSid}}/DependentPhoneNumbers", "get", 200)
    assert len(page["dependent_phone_numbers"]) == 1
