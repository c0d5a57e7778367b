"""What a status code, a silence or garbage means: nothing happened, it won't, or nobody knows.

The answers come from a small server of our own, since a carrier that behaves can't give them.
"""

import dataclasses
import hashlib
import hmac
import http.server
import json
import threading
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, ClassVar

import httpx
import pytest

from inventory.models import Provider
from inventory.providers.base import (
    CivicAddress,
    EmergencyAddresses,
    OfferVerification,
    ProviderAdapter,
    ProviderRefused,
    ProviderUnavailable,
    ProviderUncertain,
    Wanted,
    WholeCatalogue,
)
from inventory.providers.registry import adapter_of
from inventory.providers.sandbox import adapter, wire
from numbering.e164 import E164
from numbering.types import NumberType
from tests.inventory.providers.test_sandbox_reading import OFFER, ORDER
from tests.patience import PATIENCE

NUMBER = E164.parse("+14155550123")
WANTED = Wanted("US", NumberType.LOCAL)


class Script(http.server.BaseHTTPRequestHandler):
    """Answers every request with the next prepared answer, and keeps the last one for ever."""

    answers: ClassVar[list[tuple[int, bytes, dict[str, str]] | None]] = []
    over: ClassVar[threading.Event]

    def do_GET(self) -> None:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if answer is None:
            self.over.wait(PATIENCE)
            return
        status, body, headers = answer
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_PUT = do_DELETE = do_GET

    def log_message(self, *args: Any) -> None:
        """Nothing."""


