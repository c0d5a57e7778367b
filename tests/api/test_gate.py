"""The gate as customers meet it, with twilio-python: everything that is missing at once, then the number."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer
from twilio.base.exceptions import TwilioRestException  # type: ignore[import-untyped]  # it ships no types
from twilio.rest import Client  # type: ignore[import-untyped]  # as above

from accounts.models import Account
from compliance.models import Address, Bundle, NumberTypeRule
from inventory.models import PhoneNumber
from numbering import places
from numbering.models import Place, PlacePrefix
from numbering.recent import forget_everything
from tests.api.conftest import Caller
from tests.compliance.test_lock_order import waiting
from tests.factories import (
    AccountFactory,
    AddressFactory,
    BundleFactory,
    DocumentFactory,
    NumberFactory,
    RegulationFactory,
    loaded,
)
from tests.patience import eventually

pytestmark = pytest.mark.django_db(transaction=True)

BERLIN = {"e164": 493012345678, "country": "DE", "number_type": "local", "area_code": "30"}
CORK = {"e164": 353214567890, "country": "IE", "number_type": "local", "area_code": "21"}
GB_MOBILE = {"e164": 447400123456, "country": "GB", "number_type": "mobile"}
PROOF = {"DE": "commercial_registrar_excerpt", "GB": "business_address", "IE": "business_address"}


@pytest.fixture
def customer(transactional_db: None) -> Account:
    row: Account = AccountFactory.create(friendly_name="Ada")
    return row


@pytest.fixture
def client(live_server: LiveServer, customer: Account) -> Client:
    client = Client(customer.sid, customer.auth_token)
    client.api.base_url = live_server.url
    return client


@pytest.fixture(autouse=True)
def _the_law(transactional_db: None) -> None:
    loaded("DE", "GB", "IE")
    for prefix, town, country in ((4930, "Berlin", "DE"), (35321, "Cork", "IE")):
        place = Place.objects.create(
            id=prefix,
            country=country,
            name=town,
            normalised_name=town.lower(),
            granularity="locality",
            source="libphonenumber",
        )
        PlacePrefix.objects.create(prefix=prefix, country=country, place=place)
    places.forget_prefixes()
    forget_everything()


def number(kind: dict[str, Any]) -> PhoneNumber:
    row: PhoneNumber = NumberFactory.create(**kind)
    return row


def papers(account: Account, kind: dict[str, Any], **parts: str) -> tuple[Address, Bundle]:
    """An address, and an approved bundle with a paper that shows it."""
    country = kind["country"]
    address = AddressFactory.create(account=account, **parts)
    paper = DocumentFactory.create(account=account, type=PROOF[country], addresses=[address])
    regulation = RegulationFactory.create(country=country, number_type=kind["number_type"])
    return address, BundleFactory.create(account=account, regulation=regulation, items=[paper], approved=True)


def unmet(refused: pytest.ExceptionInfo[TwilioRestException]) -> list[int]:
    assert refused.value.status == 400
    codes = [each["code"] for each in refused.value.details["unmet"]]
    assert refused.value.code == codes[0]
    return codes


def test_a_german_number_of_a_business(client: Client, customer: Account) -> None:
    wanted = str(number(BERLIN))
    (row,) = client.available_phone_numbers("DE").local.list()
    assert row.address_requirements == "local"
    with pytest.raises(TwilioRestException) as refused:
        client.incoming_phone_numbers.create(phone_number=wanted)
    assert unmet(refused) == [21631, 21649]
    first, second = refused.value.details["unmet"]
    assert first["message"] == "Phone Number Requires an Address but the 'AddressSid' parameter was empty."
    assert first["address_must_lie_in"] == {"scope": "area_code", "country": "DE", "towns": ["Berlin"]}
    assert second["message"] == "Bundle required and not provided for country: [DE] and numberType: [LOCAL]"
    assert [each["available"] for each in second["regulations"]] == ["yes", "no"]  # business, individual
    address, bundle = papers(customer, BERLIN)
    bought = client.incoming_phone_numbers.create(phone_number=wanted, address_sid=address.sid, bundle_sid=bundle.sid)
    assert (bought.address_sid, bought.bundle_sid) == (address.sid, bundle.sid)
    for cleared, codes in (({"bundle_sid": ""}, [21649]), ({"address_sid": "", "bundle_sid": ""}, [21631, 21649])):
        with pytest.raises(TwilioRestException) as refused:
            client.incoming_phone_numbers(bought.sid).update(**cleared)
        assert unmet(refused) == codes


def test_a_british_mobile_number(client: Client, customer: Account) -> None:
    wanted = str(number(GB_MOBILE))
    address, bundle = papers(customer, GB_MOBILE, city="London", postal_code="SW1A 2AA", iso_country="GB")
    draft = BundleFactory.create(account=customer, regulation=bundle.regulation, items=[])
    with pytest.raises(TwilioRestException) as refused:
        client.incoming_phone_numbers.create(phone_number=wanted, address_sid=address.sid, bundle_sid=draft.sid)
    assert unmet(refused) == [21649, 21651]
    assert refused.value.msg.endswith(f"Bundle [{draft.sid}] status is not twilio-approved")
    assert client.incoming_phone_numbers.create(phone_number=wanted, address_sid=address.sid, bundle_sid=bundle.sid).sid


def test_an_irish_number_for_an_address_in_another_town(client: Client, customer: Account) -> None:
    wanted = str(number(CORK))
    irish = {"street": "1 Main Street", "postal_code": "T12 X8N6", "iso_country": "IE"}
    address, bundle = papers(customer, CORK, city="Dublin", **irish)
    with pytest.raises(TwilioRestException) as refused:
        client.incoming_phone_numbers.create(phone_number=wanted, address_sid=address.sid, bundle_sid=bundle.sid)
    assert unmet(refused) == [21615]
    assert "No valid address created for: Cork" in refused.value.msg
    address, bundle = papers(customer, CORK, city="Cork", **irish)
    assert client.incoming_phone_numbers.create(phone_number=wanted, address_sid=address.sid, bundle_sid=bundle.sid).sid


def test_a_number_goes_to_a_subaccount_with_that_ones_papers(client: Client, customer: Account) -> None:
    wanted, (address, bundle) = str(number(BERLIN)), papers(customer, BERLIN)
    mine = {"address_sid": address.sid, "bundle_sid": bundle.sid}
    bought = client.incoming_phone_numbers.create(phone_number=wanted, **mine)
    child = AccountFactory.create(parent=customer)
    for given in ({}, mine):
        with pytest.raises(TwilioRestException) as refused:
            client.incoming_phone_numbers(bought.sid).update(account_sid=child.sid, **given)
        assert unmet(refused) == [21631, 21649]
    address, bundle = papers(child, BERLIN)
    moved = client.incoming_phone_numbers(bought.sid).update(
        account_sid=child.sid, address_sid=address.sid, bundle_sid=bundle.sid
    )
    assert (moved.account_sid, moved.bundle_sid) == (child.sid, bundle.sid)


def bought(customer: Account, **form: str) -> Any:
    """The answer to a purchase over HTTP, in a thread with a connection of its own."""
    caller = Caller(customer.sid, customer.auth_token)
    try:
        return caller.post(caller.of("IncomingPhoneNumbers.json"), form)
    finally:
        connection.close()


def bought_while(meanwhile: Callable[[], object], customer: Account, **form: str) -> Any:
    """What a trial account is told whose purchase stops between the gate's answer and the number's row.

    There it asks for the account's own row, which we hold until `meanwhile` has happened.
    """
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            Account.objects.select_for_update(no_key=True).get(pk=customer.pk)
            buying = pool.submit(partial(bought, customer, **form))
            eventually(lambda: waiting() or buying.done())
            meanwhile()
        return buying.result().json()


def test_a_rule_that_comes_between_the_gates_answer_and_the_purchase_is_what_the_gate_says_of_it() -> None:
    customer, wanted = AccountFactory.create(is_trial=True), NumberFactory.create()

    def rule() -> None:
        kind = {"country": wanted.country, "number_type": wanted.number_type, "valid_from": timezone.now().date()}
        NumberTypeRule.objects.create(**kind, address_requirement="none", confidence="documented", enforced=True)

    refusal = bought_while(rule, customer, PhoneNumber=str(wanted))
    assert (refusal["status"], refusal["code"]) == (400, 21649)
    assert [each["code"] for each in refusal["details"]["unmet"]] == [21649]


def test_an_approval_that_runs_out_between_the_gates_answer_and_the_purchase_is_what_the_gate_says_of_it() -> None:
    customer, wanted = AccountFactory.create(is_trial=True), number(GB_MOBILE)
    address, bundle = papers(customer, GB_MOBILE, city="London", postal_code="SW1A 2AA", iso_country="GB")
    end = bundle.valid_until = timezone.now() + timedelta(seconds=2)
    bundle.save(update_fields=["valid_until"])
    refusal = bought_while(
        lambda: eventually(lambda: timezone.now() > end),
        customer,
        PhoneNumber=str(wanted),
        AddressSid=address.sid,
        BundleSid=bundle.sid,
    )
    assert (refusal["status"], refusal["code"]) == (400, 21649)
    assert "has run out" in refusal["message"]
