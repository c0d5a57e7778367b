"""A number of Berlin: refused until everything is there, bought, kept lawful, moved to a branch with cloned papers."""

from typing import Any

import pytest
from django.conf import LazySettings
from pytest_django.live_server_helper import LiveServer
from twilio.base.exceptions import TwilioRestException  # type: ignore[import-untyped]  # it ships no types
from twilio.rest import Client  # type: ignore[import-untyped]  # as above

from tests.api.journeys.conftest import Begin, Put, pointed_at
from tests.api.journeys.customers import CUSTOMERS, MUNICH
from tests.api.journeys.desk import Desk
from tests.api.journeys.program import Program
from tests.factories import NumberFactory

pytestmark = pytest.mark.django_db(transaction=True)

BERLIN = "+493012345678"


@pytest.fixture
def berlin(begin: Begin, place: Put) -> Program:
    """A customer in Berlin, and a number of that town on sale."""
    program = begin("DE")
    place("Berlin", 4930, "DE")
    NumberFactory.create(e164=int(BERLIN[1:]), country="DE", number_type="local", area_code="30")
    return program


def refusal(refused: pytest.ExceptionInfo[TwilioRestException]) -> tuple[int, list[int]]:
    """The code, and those of all that is unmet."""
    assert refused.value.status == 400
    return refused.value.code, [each["code"] for each in refused.value.details["unmet"]]


def test_from_the_first_refusal_to_a_number_in_a_branch(
    berlin: Program, desk: Desk, live_server: LiveServer, settings: LazySettings
) -> None:
    (offer,) = berlin.client.available_phone_numbers("DE").local.list()
    assert (offer.phone_number, offer.address_requirements) == (BERLIN, "local")
    numbers, lives = berlin.client.incoming_phone_numbers, berlin.address
    with pytest.raises(TwilioRestException) as refused:
        numbers.create(phone_number=BERLIN)
    assert refusal(refused) == (21631, [21631, 21649])
    told = refused.value.details["unmet"]
    assert told[0]["address_must_lie_in"] == {"scope": "area_code", "country": "DE", "towns": ["Berlin"]}
    business = next(each for each in told[1]["regulations"] if each["end_user_type"] == "business")
    regulation = berlin.papers.regulations(business["sid"]).fetch()

    bundle = berlin.filled(regulation)
    for hand_in in (lambda: None, lambda: berlin.submit(bundle)):
        hand_in()
        with pytest.raises(TwilioRestException) as refused:
            numbers.create(phone_number=BERLIN, address_sid=lives, bundle_sid=bundle.sid)
        assert refusal(refused) == (21649, [21649])
        assert f"Bundle [{bundle.sid}] status is not twilio-approved" in refused.value.msg
    desk.approve(bundle.sid)

    elsewhere = berlin.client.addresses.create(**MUNICH)
    with pytest.raises(TwilioRestException) as refused:
        numbers.create(phone_number=BERLIN, address_sid=elsewhere.sid, bundle_sid=bundle.sid)
    assert refusal(refused) == (21615, [21615, 21651])
    assert "Berlin" in refused.value.msg

    bought = numbers.create(phone_number=BERLIN, address_sid=lives, bundle_sid=bundle.sid)
    assert (bought.status, bought.address_sid, bought.bundle_sid) == ("in-use", lives, bundle.sid)
    _stays_lawful(berlin, bought)
    _moves_to_a_branch(berlin, bought, bundle, live_server.url, settings)


def _stays_lawful(program: Program, bought: Any) -> None:
    number = program.client.incoming_phone_numbers(bought.sid)
    for cleared, code in (({"bundle_sid": ""}, 21649), ({"address_sid": ""}, 21631)):
        with pytest.raises(TwilioRestException) as refused:
            number.update(**cleared)
        assert refusal(refused) == (code, [code])
    assert number.update(friendly_name="Front desk").bundle_sid == bought.bundle_sid
    (dependent,) = program.client.addresses(bought.address_sid).dependent_phone_numbers.list()
    assert dependent.phone_number == BERLIN
    for held, code in ((program.client.addresses(bought.address_sid), 21630), (_bundle(program, bought), 21648)):
        with pytest.raises(TwilioRestException) as refused:
            held.delete()
        assert refused.value.code == code


def _bundle(program: Program, bought: Any) -> Any:
    return program.papers.bundles(bought.bundle_sid)


def _moves_to_a_branch(program: Program, bought: Any, bundle: Any, origin: str, settings: LazySettings) -> None:
    branch = program.client.api.accounts.create(friendly_name="Branch")
    number = program.client.incoming_phone_numbers(bought.sid)
    with pytest.raises(TwilioRestException) as refused:
        number.update(account_sid=branch.sid)
    assert refusal(refused) == (21631, [21631, 21649])
    with pytest.raises(TwilioRestException) as refused:
        number.update(account_sid=branch.sid, address_sid=bought.address_sid, bundle_sid=bundle.sid)
    assert refusal(refused) == (21631, [21631, 21649])

    clone = program.client.numbers.v2.bundle_clone(bundle.sid).create(target_account_sid=branch.sid)
    assert (clone.account_sid, clone.status) == (branch.sid, "twilio-approved")
    there = Program(pointed_at(origin, Client(branch.sid, branch.auth_token), settings), origin, CUSTOMERS["DE"])
    (address,) = there.client.addresses.list()
    assert (address.street, address.sid != bought.address_sid) == (program.who.lives["street"], True)
    moved = number.update(account_sid=branch.sid, address_sid=address.sid, bundle_sid=clone.bundle_sid)
    assert (moved.sid, moved.account_sid, moved.bundle_sid) == (bought.sid, branch.sid, clone.bundle_sid)
    assert [each.phone_number for each in there.client.incoming_phone_numbers.list()] == [BERLIN]
    assert program.papers.bundles(bundle.sid).delete()


def test_a_number_that_nobody_asks_papers_for_is_sold_without(begin: Begin) -> None:
    program = begin("US")
    number = NumberFactory.create()
    assert program.papers.regulations.list(iso_country="US", number_type="local") == []
    assert program.client.incoming_phone_numbers.create(phone_number=str(number)).status == "in-use"


def test_an_irish_number_wants_its_eircode_and_its_town(begin: Begin, desk: Desk, place: Put) -> None:
    program = begin("IE")
    place("Dublin", 3531, "IE")
    place("Cork", 35321, "IE")
    with pytest.raises(TwilioRestException) as refused:
        program.client.addresses.create(**{**program.who.lives, "postal_code": ""})
    assert (refused.value.status, refused.value.code) == (400, 21628)
    bundle = program.filled(program.regulation("IE", "local", "business"))
    program.submit(bundle)
    desk.approve(bundle.sid)
    papers = {"address_sid": program.address, "bundle_sid": bundle.sid}
    NumberFactory.create(e164=353214567890, country="IE", number_type="local", area_code="21")
    NumberFactory.create(e164=35315550100, country="IE", number_type="local", area_code="1")
    with pytest.raises(TwilioRestException) as refused:
        program.client.incoming_phone_numbers.create(phone_number="+353214567890", **papers)
    assert refusal(refused) == (21615, [21615])
    assert "Cork" in refused.value.msg
    assert program.client.incoming_phone_numbers.create(phone_number="+35315550100", **papers).status == "in-use"