@pytest.fixture
def carrier(settings: Any) -> Iterator[ProviderAdapter]:
    Script.over = threading.Event()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Script)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.SANDBOX_URL = f"http://127.0.0.1:{server.server_address[1]}"
    yield adapter_of(Provider(slug="tern", adapter="sandbox"))
    Script.over.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing but silence is waited for by those who ask for this."""
    monkeypatch.setattr(wire, "TIMEOUT", httpx.Timeout(0.3))


def answer(status: int, document: Any = None, **headers: str) -> None:
    """Prepare one answer; bytes go out as they are."""
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    Script.answers = [(status, body, {name.replace("_", "-"): value for name, value in headers.items()})]


@pytest.mark.parametrize(
    ("status", "failure"),
    [
        (400, ProviderRefused),
        (404, ProviderUnavailable),
        (409, ProviderRefused),
        (401, ProviderUnavailable),
        (429, ProviderUnavailable),
        (503, ProviderUnavailable),
        (500, ProviderUncertain),
        (502, ProviderUncertain),
        (504, ProviderUncertain),
        (302, ProviderUncertain),
    ],
)
def test_what_a_status_says_of_an_order(carrier: ProviderAdapter, status: int, failure: type[Exception]) -> None:
    answer(status, {"error": {"code": "because", "message": "so"}})
    with pytest.raises(failure, match=str(status)):
        carrier.order([NUMBER], key="ny-1")


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503])
def test_a_question_without_an_answer_is_only_asked_again(carrier: ProviderAdapter, status: int) -> None:
    answer(status, b"<html>")
    with pytest.raises(ProviderUnavailable):
        carrier.order_status("ny-1")


def test_the_wish_of_a_busy_provider_is_passed_on(carrier: ProviderAdapter) -> None:
    answer(429, {}, Retry_After="17")
    with pytest.raises(ProviderUnavailable) as refusal:
        carrier.order([NUMBER], key="ny-1")
    assert refusal.value.retry_after == 17


@pytest.mark.parametrize("wish", ["soon", "-3", "1" * 400, "²"])
def test_an_unreadable_wish_is_none(carrier: ProviderAdapter, wish: str) -> None:
    answer(503, {}, Retry_After=wish.encode("latin-1", "replace").decode("latin-1"))
    with pytest.raises(ProviderUnavailable) as refusal:
        carrier.order([NUMBER], key="ny-1")
    assert refusal.value.retry_after is None


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"[" * 100_000, b"\xff\xfe", b'{"id": 7}'])
def test_garbage_after_an_order_leaves_it_uncertain(carrier: ProviderAdapter, body: bytes) -> None:
    answer(202, body)
    with pytest.raises(ProviderUncertain):
        carrier.order([NUMBER], key="ny-1")


def test_an_answer_about_another_order_leaves_ours_uncertain(carrier: ProviderAdapter) -> None:
    answer(202, ORDER)
    with pytest.raises(ProviderUncertain, match="ny-2"):
        carrier.order([NUMBER], key="ny-2")


@pytest.mark.usefixtures("_impatient")
def test_silence_after_an_order_leaves_it_uncertain(carrier: ProviderAdapter) -> None:
    Script.answers = [None]
    with pytest.raises(ProviderUncertain, match="ReadTimeout"):
        carrier.order([NUMBER], key="ny-1")


@pytest.mark.usefixtures("_impatient")
def test_silence_after_a_question_does_not(carrier: ProviderAdapter) -> None:
    Script.answers = [None]
    with pytest.raises(ProviderUnavailable, match="ReadTimeout"):
        carrier.order_status("ny-1")


def test_nobody_there_means_that_nothing_happened(settings: Any) -> None:
    settings.SANDBOX_URL = "http://127.0.0.1:9"
    with pytest.raises(ProviderUnavailable, match="ConnectError"):
        adapter_of(Provider(slug="tern", adapter="sandbox")).order([NUMBER], key="ny-1")


def test_an_unknown_key_is_no_order(carrier: ProviderAdapter) -> None:
    answer(200, {"orders": []})
    assert carrier.order_status("ny-1") is None


def test_unsound_offers_are_left_out(carrier: ProviderAdapter) -> None:
    answer(200, {"offers": [OFFER | {"number": "none"}, OFFER, None], "next_cursor": None})
    assert [offer.number for offer in carrier.offers(WANTED)] == [NUMBER]


def test_offers_are_read_page_by_page(carrier: ProviderAdapter) -> None:
    answer(200, {"offers": [OFFER], "next_cursor": "1"})
    first = Script.answers[0]
    answer(200, {"offers": [OFFER | {"number": "+14155550124"}], "next_cursor": None})
    Script.answers.insert(0, first)
    assert [offer.number.digits for offer in carrier.offers(WANTED)] == [14155550123, 14155550124]


def endless(field: str, element: Any, cursors: Iterable[str]) -> None:
    """Prepare a page for each cursor of the next."""
    pages = [json.dumps({field: [element], "next_cursor": cursor}).encode() for cursor in cursors]
    Script.answers = [(200, page, {}) for page in pages]


CIRCLES = [("1", "1", "1"), ("1", "2", "1", "2", "1", "2")]


@pytest.mark.parametrize("cursors", CIRCLES)
def test_offers_that_go_round_in_circles_are_read_once(carrier: ProviderAdapter, cursors: tuple[str, ...]) -> None:
    endless("offers", OFFER, cursors)
    assert len(list(islice(carrier.offers(WANTED), 10))) == 1 + len(set(cursors))


def test_offers_without_end_are_read_so_far(carrier: ProviderAdapter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "MOST_PAGES", 5)
    endless("offers", OFFER, map(str, range(1, 20)))
    assert len(list(carrier.offers(WANTED))) == 5


@pytest.mark.parametrize("cursors", [*CIRCLES, tuple(map(str, range(1, 20)))])
def test_a_bill_without_end_is_no_bill(
    carrier: ProviderAdapter, monkeypatch: pytest.MonkeyPatch, cursors: tuple[str, ...]
) -> None:
    monkeypatch.setattr(adapter, "MOST_PAGES", 5)
    endless("numbers", {"number": "+14155550123"}, cursors)
    with pytest.raises(ProviderUnavailable, match="no end"):
        list(islice(carrier.holdings(), 10))


@pytest.mark.parametrize("cursors", CIRCLES)
def test_a_catalogue_that_goes_round_in_circles_is_not_whole(
    carrier: ProviderAdapter, cursors: tuple[str, ...]
) -> None:
    endless("offers", OFFER, cursors)
    assert isinstance(carrier, WholeCatalogue)
    with pytest.raises(ProviderUnavailable, match="no end"):
        list(islice(carrier.all_offers(WANTED), 10))


LINE = {"number": str(NUMBER), "state": "reserved", "reason": None}
NO_RESERVATIONS = [
    (503, {}),
    (400, {}),
    (500, {}),
    (201, []),
    (201, {"id": "", "numbers": []}),
    (201, {"id": "res_1", "numbers": [{**LINE, "state": "perhaps"}]}),
    (201, {"id": "res_1", "numbers": [{**LINE, "number": "14155550123"}]}),
]


@pytest.mark.parametrize(("status", "document"), NO_RESERVATIONS)
def test_a_verification_without_a_readable_answer_says_nothing(
    carrier: ProviderAdapter, status: int, document: Any
) -> None:
    answer(status, document)
    assert isinstance(carrier, OfferVerification)
    with pytest.raises(ProviderUnavailable):
        carrier.verify([NUMBER])


def test_what_is_reserved_is_for_sale(carrier: ProviderAdapter) -> None:
    other = {"number": "+14155550124", "state": "refused", "reason": "no_longer_available"}
    answer(201, {"id": "res_1", "numbers": [LINE, other]})
    assert isinstance(carrier, OfferVerification)
    assert carrier.verify([NUMBER, E164.parse("+14155550124")]) == {NUMBER}


@pytest.mark.parametrize("document", [[], {"offers": 7}, {"offers": [], "next_cursor": 7}, b"no"])
def test_a_list_that_is_none_is_unavailable(carrier: ProviderAdapter, document: Any) -> None:
    answer(200, document)
    with pytest.raises(ProviderUnavailable):
        list(carrier.offers(WANTED))


@pytest.mark.parametrize(("state", "held"), [("held", True), ("releasing", True), ("released", False)])
def test_we_are_billed_until_a_number_is_released(carrier: ProviderAdapter, state: str, held: bool) -> None:
    answer(200, {"number": str(NUMBER), "state": state})
    assert carrier.holding(NUMBER) is held


def test_an_unknown_number_is_not_billed(carrier: ProviderAdapter) -> None:
    answer(404, {"error": {"code": "unknown_number", "message": "never"}})
    assert not carrier.holding(NUMBER)
    with pytest.raises(ProviderRefused, match="unknown_number"):
        carrier.release(NUMBER, key="ny-1")


@pytest.mark.parametrize("document", [{}, {"error": {"code": "unknown_carrier", "message": "m"}}, b"<html>", []])
def test_a_404_of_a_wrong_address_says_nothing_of_the_number(carrier: ProviderAdapter, document: Any) -> None:
    answer(404, document)
    with pytest.raises(ProviderUnavailable):
        carrier.holding(NUMBER)
    with pytest.raises(ProviderUnavailable):
        carrier.release(NUMBER, key="ny-1")


def test_an_unknown_state_of_a_number_proves_nothing(carrier: ProviderAdapter) -> None:
    answer(200, {"state": "gone"})
    with pytest.raises(ProviderUnavailable):
        carrier.holding(NUMBER)


def test_a_genuine_callback_names_its_order(carrier: ProviderAdapter, settings: Any) -> None:
    body = json.dumps(ORDER).encode()
    signature = hmac.new(settings.SANDBOX_API_KEY.encode(), body, hashlib.sha256).hexdigest()
    assert carrier.verify_callback({"X-Sandbox-Signature": signature}, body) == "ny-1"
    assert carrier.verify_callback({"x-sandbox-signature": signature}, body) == "ny-1"
    assert carrier.verify_callback({"X-Sandbox-Signature": signature}, body + b" ") is None
    assert carrier.verify_callback({"X-Sandbox-Signature": "é"}, body) is None
    assert carrier.verify_callback({}, body) is None


@pytest.mark.parametrize("body", [b"", b"[]", b'{"id": 7}', b"[" * 100_000])
def test_a_signed_callback_that_cannot_be_read_names_nothing(
    carrier: ProviderAdapter, settings: Any, body: bytes
) -> None:
    signature = hmac.new(settings.SANDBOX_API_KEY.encode(), body, hashlib.sha256).hexdigest()
    assert carrier.verify_callback({"X-Sandbox-Signature": signature}, body) is None


ADDRESS = CivicAddress("1 Market Street", "San Francisco", "94105", "US", unit="Floor 3", region="CA")


@pytest.fixture
def addresses(carrier: ProviderAdapter) -> EmergencyAddresses:
    assert isinstance(carrier, EmergencyAddresses)
    return carrier


def test_a_registered_address_is_read_back(addresses: EmergencyAddresses) -> None:
    answer(200, dataclasses.asdict(ADDRESS))
    assert addresses.emergency_address(NUMBER) == ADDRESS
    addresses.register_emergency_address(NUMBER, ADDRESS)
    answer(204, b"")
    addresses.withdraw_emergency_address(NUMBER)


def test_only_a_plain_no_means_that_no_address_is_registered(addresses: EmergencyAddresses) -> None:
    answer(404, {"error": {"code": "no_emergency_address", "message": "none"}})
    assert addresses.emergency_address(NUMBER) is None
    for status, document in (
        (404, b"<html>"),
        (200, {"street": "x"}),
        (200, {**dataclasses.asdict(ADDRESS), "unit": 3}),
    ):
        answer(status, document)
        with pytest.raises(ProviderUnavailable):
            addresses.emergency_address(NUMBER)


@pytest.mark.parametrize(("status", "failure"), [(400, ProviderRefused), (503, ProviderUnavailable)])
def test_a_refusal_to_register_says_why(addresses: EmergencyAddresses, status: int, failure: type[Exception]) -> None:
    answer(status, {"error": {"code": "because", "message": "so"}})
    with pytest.raises(failure, match="because"):
        addresses.register_emergency_address(NUMBER, ADDRESS)
    with pytest.raises(failure, match="because"):
        addresses.withdraw_emergency_address(NUMBER)
