"""Holding numbers over HTTP: our extension."""

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.db.models import F

from inventory.lifecycle import State
from inventory.models import Reservation
from tests.api.conftest import Caller
from tests.api.test_incoming import NUMBERS, bought, refused
from tests.factories import DidFactory, NumberFactory

pytestmark = pytest.mark.django_db

RESERVATIONS = "/inventory/v1/Reservations"


def test_held_numbers_are_the_holders_to_buy(ada: Caller, mallory: Caller) -> None:
    numbers = NumberFactory.create_batch(3)
    answer = ada.post(RESERVATIONS, {"PhoneNumber": [str(number) for number in numbers]})
    assert answer.status_code == 201, answer.content
    reservation = answer.json()
    assert (reservation["status"], reservation["account_sid"]) == ("active", ada.sid)
    assert {row["phone_number"] for row in reservation["phone_numbers"]} == {str(number) for number in numbers}
    refused(mallory.post(mallory.of(NUMBERS), {"PhoneNumber": str(numbers[0])}), 21422)
    bought(ada, numbers[0])
    after = ada.get(reservation["url"]).json()
    assert sorted(row["status"] for row in after["phone_numbers"]) == ["bought", "held", "held"]


def test_all_or_none_and_the_answer_names_what_is_missing(ada: Caller) -> None:
    free, taken = NumberFactory.create(), DidFactory.create().number
    answer = ada.post(RESERVATIONS, {"PhoneNumber": [str(free), str(taken), "+14155559999"]})
    refused(answer, 21422)
    assert answer.json()["details"] == {"unavailable": sorted([str(taken), "+14155559999"])}
    free.refresh_from_db()
    assert free.state == State.AVAILABLE


def test_a_reservation_is_extended_to_two_hours_at_most(ada: Caller) -> None:
    url = ada.post(RESERVATIONS, {"PhoneNumber": str(NumberFactory.create()), "ExpiresIn": "60"}).json()["url"]
    before = ada.get(url).json()["date_expires"]
    assert ada.post(url, {"ExpiresIn": "7000"}).json()["date_expires"] > before
    refused(ada.post(url, {"ExpiresIn": "7201"}), 20001)
    refused(ada.post(RESERVATIONS, {"PhoneNumber": str(NumberFactory.create()), "ExpiresIn": "59"}), 20001)


def test_a_number_is_not_held_for_ever_by_one_account(ada: Caller, mallory: Caller) -> None:
    number = NumberFactory.create()
    url = ada.post(RESERVATIONS, {"PhoneNumber": str(number), "ExpiresIn": "7200"}).json()["url"]
    Reservation.objects.update(created_at=F("created_at") - timedelta(hours=1, minutes=50))
    ada.delete(url)
    answer = ada.post(RESERVATIONS, {"PhoneNumber": str(number)})
    refused(answer, 20409, 409)
    assert answer.json()["details"] == {"held_too_long": [str(number)]}
    assert mallory.post(RESERVATIONS, {"PhoneNumber": str(number)}).status_code == 201


def test_a_released_reservation_puts_its_numbers_back(ada: Caller, mallory: Caller) -> None:
    number = NumberFactory.create()
    url = ada.post(RESERVATIONS, {"PhoneNumber": str(number)}).json()["url"]
    refused(mallory.delete(url), 20404, 404)
    assert ada.delete(url).status_code == 204
    assert ada.delete(url).status_code == 204
    assert ada.get(url).json()["status"] == "released"
    refused(ada.post(url), 20409, 409)
    bought(mallory, number)


def test_a_hundred_numbers_and_no_more(ada: Caller) -> None:
    numbers = [str(number) for number in NumberFactory.create_batch(101)]
    refused(ada.post(RESERVATIONS, {"PhoneNumber": numbers}), 20001)
    assert ada.post(RESERVATIONS, {"PhoneNumber": numbers[:100]}).status_code == 201
    refused(ada.post(RESERVATIONS), 21421)
    refused(ada.post(RESERVATIONS, {"PhoneNumber": "12"}), 21421)


def test_the_list_is_paged_with_absolute_urls_on_our_origin_whatever_host_is_named(
    ada: Caller, mallory: Caller, settings: LazySettings
) -> None:
    settings.PUBLIC_URL = "https://numbers.example"
    for number in NumberFactory.create_batch(3):
        made = ada.post(RESERVATIONS, {"PhoneNumber": str(number)}).json()
        assert made["url"] == f"https://numbers.example/inventory/v1/Reservations/{made['sid']}"
    page = ada.get(RESERVATIONS, {"PageSize": "2"}).json()
    assert page["meta"]["key"] == "reservations"
    assert page["meta"]["url"] == "https://numbers.example/inventory/v1/Reservations?PageSize=2"
    for url in (page["meta"]["first_page_url"], page["meta"]["next_page_url"]):
        assert url.startswith("https://numbers.example/inventory/v1/Reservations?")
    assert len(ada.get(page["meta"]["next_page_url"]).json()["reservations"]) == 1
    assert mallory.get(RESERVATIONS).json()["reservations"] == []
