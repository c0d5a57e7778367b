"""What a status code, a silence or garbage means where the other end speaks as Twilio does.

The answers come from a small server of our own, since one that behaves can't give them.
"""

import json
from base64 import b64encode
from collections.abc import Iterator
from itertools import islice
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]  # it ships no types

from inventory.models import Provider
from inventory.providers import outside
from inventory.providers.base import (
    LineStatus,
    ProviderAdapter,
    ProviderUnavailable,
    ProviderUncertain,
    Wanted,
)
from inventory.providers.registry import adapter_of
from inventory.providers.twilio import adapter
from numbering.e164 import E164
from numbering.types import Capability, NumberType
from tests.inventory.providers.relay import Relay, relaying

NUMBER = E164.parse("+14155550123")
WANTED = Wanted("US", NumberType.LOCAL)
OFFER = {
    "phone_number": "+14155550123",
    "iso_country": "US",
    "locality": "San Francisco",
    "region": "CA",
    "capabilities": {"voice": True, "SMS": True, "MMS": False, "fax": False},
    "numberyard": {"monthly_price": "1.1500", "currency": "USD"},
}
OWNED = {"sid": "PN" + "1" * 32, "phone_number": "+14155550123", "friendly_name": "ny-1"}
SECRET = "the secret of both"
KEYS = {"account_sid": "AC" + "1" * 32, "auth_token": SECRET}


@pytest.fixture
def relay(settings: Any) -> Iterator[Relay]:
    settings.PROVIDER_ALLOWED_NETWORKS = ["127.0.0.0/8"]
    settings.PUBLIC_URL = "https://numbers.example"
    outside.client.cache_clear()
    with relaying("") as found:
        settings.PROVIDER_CREDENTIALS = {"north": KEYS | {"url": found.origin}}
        yield found


@pytest.fixture
def north(relay: Relay) -> ProviderAdapter:
    return at_north()


def at_north(**options: Any) -> ProviderAdapter:
    return adapter_of(Provider(slug="north", adapter="twilio", options=options))


def listed(field: str, *rows: Any, following: str | None = None) -> bytes:
    return json.dumps({field: rows, "next_page_uri": following, "page": 0}).encode()


def offered(*rows: Any, following: str | None = None) -> bytes:
    return listed("available_phone_numbers", *rows, following=following)


def owned(*rows: Any, following: str | None = None) -> bytes:
    return listed("incoming_phone_numbers", *rows, following=following)


def said(code: int) -> bytes:
    return json.dumps({"code": code, "message": "so", "status": 400}).encode()


@pytest.mark.parametrize(
    ("status", "failure"),
    [
        (401, ProviderUnavailable),
        (403, ProviderUnavailable),
        (404, ProviderUnavailable),
        (429, ProviderUnavailable),
        (503, ProviderUncertain),
        (302, ProviderUncertain),
        (409, ProviderUncertain),
        (500, ProviderUncertain),
        (504, ProviderUncertain),
    ],
)
def test_what_a_status_says_of_a_purchase(
    relay: Relay, north: ProviderAdapter, status: int, failure: type[Exception]
) -> None:
    relay.answer("GET", 200, owned())
    relay.answer("POST", status, said(20001))
    with pytest.raises(failure, match=str(status)):
        north.order([NUMBER], key="ny-1")
    assert len(relay.posts()) == 1, "nothing tries twice by itself"


def test_a_refusal_with_a_code_is_of_its_line_only(relay: Relay, north: ProviderAdapter) -> None:
    other = E164(NUMBER.digits + 1)
    for answer in (owned(), owned()):
        relay.answer("GET", 200, answer)
    relay.answer("POST", 400, said(21422))
    relay.answer("POST", 201, json.dumps(OWNED | {"phone_number": str(other)}).encode())
    status = north.order([NUMBER, other], key="ny-1")
    assert [line.status for line in status.lines] == [LineStatus.REFUSED, LineStatus.FILLED]
    assert (status.settled, "21422" in status.lines[0].reason) == (True, True)


@pytest.mark.parametrize("body", [b"<html>", b'{"code": true}', b'{"code": "21422"}', b"[]"])
def test_a_refusal_without_a_code_was_said_on_the_way(relay: Relay, north: ProviderAdapter, body: bytes) -> None:
    relay.answer("GET", 200, owned())
    relay.answer("POST", 400, body)
    with pytest.raises(ProviderUnavailable):
        north.order([NUMBER], key="ny-1")


def test_what_the_account_has_under_another_name_is_not_ours(relay: Relay, north: ProviderAdapter) -> None:
    relay.answer("GET", 200, owned())
    relay.answer("POST", 400, said(21422))
    relay.answer("GET", 200, owned(OWNED | {"friendly_name": "Front desk"}))
    assert north.order([NUMBER], key="ny-1").lines[0].status == LineStatus.REFUSED


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"[" * 100_000, b"\xff\xfe", b"{}", b'{"phone_number": 7}'])
def test_garbage_after_a_purchase_leaves_it_uncertain(relay: Relay, north: ProviderAdapter, body: bytes) -> None:
    relay.answer("GET", 200, owned())
    relay.answer("POST", 201, body)
    with pytest.raises(ProviderUncertain):
        north.order([NUMBER], key="ny-1")


