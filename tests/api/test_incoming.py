"""Numbers in service: buying, settings, lists, transfer, release, reclaim."""

import pytest

from accounts.models import Account
from inventory.lifecycle import State
from tests.api.conftest import Caller
from tests.factories import NumberFactory

pytestmark = pytest.mark.django_db


def test_a_number_on_sale_is_bought(ada: Caller, account: Account) -> None:
    number = NumberFactory.create()
    answer = ada.post(
        ada.of("IncomingPhoneNumbers.json"), {"PhoneNumber": str(number), "VoiceUrl": "https://a.example/v"}
    )
    assert answer.status_code == 201, answer.content
    did = answer.json()
    assert did["phone_number"] == str(number)
    assert did["voice_url"] == "https://a.example/v"
    assert did["capabilities"] == {"voice": True, "sms": True, "mms": True, "fax": True}
    number.refresh_from_db()
    assert (number.state, number.holder) == (State.IN_SERVICE, account)
    assert list(number.ledger.values_list("verb", flat=True).order_by("id")) == ["reserve", "assign"]
