"""Reservations at the counter: proof that a number is for sale, without an order."""

from __future__ import annotations

from typing import Any

import httpx

from tests.sandbox.conftest import Client

PATH = "/carriers/tern/v1/reservations"


def reserve(http: Client, *numbers: str) -> dict[str, Any]:
    return dict(http.post(PATH, json={"numbers": list(numbers)}).raise_for_status().json())


def said(document: dict[str, Any]) -> list[tuple[str, str | None]]:
    return [(line["state"], line["reason"]) for line in document["numbers"]]


def give_back(http: Client, document: dict[str, Any], carrier: str = "tern") -> httpx.Response:
    return http.delete(f"/carriers/{carrier}/v1/reservations/{document['id']}")


def test_a_number_is_reserved_once_at_a_time_and_stays_listed(http: Client) -> None:
    number = http.offers(limit=1)[0]
    first = reserve(http, number)
    assert said(first) == [("reserved", None)]
    assert said(reserve(http, number)) == [("refused", "already_reserved")]
    assert number in http.offers(limit=1)
    assert give_back(http, first, carrier="petrel").status_code == 204, "not theirs: nothing happens"
    assert said(reserve(http, number)) == [("refused", "already_reserved")]
    assert [give_back(http, first).status_code for _ in range(2)] == [204, 204]
    again = reserve(http, number)
    assert said(again) == [("reserved", None)]
    give_back(http, again)


def test_what_a_stale_list_offers_is_not_reserved(http: Client) -> None:
    lie, truth = http.offers(limit=2)
    http.force("stale_offer", key=lie)
    found = reserve(http, lie, truth)
    assert said(found) == [("refused", "no_longer_available"), ("reserved", None)]
    give_back(http, found)


def test_what_nobody_sells_is_not_reserved(http: Client) -> None:
    assert said(reserve(http, "+442079460001")) == [("refused", "unknown_number")], "another carrier's"
    assert http.post(PATH, json={"numbers": []}).status_code == 400
    assert http.post(PATH, json={"numbers": ["14155550123"]}).status_code == 400