def test_silence_after_a_purchase_leaves_it_uncertain(
    relay: Relay, north: ProviderAdapter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outside, "TIMEOUT", httpx.Timeout(0.3))
    relay.answer("GET", 200, owned())
    relay.hang("POST")
    with pytest.raises(ProviderUncertain, match="ReadTimeout"):
        north.order([NUMBER], key="ny-1")
    relay.hang("GET")
    with pytest.raises(ProviderUnavailable, match="ReadTimeout"):
        north.holding(NUMBER)


def test_a_slow_seller_is_left_before_the_lease_ends(
    relay: Relay, north: ProviderAdapter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapter, "SECONDS", -1.0)
    relay.answer("GET", 200, owned(OWNED))
    with pytest.raises(ProviderUnavailable, match="bought so far: 1 of 2"):
        north.order([NUMBER, E164(NUMBER.digits + 1)], key="ny-1")
    assert relay.posts() == []


@pytest.mark.parametrize("status", [302, 400, 401, 404, 429, 500, 503])
def test_a_question_without_an_answer_is_only_asked_again(relay: Relay, north: ProviderAdapter, status: int) -> None:
    for act in (lambda: north.holding(NUMBER), lambda: list(north.holdings()), lambda: list(north.offers(WANTED))):
        relay.answer("GET", status, b"<html>", Retry_After="9")
        with pytest.raises(ProviderUnavailable) as failure:
            act()
        assert failure.value.retry_after == 9


def test_where_it_sells_none_there_are_none_but_a_bill_is_never_missing(relay: Relay, north: ProviderAdapter) -> None:
    relay.answer("GET", 404, said(20404))
    assert list(north.offers(WANTED)) == []
    relay.answer("GET", 404, said(20404))
    with pytest.raises(ProviderUnavailable):
        list(north.holdings())


def test_an_offer_says_what_the_number_can_do_and_costs(relay: Relay, north: ProviderAdapter) -> None:
    relay.answer("GET", 200, offered(OFFER))
    [offer] = north.offers(WANTED)
    assert (offer.number, offer.locality, offer.region) == (NUMBER, "San Francisco", "CA")
    assert (str(offer.monthly_cost), offer.currency) == ("1.1500", "USD")
    assert offer.capabilities == Capability.VOICE | Capability.SMS


@pytest.mark.parametrize(
    "but",
    [
        {"phone_number": "none"},
        {"phone_number": "+4415555123456789"},
        {"phone_number": "+442079460018"},
        {"iso_country": "CA"},
        {"capabilities": ["voice"]},
        {"numberyard": {"monthly_price": 1.15, "currency": "USD"}},
        {"numberyard": {"monthly_price": "NaN", "currency": "USD"}},
        {"numberyard": {"monthly_price": "1.15", "currency": "dollars"}},
        {"numberyard": None},
        {"locality": 7},
    ],
    ids=str,
)
def test_unsound_offers_and_those_without_a_price_are_left_out(
    relay: Relay, north: ProviderAdapter, but: dict[str, Any]
) -> None:
    relay.answer("GET", 200, offered(OFFER | but, None, OFFER))
    assert [offer.number for offer in north.offers(WANTED)] == [NUMBER]


def test_twilio_tells_prices_elsewhere(relay: Relay, settings: Any) -> None:
    without = {name: value for name, value in OFFER.items() if name != "numberyard"}
    prices = [
        {"number_type": "toll free", "base_price": "2.15", "current_price": "2.15"},
        {"number_type": "local", "base_price": "1.15", "current_price": "1.05"},
    ]
    document = {"country": "United States", "iso_country": "US", "phone_number_prices": prices, "price_unit": "USD"}
    relay.answer("GET", 200, json.dumps(document).encode(), path="/v1/PhoneNumbers/Countries/US")
    relay.answer("GET", 200, offered(without), path="/AvailablePhoneNumbers/")
    settings.PROVIDER_CREDENTIALS["north"]["pricing_url"] = relay.origin
    [offer] = at_north().offers(WANTED)
    assert (str(offer.monthly_cost), offer.currency) == ("1.05", "USD")


def test_prices_that_staff_wrote_down_do_for_what_has_none(relay: Relay) -> None:
    relay.answer("GET", 200, offered({**OFFER, "numberyard": {}}))
    written = {"US": {"local": {"amount": "0.80", "currency": "EUR"}}}
    [offer] = at_north(monthly_costs=written).offers(WANTED)
    assert (str(offer.monthly_cost), offer.currency) == ("0.80", "EUR")


CIRCLES = [("1", "1", "1"), ("1", "2", "1", "2")]


