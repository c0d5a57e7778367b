"""The shop window through the official twilio-python."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import pytest
from pytest_django.live_server_helper import LiveServer
from twilio.base.exceptions import TwilioException, TwilioRestException  # type: ignore[import-untyped]  # it ships no types
from twilio.rest import Client  # type: ignore[import-untyped]  # as above

from api.available.parameters import FILTERS
from numbering.types import NumberType
from tests.api.available.window import BRITISH, FINDS, set_out
from tests.factories import AccountFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def client(live_server: LiveServer, transactional_db: None) -> Client:
    set_out()
    account = AccountFactory.create()
    made = Client(account.sid, account.auth_token)
    made.api.base_url = live_server.url
    return made


def arguments(query: dict[str, str]) -> dict[str, Any]:
    """The query as a caller of the library writes it: snake case, and its own types."""
    values: dict[str, Any] = {"true": True, "false": False}
    names = {name: re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower() for name in query}
    return {names[name]: values.get(value, value) for name, value in query.items()}


def numbers(rows: Iterator[Any]) -> list[str]:
    return [row.phone_number for row in rows]


def test_every_parameter(client: Client) -> None:
    asked = {name for query, _ in FINDS for name in query}
    assert asked == {parameter.name for parameter in FILTERS}
    for query, digits in FINDS:
        found = numbers(client.available_phone_numbers("US").local.list(**arguments(query)))
        assert sorted(int(number[-1]) for number in found) == sorted(digits), query


def test_countries_types_and_a_row(client: Client) -> None:
    assert [each.country_code for each in client.available_phone_numbers.list()] == ["GB", "US"]
    britain = client.available_phone_numbers("GB").fetch()
    assert (britain.country, britain.beta) == ("United Kingdom", False)
    assert set(britain.subresource_uris) == {each.value for each in NumberType}
    for number_type, e164 in BRITISH.items():
        typed = getattr(client.available_phone_numbers("GB"), number_type.value)
        assert numbers(typed.list()) == [f"+{e164}"]
    row = client.available_phone_numbers("US").local.list(contains="5550103")[0]
    assert (row.locality, str(row.latitude), row.capabilities["SMS"]) == ("Oakland", "37.800000", True)
    with pytest.raises(TwilioRestException) as unknown:
        client.available_phone_numbers("FR").fetch()
    assert (unknown.value.status, unknown.value.code) == (404, 20404)


def test_pages_are_followed_to_the_end_without_repeating_or_losing_a_number(client: Client) -> None:
    local = client.available_phone_numbers("US").local
    everything = numbers(local.stream(page_size=2))
    assert len(everything) == len(set(everything)) == 5
    assert numbers(local.stream(page_size=1000)) == everything
    assert numbers(local.stream(page_size=1, sms_enabled=True)) == [
        number for number in everything if number[-1] in "134"
    ]
    near = numbers(local.stream(page_size=1, near_lat_long="37.80,-122.27"))
    assert near[0][-1] == "3"
    assert len(near) == 3
    page = local.page(page_size=3)
    following = page.next_page()
    assert numbers(iter(page)) + numbers(iter(following)) == everything
    assert numbers(iter(following.previous_page())) == everything[:3]
    assert page.previous_page() is None
    token = re.search("PageToken=([^&]+)", page.next_page_url)
    assert token
    assert numbers(iter(local.page(page_size=3, page_number=1, page_token=unquote(token[1])))) == everything[3:]


def test_a_refusal_reaches_the_caller(client: Client) -> None:
    with pytest.raises(TwilioException) as refused:  # for lists the library says no more
        client.available_phone_numbers("US").local.list(area_code="41")
    assert refused.value.args[1].status_code == 400
    assert "21451" in refused.value.args[1].text
