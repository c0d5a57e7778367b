"""Bundles as customers meet them: over HTTP, for the regulations of real country files."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import pytest

from accounts.models import Account
from compliance import holdings
from compliance.models import Bundle, Regulation
from tests.api.bundles.irish import irish_bundle, irish_regulation
from tests.api.conftest import CONTRACTS, Caller

if not (CONTRACTS / "twilio_numbers_v2.json").exists():
    collect_ignore = ["test_contract.py"]

BUNDLES = "/v2/RegulatoryCompliance/Bundles"

Make = Callable[..., dict[str, Any]]


@pytest.fixture
def irish(db: None) -> Regulation:
    """Ireland, local, business: an end user and an address with an Eircode; no file."""
    return irish_regulation()


@pytest.fixture
def bundle(account: Account, irish: Regulation) -> Bundle:
    """A draft of Ada's that nothing is missing from."""
    return irish_bundle(account)


@pytest.fixture
def made(ada: Caller, irish: Regulation) -> Make:
    """Make an empty bundle over the API; its JSON."""

    def make(**form: str) -> dict[str, Any]:
        asked = {"FriendlyName": "Dublin", "Email": "ada@example.com", "RegulationSid": irish.sid, **form}
        answer = ada.post(BUNDLES, asked)
        assert answer.status_code == 201, answer.content
        body: dict[str, Any] = answer.json()
        return body

    return make


class _NumbersOn:
    """Answers for the numbers in service."""

    def __init__(self, numbers: Mapping[str, Sequence[str]]) -> None:
        self._numbers = numbers

    def numbers_on(self, bundle_sids: Collection[str]) -> Mapping[str, Sequence[str]]:
        return {sid: self._numbers[sid] for sid in bundle_sids if sid in self._numbers}

    def numbers_at(self, address_sids: Collection[str]) -> Mapping[str, Sequence[str]]:
        return {}

    def emergency_numbers_at(self, address_sids: Collection[str]) -> Mapping[str, Sequence[str]]:
        return {}


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """Numbers that hang on bundles, by the bundle's SID; fill it."""
    numbers: dict[str, list[str]] = {}
    monkeypatch.setattr(holdings, "_held", [_NumbersOn(numbers)])
    return numbers
