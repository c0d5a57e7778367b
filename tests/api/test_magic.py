"""Test credentials: known answers, nothing bought, nothing else allowed (contract, end of section 6)."""

import pytest

from inventory.models import Did
from tests.api.conftest import Caller
from tests.api.test_incoming import NUMBERS, refused
from tests.factories import AccountFactory, NumberFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def tester() -> Caller:
    account = AccountFactory.create(is_test=True)
    return Caller(account.sid, account.auth_token)


def test_magic_numbers(tester: Caller) -> None:
    refused(tester.post(tester.of(NUMBERS), {"PhoneNumber": "+15005550000"}), 21422)
    refused(tester.post(tester.of(NUMBERS), {"PhoneNumber": "+15005550001"}), 21421)
    refused(tester.post(tester.of(NUMBERS), {"PhoneNumber": str(NumberFactory.create())}), 21422)
    answer = tester.post(tester.of(NUMBERS), {"PhoneNumber": "+15005550006", "VoiceUrl": "https://a.example"})
    assert answer.status_code == 201
    assert (answer.json()["phone_number"], answer.json()["voice_url"]) == ("+15005550006", "https://a.example")
    assert not Did.objects.exists()


def test_magic_area_codes(tester: Caller) -> None:
    refused(tester.post(tester.of(NUMBERS), {"AreaCode": "533"}), 21452)
    assert tester.post(tester.of(NUMBERS), {"AreaCode": "500"}).status_code == 201


def test_the_magic_number_is_a_local_one(tester: Caller) -> None:
    form = {"PhoneNumber": "+15005550006"}
    assert tester.post(tester.of("IncomingPhoneNumbers/Local.json"), form).status_code == 201
    refused(tester.post(tester.of("IncomingPhoneNumbers/TollFree.json"), form), 21458)


def test_settings_are_checked_as_in_earnest(tester: Caller) -> None:
    refused(tester.post(tester.of(NUMBERS), {"PhoneNumber": "+15005550006", "VoiceUrl": "x"}), 21402)


def test_everything_else_is_20008(tester: Caller) -> None:
    refused(tester.get(tester.of(NUMBERS)), 20008, 403)
    refused(tester.get("/2010-04-01/Accounts.json"), 20008, 403)
    refused(tester.post(tester.of("Keys.json")), 20008, 403)
    refused(tester.post("/inventory/v1/Reservations", {"PhoneNumber": "+15005550006"}), 20008, 403)
