"""What each parameter finds, what is refused, and what a row says."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Account
from api.rendering import iso8601
from inventory.lifecycle import State
from inventory.models import PhoneNumber, Provider, Tariff
from inventory.search.terms import terms_of
from numbering.types import NumberType
from tests.api.available.window import BRITISH, FINDS, FINDS_BY_PASSPORT
from tests.api.conftest import Caller
from tests.api.test_incoming import bought, refused
from tests.factories import DidFactory, HoldFactory, NumberFactory, ProviderFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_window")]

US_LOCAL = "AvailablePhoneNumbers/US/Local.json"
ROW = {
    *("friendly_name", "phone_number", "lata", "locality", "rate_center", "latitude", "longitude", "region"),
    *("postal_code", "iso_country", "address_requirements", "beta", "capabilities"),
}
ENVELOPE = {
    *("end", "first_page_uri", "next_page_uri", "page", "page_size", "previous_page_uri", "start", "uri"),
    "available_phone_numbers",
}


def found(caller: Caller, path: str = US_LOCAL, **query: str) -> list[dict[str, Any]]:
    answer = caller.get(caller.of(path), query)
    assert answer.status_code == 200, answer.content
    rows: list[dict[str, Any]] = answer.json()["available_phone_numbers"]
    return rows


def last_digits(rows: list[dict[str, Any]]) -> list[int]:
    return sorted(int(row["phone_number"][-1]) for row in rows)


EVERYTHING = [*FINDS, *FINDS_BY_PASSPORT]


@pytest.mark.parametrize(("query", "digits"), EVERYTHING, ids=[str(query) for query, _ in EVERYTHING])
def test_each_parameter_finds_its_numbers(query: dict[str, str], digits: set[int], ada: Caller) -> None:
    assert last_digits(found(ada, **query)) == sorted(digits)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("AreaCode=abc", 21451),
        ("AreaCode=", 21451),
        ("AreaCode=41", 21451),
        ("AreaCode=4155", 21451),
        ("Contains=5", 20001),
        ("Contains=**", 20001),
        ("Contains=5%25%255", 20001),
        ("Contains=12345678901234567", 20001),
        ("SmsEnabled=yes", 20001),
        ("MmsEnabled=1", 20001),
        ("VoiceEnabled=", 20001),
        ("FaxEnabled=null", 20001),
        ("ExcludeAllAddressRequired=no", 20001),
        ("ExcludeLocalAddressRequired=no", 20001),
        ("ExcludeForeignAddressRequired=no", 20001),
        ("Beta=maybe", 20001),
        ("NearNumber=415", 20001),
        ("NearNumber=%2B0123456789", 20001),
        ("NearLatLong=37.8", 20001),
        ("NearLatLong=91,0", 20001),
        ("NearLatLong=0,181", 20001),
        ("NearLatLong=nan,nan", 20001),
        ("NearLatLong=0,0&Distance=501", 20001),
        ("NearLatLong=0,0&Distance=-1", 20001),
        ("NearLatLong=0,0&Distance=1.5", 20001),
        ("InPostalCode=", 20001),
        ("InRegion=", 20001),
        ("InLocality=%2B999999999", 20001),
        ("InLata=%00", 20001),
        ("InRateCenter=OKLD", 20001),
        ("PageSize=1001", 20007),
        ("PageSize=0", 20001),
        ("PageSize=many", 20001),
        ("Page=-1", 20001),
        ("PageToken=PT1", 21481),
    ],
)
def test_bad_values_are_refused_with_their_code(query: str, code: int, ada: Caller) -> None:
    refused(ada.get(f"{ada.of(US_LOCAL)}?{query}"), code)


def test_a_page_token_of_another_list_or_another_search_is_refused(ada: Caller) -> None:
    near = ada.get(ada.of(US_LOCAL), {"NearLatLong": "37.77,-122.42", "PageSize": "1"}).json()["next_page_uri"]
    token = near.split("PageToken=")[1]
    refused(ada.get(f"{ada.of(US_LOCAL)}?PageToken={token}"), 21481)
    refused(ada.get(f"{ada.of('AvailablePhoneNumbers/GB/Local.json')}?NearLatLong=0,0&PageToken={token}"), 21481)


def test_unknown_parameters_are_ignored(ada: Caller) -> None:
    assert len(found(ada, Colour="blue")) == 5


def test_a_country_that_is_not_sold_is_404_and_says_where_to_look(ada: Caller) -> None:
    for path in ("AvailablePhoneNumbers/FR.json", "AvailablePhoneNumbers/FR/Local.json"):
        answer = ada.get(ada.of(path))
        refused(answer, 20404, 404)
        assert answer.json()["message"] == "No numbers are sold in FR; AvailablePhoneNumbers.json lists the countries"


def test_a_type_that_is_not_sold_is_404_and_names_those_that_are(ada: Caller) -> None:
    answer = ada.get(ada.of("AvailablePhoneNumbers/US/Mobile.json"))
    refused(answer, 20404, 404)
    assert answer.json()["message"] == "Mobile numbers are not sold in US; sold are: Local"


def test_a_kind_that_has_just_come_is_sold_at_once(ada: Caller) -> None:
    assert ada.get(ada.of("AvailablePhoneNumbers/FR/Mobile.json")).status_code == 404
    NumberFactory.create(e164=33612345678, country="FR", number_type=NumberType.MOBILE)
    assert ada.get(ada.of("AvailablePhoneNumbers/FR/Mobile.json")).status_code == 200


@pytest.mark.parametrize("path", ["US/Pager.json", "USA.json", "USA/Local.json", "U1/Local.json"])
def test_what_is_no_country_or_type_at_all_is_404(path: str, ada: Caller) -> None:
    refused(ada.get(ada.of(f"AvailablePhoneNumbers/{path}")), 20404, 404)


def test_the_country_is_read_in_either_case(ada: Caller) -> None:
    assert {row["iso_country"] for row in found(ada, "AvailablePhoneNumbers/us/Local.json")} == {"US"}


def test_countries_page(ada: Caller) -> None:
    first = ada.get(ada.of("AvailablePhoneNumbers.json"), {"PageSize": "1"}).json()
    second = ada.get(first["next_page_uri"]).json()
    assert [each["country_code"] for page in (first, second) for each in page["countries"]] == ["GB", "US"]
    assert second["next_page_uri"] is first["previous_page_uri"] is None
    back = ada.get(second["previous_page_uri"]).json()
    assert (back["countries"], back["next_page_uri"]) == (first["countries"], first["next_page_uri"])
    assert (back["page"], back["previous_page_uri"]) == (0, None)


ASKED = {
    "address_requirement": "local",
    "bundle_required": False,
    "requirements_confirmed": False,
    "regulations": [],
}


def test_a_row_holds_what_the_contract_names_and_our_one_key(ada: Caller) -> None:
    number = PhoneNumber.objects.get(e164=14155550101)
    answer = ada.get(ada.of(US_LOCAL), {"Contains": "5550101"}).json()
    assert set(answer) == ENVELOPE
    row = answer["available_phone_numbers"][0]
    assert set(row) == ROW | {"numberyard"}
    assert row == {
        "friendly_name": "(415) 555-0101",
        "phone_number": "+14155550101",
        "lata": "722",
        "locality": "San Francisco",
        "rate_center": "SNFC",
        "latitude": "37.770000",
        "longitude": "-122.420000",
        "region": "CA",
        "postal_code": "94103",
        "iso_country": "US",
        "address_requirements": "local",
        "beta": False,
        "capabilities": {"voice": True, "SMS": True, "MMS": True, "fax": True},
        "numberyard": {
            **ASKED,
            "type": "local",
            "passport": {
                "capabilities": ["voice", "sms", "mms", "fax"],
                "tested_at": iso8601(number.tested_at),
                "expires_at": iso8601(number.passport_expires_at),
                "mos": 4.312,
                "post_dial_delay": 1.25,
                "url": "http://127.0.0.1:8000/lab/v1/Passports/+14155550101",
            },
        },
    }


def test_a_number_from_before_there_were_passports_has_none(ada: Caller) -> None:
    assert found(ada, Contains="12125550105")[0]["numberyard"] == {"type": "local", **ASKED}


@pytest.mark.parametrize(
    "query",
    [
        *({"TestedWithin": age} for age in ("0", "-1", "x", "P", "PT", "P0D", "3651", "9" * 11, "1.5", "P1Y", "PT1H2")),
        *({"MustPass": codes} for codes in ("", ",", "V99", "V01,X01", "V01;V02", "V1", "ALL", "\x00")),
    ],
    ids=str,
)
def test_ages_and_tests_that_cannot_be_read_are_refused(ada: Caller, query: dict[str, str]) -> None:
    refused(ada.get(ada.of(US_LOCAL), query), 20001)


def test_the_passport_stays_when_the_number_is_bought(ada: Caller) -> None:
    on_sale = found(ada, Contains="14155550101")[0]["numberyard"]["passport"]
    assert bought(ada, "+14155550101")["numberyard"]["passport"] == on_sale


def test_a_number_that_lies_nowhere_says_null(ada: Caller) -> None:
    row = found(ada, "AvailablePhoneNumbers/GB/Mobile.json")[0]
    nowhere = ("lata", "locality", "rate_center", "latitude", "longitude", "region", "postal_code")
    assert {row[key] for key in nowhere} == {None}


def test_the_price_is_the_provider_s_own_else_everybody_s(ada: Caller) -> None:
    def tariff(provider: Provider | None, monthly: str) -> None:
        Tariff.objects.create(
            country="US", number_type="local", provider=provider, setup_price=0, monthly_price=monthly, currency="USD"
        )

    dear = ProviderFactory.create()
    tariff(None, "1.00")
    tariff(dear, "9.50")
    PhoneNumber.objects.filter(e164=14155550101).update(provider=dear)
    prices = {row["phone_number"]: Decimal(row["numberyard"]["monthly_price"]) for row in found(ada, AreaCode="415")}
    assert prices == {"+14155550101": Decimal("9.5"), "+14155550102": Decimal(1)}
    owned = bought(ada, "+14155550101")["numberyard"]
    assert (
        owned.items()
        >= {"type": "local", "monthly_price": "9.5000", "setup_price": "0.0000", "currency": "USD"}.items()
    )


def test_an_owned_number_asks_for_the_same_address_as_one_on_sale(ada: Caller) -> None:
    for path, number in ((US_LOCAL, 14155550101), ("AvailablePhoneNumbers/GB/Voip.json", BRITISH[NumberType.VOIP])):
        on_sale = found(ada, path, Contains=str(number)[-8:])[0]["address_requirements"]
        assert bought(ada, f"+{number}")["address_requirements"] == on_sale
    assert terms_of("GB", "voip").address_requirement == on_sale == "any"  # nothing was read: better told than not


def test_held_sold_blocked_and_expired_numbers_are_not_shown(ada: Caller, account: Account) -> None:
    DidFactory.create(account=account)
    HoldFactory.create(reservation__account=account)
    NumberFactory.create(blocked=True)
    NumberFactory.create(passport_expires_at=timezone.now() - timedelta(seconds=1))
    for state in (State.QUARANTINED, State.SOURCED):
        NumberFactory.create(state=state)
    assert last_digits(found(ada)) == [1, 2, 3, 4, 5]


def test_another_account_s_hold_hides_the_number_until_it_ends(ada: Caller, mallory: Caller) -> None:
    held = mallory.post("/inventory/v1/Reservations", {"PhoneNumber": "+14155550101"})
    assert held.status_code == 201
    assert last_digits(found(ada, AreaCode="415")) == [2]
    mallory.delete(f"/inventory/v1/Reservations/{held.json()['sid']}")
    assert last_digits(found(ada, AreaCode="415")) == [1, 2]


def test_a_number_that_is_sold_between_two_pages_costs_no_other(ada: Caller, mallory: Caller) -> None:
    page = ada.get(ada.of(US_LOCAL), {"PageSize": "2"}).json()
    first = [row["phone_number"] for row in page["available_phone_numbers"]]
    bought(mallory, first[1])  # the very row that the token speaks of
    rest = ada.get(page["next_page_uri"].replace("PageSize=2", "PageSize=50")).json()["available_phone_numbers"]
    assert sorted([*last_digits(rest), *(int(number[-1]) for number in first)]) == [1, 2, 3, 4, 5]
