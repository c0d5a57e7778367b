"""The service for emergency test calls: whom it tells what, and that registered addresses are looked after."""

from __future__ import annotations

import httpx
import pytest

from tests.carrier import RunningCarrier
from tests.sandbox.conftest import Client, client_of
from tests.sandbox.phone import Invitation, Letter, Phone

ADDRESS = {
    "street": "1 Market Street", "unit": "Floor 3", "locality": "San Francisco", "region": "CA", "postal_code": "94105",
    "country": "US",
}  # fmt: skip
ONE_LINE = "1 Market Street, Floor 3, San Francisco, CA, 94105, US"
URN = "urn:service:test.sos"


def address_of(http: Client, number: str) -> httpx.Response:
    return http.get(f"/carriers/tern/v1/numbers/{number}/emergency-address")


def register(http: Client, number: str, **other: object) -> httpx.Response:
    return http.put(f"/carriers/tern/v1/numbers/{number}/emergency-address", json=ADDRESS | other)


def dial(phone: Phone, carrier: RunningCarrier, caller: str, uri: str = URN) -> tuple[Invitation, Letter]:
    call = Invitation(phone, carrier.sip_address, "933", caller, "")
    phone.send(call.request("INVITE", 1, body=phone.description(), uri=uri), carrier.sip_address)
    final = call.final()
    call.acknowledge(final)
    return call, final


@pytest.mark.parametrize("uri", [URN, "urn:service:TEST.sos", "sip:933;phone-context=+1@sandbox;user=phone"])
def test_the_registered_address_is_told_and_the_call_may_be_hung_up(
    http: Client, carrier: RunningCarrier, phone: Phone, number: str, uri: str
) -> None:
    register(http, number).raise_for_status()
    call, final = dial(phone, carrier, number, uri)
    assert final.status == 200
    assert final.header("Content-Type").startswith("multipart/mixed")
    assert f"{URN}\r\n{ONE_LINE}\r\n" in final.body
    assert "m=audio" in final.body
    call.hang_up(final)
    assert call.final().status == 200


def test_a_number_without_an_address_and_a_stranger_get_404(
    http: Client, carrier: RunningCarrier, phone: Phone, number: str
) -> None:
    assert dial(phone, carrier, number)[1].status == 404
    assert dial(phone, carrier, "+14155550000")[1].status == 404


@pytest.mark.parametrize("live", ["urn:service:sos", "sip:911@sandbox", "sip:933@sandbox", "sip:112@sandbox"])
def test_there_is_no_way_to_live_services(
    http: Client, carrier: RunningCarrier, phone: Phone, number: str, live: str
) -> None:
    register(http, number).raise_for_status()
    assert dial(phone, carrier, number, live)[1].status == 404


@pytest.mark.parametrize(
    ("severity", "told"),
    [
        ("wrong_address", f"{URN}\r\n1 Main Street, Springfield, IL, 62701, US\r\n"),
        ("no_address", f"{URN}\r\n\r\n\r\n--"),
        ("without_unit", f"{URN}\r\n1 Market Street, San Francisco, CA, 94105, US\r\n"),
        ("announcement", "m=audio"),
    ],
)
def test_a_faulty_number_is_told_otherwise(
    carrier: RunningCarrier, phone: Phone, number: str, severity: str, told: str
) -> None:
    with client_of(carrier) as http:
        register(http, number).raise_for_status()
        http.give_fault(number, "emergency", severity)
    final = dial(phone, carrier, number)[1]
    assert final.status == 200
    assert told in final.body
    assert ONE_LINE not in final.body
    assert ("text/plain" in final.body) == (severity != "announcement")


@pytest.mark.parametrize(("severity", "status"), [("not_reached", 404), ("barred", 403)])
def test_a_faulty_number_may_not_get_through(
    carrier: RunningCarrier, phone: Phone, number: str, severity: str, status: int
) -> None:
    with client_of(carrier) as http:
        register(http, number).raise_for_status()
        http.give_fault(number, "emergency", severity)
    assert dial(phone, carrier, number)[1].status == status


def test_an_address_is_kept_replaced_and_withdrawn(http: Client, number: str) -> None:
    assert address_of(http, number).json()["error"]["code"] == "no_emergency_address"
    register(http, number).raise_for_status()
    assert address_of(http, number).json() == ADDRESS
    register(http, number, unit="").raise_for_status()
    assert address_of(http, number).json()["unit"] == ""
    path = f"/carriers/tern/v1/numbers/{number}/emergency-address"
    assert [http.delete(path).status_code for _ in range(2)] == [204, 204]
    assert address_of(http, number).status_code == 404


def test_a_released_number_has_no_address(http: Client, number: str) -> None:
    register(http, number).raise_for_status()
    http.post(f"/carriers/tern/v1/numbers/{number}/release", json={"client_reference": "r"}).raise_for_status()
    assert address_of(http, number).json()["error"]["code"] == "no_emergency_address"


@pytest.mark.parametrize(
    "other",
    [{"street": ""}, {"street": None}, {"street": 7}, {"unit": "a\r\nb"}, {"street": "x" * 101}, {"planet": "x"}],
)
def test_what_is_no_address_is_refused(http: Client, number: str, other: dict[str, object]) -> None:
    assert register(http, number, **other).json()["error"]["code"] == "invalid_address"


def test_only_who_holds_the_number_registers(http: Client, number: str) -> None:
    assert register(http, "+12015550100").json()["error"]["code"] == "unknown_number"
    path = f"/carriers/petrel/v1/numbers/{number}/emergency-address"
    assert http.put(path, json=ADDRESS).status_code == 404
