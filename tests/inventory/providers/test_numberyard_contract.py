"""Another Numberyard keeps the promises of every provider."""

from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings as ours
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]  # it ships no types

from inventory.models import ProviderOrder
from numbering.e164 import E164
from tests.inventory.providers.conftest import North
from tests.inventory.providers.contract import NEVER_SOLD, ProviderContract, Shop, adapter
from tests.inventory.providers.relay import Relay


class NorthShop:
    """The second web server, with sixty numbers on sale, behind a relay."""

    def __init__(self, north: North, relay: Relay, settings: Any) -> None:
        self.provider, self._north, self._relay, self._settings = north.provider, north, relay, settings
        north.upstream.stock(60)

    def billed(self) -> set[int]:
        return set(self._north.customer.owned())

    def ordered(self, key: str) -> int:
        """It keeps no orders; how many of its numbers were bought more than once could only show as money."""
        return len({name for name in self._north.customer.owned().values() if name == key})

    def sell_elsewhere(self, number: E164) -> None:
        assert self._north.upstream.customer().buy(number.digits).status_code == 201

    def lose_answer(self) -> None:
        self._relay.lose_answer("POST")

    def list_late(self, late: bool) -> None:
        self._relay.hidden = "/IncomingPhoneNumbers" if late else ""

    def be_busy(self) -> None:
        self._relay.answer("GET", 429, b"{}", Retry_After="1")

    def vanish(self) -> None:
        gone = self._north.customer.keys | {"url": "http://127.0.0.1:9"}
        self._settings.PROVIDER_CREDENTIALS = {"north": gone}

    def genuine_callback(self, order: ProviderOrder) -> tuple[dict[str, str], bytes]:
        form = {"FriendlyName": order.key}
        url = f"{ours.PUBLIC_URL}/inventory/v1/ProviderCallbacks/north"
        signature = RequestValidator(self._north.customer.token).compute_signature(url, form)
        return {"X-Twilio-Signature": signature}, urlencode(form).encode()


class TestAnotherNumberyard(ProviderContract):
    @pytest.fixture
    def shop(self, north: North, relay: Relay, settings: Any) -> NorthShop:
        return NorthShop(north, relay, settings)

    def test_a_number_that_it_never_sold_us_cannot_go_back(self, shop: Shop) -> None:
        """It tells nobody what an account once had: not there is all that can be known, and all that is wanted."""
        assert not adapter(shop).holding(NEVER_SOLD)
        adapter(shop).release(NEVER_SOLD, key="ny-1")
        assert not adapter(shop).holding(NEVER_SOLD)
