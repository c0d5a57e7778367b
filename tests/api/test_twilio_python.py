"""The official twilio-python, as a customer uses it, with nothing changed but the base URL."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from pytest_django.live_server_helper import LiveServer
from twilio.base.exceptions import TwilioException, TwilioRestException  # type: ignore[import-untyped]  # it ships no types
from twilio.rest import Client  # type: ignore[import-untyped]  # as above

from accounts.models import Account
from accounts.services import credentials
from tests.factories import AccountFactory, NumberFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def client_of(live_server: LiveServer) -> Callable[[Account], Client]:
    def make(account: Account) -> Client:
        client = Client(account.sid, account.auth_token)
        client.api.base_url = live_server.url
        return client

    return make


@pytest.fixture
def client(client_of: Callable[[Account], Client], transactional_db: None) -> Client:
    return client_of(AccountFactory.create(friendly_name="Ada"))


def code_of(refused: pytest.ExceptionInfo[TwilioRestException]) -> tuple[int, int]:
    return refused.value.status, refused.value.code


def test_from_purchase_to_reclaim(client: Client) -> None:
    number = NumberFactory.create()
    bought = client.incoming_phone_numbers.create(
        phone_number=str(number), voice_url="https://a.example/v", friendly_name="Front desk"
    )
    assert (bought.phone_number, bought.status, bought.type) == (str(number), "in-use", "local")
    assert isinstance(bought.date_created, datetime)
    assert abs((datetime.now(UTC) - bought.date_created).total_seconds()) < 60
    again = client.incoming_phone_numbers.create(phone_number=str(number))
    assert (again.sid, again.friendly_name) == (bought.sid, "Front desk")
    fetched = client.incoming_phone_numbers(bought.sid).fetch()
    assert fetched.voice_url == "https://a.example/v"
    changed = fetched.update(sms_url="https://a.example/s", voice_method="GET", voice_caller_id_lookup=True)
    assert (changed.sms_url, changed.voice_method, changed.voice_caller_id_lookup) == (
        "https://a.example/s",
        "GET",
        True,
    )
    assert fetched.delete() is True
    with pytest.raises(TwilioRestException) as gone:
        fetched.fetch()
    assert code_of(gone) == (404, 20404)
    assert client.incoming_phone_numbers.create(phone_number=str(number)).sid == bought.sid


def test_lists_page_filter_and_stream(client: Client) -> None:
    for number in NumberFactory.create_batch(7):
        client.incoming_phone_numbers.create(phone_number=str(number), friendly_name=f"n{number.e164 % 2}")
    everything = client.incoming_phone_numbers.list(page_size=3)
    assert len({each.sid for each in everything}) == 7
    assert len(client.incoming_phone_numbers.list(limit=4)) == 4
    assert {each.friendly_name for each in client.incoming_phone_numbers.list(friendly_name="n1")} == {"n1"}
    assert client.incoming_phone_numbers.local.list(beta=True) == []
    page = client.incoming_phone_numbers.page(page_size=3)
    following = page.next_page()
    assert following is not None
    back = following.previous_page()
    assert back is not None
    assert [each.sid for each in back] == [each.sid for each in everything[:3]]


def test_typed_lists_and_area_codes(client: Client) -> None:
    NumberFactory.create(e164=12125550100, area_code="212")
    assert client.incoming_phone_numbers.create(area_code="212").phone_number == "+12125550100"
    number = NumberFactory.create()
    assert client.incoming_phone_numbers.local.create(phone_number=str(number)).phone_number == str(number)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"phone_number": "+14155559999"}, (400, 21422)),
        ({"phone_number": "nonsense"}, (400, 21421)),
        ({"area_code": "999"}, (400, 21452)),
        ({"area_code": "x"}, (400, 21451)),
        ({"phone_number": "+14155559999", "voice_url": "x"}, (400, 21402)),
    ],
)
def test_refusals_reach_the_customer_with_their_code(
    client: Client, asked: dict[str, str], expected: tuple[int, int]
) -> None:
    with pytest.raises(TwilioRestException) as refused:
        client.incoming_phone_numbers.create(**asked)
    assert code_of(refused) == expected
    assert refused.value.msg


def test_a_page_over_the_limit_is_refused(client: Client) -> None:
    with pytest.raises(TwilioException):
        client.incoming_phone_numbers.list(limit=2000, page_size=2000)


def test_accounts_keys_and_transfer(client: Client, live_server: LiveServer) -> None:
    child = client.api.accounts.create(friendly_name="Branch")
    assert {each.sid for each in client.api.accounts.list()} == {client.username, child.sid}
    key = client.new_keys.create(friendly_name="CI")
    with_key = Client(key.sid, key.secret, client.username)
    with_key.api.base_url = live_server.url
    bought = with_key.incoming_phone_numbers.create(phone_number=str(NumberFactory.create()))
    moved = client.incoming_phone_numbers(bought.sid).update(account_sid=child.sid)
    assert (moved.sid, moved.account_sid) == (bought.sid, child.sid)
    listed = client.api.accounts(child.sid).incoming_phone_numbers.list()
    assert [each.sid for each in listed] == [bought.sid]
    assert client.api.accounts(child.sid).update(status="suspended").status == "suspended"
    assert client.balance.fetch().currency == "USD"
    assert client.keys(key.sid).delete() is True
    assert client.new_signing_keys.create().secret
    with pytest.raises(TwilioRestException) as refused:
        with_key.balance.fetch()
    assert refused.value.status == 401


def test_wrong_credentials(live_server: LiveServer) -> None:
    client = Client("AC" + "0" * 32, "wrong")
    client.api.base_url = live_server.url
    with pytest.raises(TwilioRestException) as refused:
        client.balance.fetch()
    assert code_of(refused) == (401, 20003)


def test_magic_numbers_with_test_credentials(client_of: Callable[[Account], Client]) -> None:
    client = client_of(credentials.open_account("Ada's tests", is_test=True))
    assert client.incoming_phone_numbers.create(phone_number="+15005550006").sid.startswith("PN")
    for number, code in (("+15005550000", 21422), ("+15005550001", 21421)):
        with pytest.raises(TwilioRestException) as refused:
            client.incoming_phone_numbers.create(phone_number=number)
        assert code_of(refused) == (400, code)
    with pytest.raises(TwilioRestException) as elsewhere:
        client.balance.fetch()
    assert code_of(elsewhere) == (403, 20008)
