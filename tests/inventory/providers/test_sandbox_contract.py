"""The sandbox's carriers keep the promises of every provider."""

import hashlib
import hmac
import json
from typing import Any

import httpx
import pytest

from inventory.models import ProviderOrder
from numbering.e164 import E164
from tests.inventory.conftest import Seller, until
from tests.inventory.providers.contract import ProviderContract


class SandboxShop:
    """The carrier `tern` of the real sandbox process."""

    def __init__(self, seller: Seller, settings: Any) -> None:
        self.provider, self._seller, self._settings = seller.provider, seller, settings

    def billed(self) -> set[int]:
        return self._seller.billed()

    def ordered(self, key: str) -> int:
        found: list[int] = []

        def answered() -> bool:
            try:
                found.append(len(self._seller.orders(key)))
            except httpx.HTTPStatusError:
                return False  # still busy
            return True

        until(answered)
        return found[0]

    def sell_elsewhere(self, number: E164) -> None:
        self._seller.strike("stale_offer", key=str(number))

    def lose_answer(self) -> None:
        self._seller.strike("order_unanswered")

    def list_late(self, late: bool) -> None:
        """It heeds our key, and answers from one book."""

    def be_busy(self) -> None:
        self._seller.strike("throttled_burst")

    def vanish(self) -> None:
        self._settings.SANDBOX_URL = "http://127.0.0.1:9"

    def genuine_callback(self, order: ProviderOrder) -> tuple[dict[str, str], bytes]:
        body = json.dumps(self._seller.orders(order.key)[0]).encode()
        signature = hmac.new(self._settings.SANDBOX_API_KEY.encode(), body, hashlib.sha256).hexdigest()
        return {"X-Sandbox-Signature": signature}, body


class TestSandbox(ProviderContract):
    @pytest.fixture
    def shop(self, seller: Seller, settings: Any) -> SandboxShop:
        return SandboxShop(seller, settings)