@pytest.mark.parametrize("marks", CIRCLES)
def test_lists_that_go_round_in_circles_end(relay: Relay, north: ProviderAdapter, marks: tuple[str, ...]) -> None:
    for mark in marks:
        relay.answer("GET", 200, offered(OFFER, following=f"/2010-04-01/x.json?PageToken={mark}"))
    assert len(list(islice(north.offers(WANTED), 10))) == 1 + len(set(marks))
    relay.struck.clear()
    for mark in marks:
        relay.answer("GET", 200, owned(OWNED, following=f"/2010-04-01/x.json?PageToken={mark}"))
    with pytest.raises(ProviderUnavailable, match="no end"):
        list(islice(north.holdings(), 10))


@pytest.mark.parametrize("document", [b"[]", b'{"a": [], "b": []}', b'{"incoming_phone_numbers": 7}', b"no", b"{}"])
def test_a_list_that_is_none_is_unavailable(relay: Relay, north: ProviderAdapter, document: bytes) -> None:
    relay.answer("GET", 200, document)
    with pytest.raises(ProviderUnavailable):
        list(north.holdings())


@pytest.mark.parametrize("row", [None, {}, OWNED | {"phone_number": "4155550123"}, OWNED | {"sid": 7}], ids=str)
def test_one_unreadable_row_makes_the_bill_useless(relay: Relay, north: ProviderAdapter, row: Any) -> None:
    relay.answer("GET", 200, owned(OWNED, row))
    with pytest.raises(ProviderUnavailable):
        list(north.holdings())


def test_what_is_not_in_the_account_is_not_asked_back(relay: Relay, north: ProviderAdapter) -> None:
    relay.answer("GET", 200, owned(OWNED | {"phone_number": "+14155550199"}))
    north.release(NUMBER, key="ny-2")
    assert [method for method, *_ in relay.seen] == ["GET"]


@pytest.mark.parametrize("status", [204, 404])
def test_a_return_may_be_repeated(relay: Relay, north: ProviderAdapter, status: int) -> None:
    relay.answer("GET", 200, owned(OWNED))
    relay.answer("DELETE", status, said(20404) if status == 404 else b"")
    north.release(NUMBER, key="ny-2")
    assert relay.seen[-1][1].endswith(f"/IncomingPhoneNumbers/{OWNED['sid']}.json")


def test_credentials_go_nowhere_else(relay: Relay, north: ProviderAdapter) -> None:
    with relaying("") as elsewhere:
        meta = {"key": "incoming_phone_numbers", "next_page_url": f"{elsewhere.origin}/x"}
        document = {"incoming_phone_numbers": [OWNED], "meta": meta}
        relay.answer("GET", 200, json.dumps(document).encode())
        with pytest.raises(ProviderUnavailable, match="not its own"):
            list(north.holdings())
        assert elsewhere.seen == []


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "https://127.0.0.1", "http://192.0.2.1", "ftp://x.example"])
def test_a_provider_is_a_public_place_over_tls(settings: Any, url: str) -> None:
    settings.PROVIDER_CREDENTIALS, settings.PROVIDER_ALLOWED_NETWORKS = {"north": KEYS | {"url": url}}, []
    outside.client.cache_clear()
    with pytest.raises(ProviderUnavailable, match="NotPublic"):
        at_north().order([NUMBER], key="ny-1")


def test_without_its_keys_nothing_is_asked(relay: Relay, settings: Any) -> None:
    settings.PROVIDER_CREDENTIALS = {"north": {"url": relay.origin, "account_sid": KEYS["account_sid"]}}
    north = at_north()
    with pytest.raises(ProviderUnavailable, match="PROVIDER_CREDENTIALS"):
        north.order([NUMBER], key="ny-1")
    assert relay.seen == []
    assert north.verify_callback({"X-Twilio-Signature": "x"}, b"") is None


def test_an_api_key_signs_in_the_place_of_the_account(relay: Relay, settings: Any) -> None:
    settings.PROVIDER_CREDENTIALS["north"] |= {"api_key_sid": "SK1", "api_key_secret": "x"}
    relay.answer("GET", 200, owned())
    assert list(at_north().holdings()) == []
    [(_, path, headers)] = relay.seen
    assert headers["Authorization"] == "Basic " + b64encode(b"SK1:x").decode()
    assert path.startswith(f"/2010-04-01/Accounts/{KEYS['account_sid']}/")


def test_a_signed_callback_names_its_order(north: ProviderAdapter) -> None:
    form = {"FriendlyName": "ny-1", "PhoneNumber": "+14155550123"}
    url, body = "https://numbers.example/inventory/v1/ProviderCallbacks/north", urlencode(form).encode()
    signature = RequestValidator(SECRET).compute_signature(url, form)
    assert north.verify_callback({"X-Twilio-Signature": signature}, body) == "ny-1"
    assert north.verify_callback({"x-twilio-signature": signature}, body) == "ny-1"
    assert north.verify_callback({"X-Twilio-Signature": signature}, body + b"&a=b") is None
    assert north.verify_callback({"X-Twilio-Signature": "é"}, body) is None
    assert north.verify_callback({}, body) is None
    assert north.verify_callback({"X-Twilio-Signature": signature}, b"\xff" * 9) is None
