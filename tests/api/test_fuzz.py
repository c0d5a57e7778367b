"""Whatever is sent, the answer is documented: never a 500, always JSON with a code from the catalogue."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Account
from api.errors import CATALOGUE
from api.incoming.parameters import AREA_CODE, PHONE_NUMBER, SETTINGS, TRANSFER
from api.reservations.views import EXPIRES_IN, NUMBERS
from inventory.models import Did
from tests.api.conftest import Caller
from tests.factories import DidFactory, NumberFactory

pytestmark = pytest.mark.django_db

FUZZ = settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],  # each example is undone
)
NEAR_MISSES = st.sampled_from(
    [
        *("", "+", "+1", "+14155550001", " 14155550001", "415", "1" * 5000, "-1", "1e9", "NaN", "٣", "%", "*", "\x00"),
        *("true", "GET", "AP" + "0" * 32, "AC" + "f" * 32),
        *("https://a.example", "http://[", "https://a.example:99999/"),
    ]
)
VALUES = st.one_of(NEAR_MISSES, st.text(max_size=40))
BUYING = [each.name for each in (PHONE_NUMBER, AREA_CODE, *SETTINGS, TRANSFER)]
HOLDING = [NUMBERS.name, EXPIRES_IN.name]
LISTING = ["PageSize", "Page", "PageToken", "Beta", "FriendlyName", "PhoneNumber", "Origin", "Status"]


def forms(names: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.sampled_from(names), VALUES, max_size=4)


def documented(answer: Any) -> None:
    assert answer.status_code < 500, answer.content
    if answer.status_code >= 400:
        body = answer.json()
        assert CATALOGUE[body["code"]].status == answer.status_code == body["status"]


@pytest.fixture
def did(account: Account) -> Did:
    NumberFactory.create(e164=14155550001)
    did: Did = DidFactory.create(account=account)
    return did


@contextmanager
def undone() -> Iterator[None]:
    """Each example finds the database as the first one did."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@FUZZ
@given(form=forms(BUYING))
def test_buying(ada: Caller, did: Did, form: dict[str, Any]) -> None:
    with undone():
        documented(ada.post(ada.of("IncomingPhoneNumbers.json"), form))


@FUZZ
@given(form=forms(BUYING))
def test_changing(ada: Caller, did: Did, form: dict[str, Any]) -> None:
    with undone():
        documented(ada.post(ada.of(f"IncomingPhoneNumbers/{did.sid}.json"), form))


@FUZZ
@given(tail=st.sampled_from(["IncomingPhoneNumbers", "IncomingPhoneNumbers/Local", "Keys"]), query=forms(LISTING))
def test_listing(ada: Caller, did: Did, tail: str, query: dict[str, Any]) -> None:
    documented(ada.get(ada.of(f"{tail}.json"), query))
    documented(ada.get("/2010-04-01/Accounts.json", query))


@FUZZ
@given(form=forms(["FriendlyName", "Status"]))
def test_accounts_and_keys(ada: Caller, form: dict[str, Any]) -> None:
    with undone():
        for path in ("/2010-04-01/Accounts.json", ada.of("Keys.json"), f"/2010-04-01/Accounts/{ada.sid}.json"):
            documented(ada.post(path, form))


@FUZZ
@given(form=forms(HOLDING), key=st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=300))
def test_holding(ada: Caller, did: Did, form: dict[str, Any], key: str) -> None:
    with undone():
        documented(ada.post("/inventory/v1/Reservations", form, Idempotency_Key=key))


@FUZZ
@given(value=st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists, max_leaves=4))
def test_json_values(ada: Caller, value: Any) -> None:
    with undone():
        for name in ("PhoneNumber", "FriendlyName", "VoiceCallerIdLookup"):
            documented(ada.post_json(ada.of("IncomingPhoneNumbers.json"), as_json({name: value})))


@FUZZ
@given(body=st.binary(max_size=60))
def test_json_bytes(ada: Caller, body: bytes) -> None:
    documented(ada.post_json(ada.of("IncomingPhoneNumbers.json"), body))


@FUZZ
@given(tail=st.text(max_size=30))
def test_paths(ada: Caller, tail: str) -> None:
    documented(ada.get("/2010-04-01/" + quote(tail, safe="/")))
    documented(ada.get(ada.of(quote(tail, safe="/"))))


def as_json(body: dict[str, Any]) -> bytes:
    """The standard library also writes NaN and huge integers, which orjson would refuse to send."""
    return json.dumps(body).encode()


def test_the_fuzzer_would_notice_an_undocumented_answer() -> None:
    class Undocumented:
        status_code = 400

        def json(self) -> dict[str, int]:
            return {"code": 1, "status": 400}

    with pytest.raises(KeyError):
        documented(Undocumented())
