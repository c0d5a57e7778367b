"""The waitlist over HTTP: asked for, seen, told of by a signed callback; of others' nothing."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Account
from api.status_callbacks import signature
from inventory.models import DemandEvent, WaitlistEntry, WaitlistServing
from inventory.waitlist.entries import MOST_ENTRIES
from inventory.waitlist.queue import serve_due
from inventory.waitlist.telling import tell_due
from tests.api.conftest import Caller
from tests.compliance.notices.receiver import Receiver, receiving
from tests.factories import NumberFactory

pytestmark = pytest.mark.django_db
PATH = "/inventory/v1/Waitlist"
WISH = {"IsoCountry": "US", "AreaCode": "415", "SmsEnabled": "true", "Mode": "reserve"}


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    """The customer's web server."""
    settings.CALLBACK_ALLOWED_NETWORKS = ["127.0.0.0/8"]
    with receiving() as server:
        yield server


def waiting(caller: Caller, **given: Any) -> dict[str, Any]:
    answer = caller.post(PATH, WISH | given)
    assert answer.status_code == 201, answer.content
    entry: dict[str, Any] = answer.json()
    return entry


def test_who_waits_is_served_and_told(ada: Caller, account: Account, receiver: Receiver) -> None:
    entry = waiting(ada, StatusCallback=receiver.url)
    assert (entry["status"], entry["served"], entry["servings"]) == ("waiting", 0, [])
    assert entry["capabilities"] == {"voice": False, "sms": True, "mms": False, "fax": False}
    number = NumberFactory.create(area_code="415")
    serve_due()
    assert tell_due(10) == 1
    served = ada.get(f"{PATH}/{entry['sid']}").json()
    [serving] = served["servings"]
    assert (served["status"], serving["phone_numbers"]) == ("served", [f"+{number.e164}"])
    basket = ada.get(f"/inventory/v1/Reservations/{serving['reservation_sid']}").json()
    [told] = receiver.received
    assert told.fields == {
        "AccountSid": account.sid,
        "WaitlistSid": entry["sid"],
        "Event": "reserved",
        "PhoneNumbers": f"+{number.e164}",
        "Status": "served",
        "ReservationSid": basket["sid"],
        "DateExpires": basket["date_expires"],
    }
    assert told.headers["X-Twilio-Signature"] == signature(receiver.url, told.fields, account.auth_token)
    assert tell_due(10) == 0


@pytest.mark.parametrize("failure", [500, 404, (429, {"Retry-After": "7"})], ids=["500", "404", "429"])
def test_a_callback_that_fails_is_tried_again_with_the_same_token(
    failure: Any, ada: Caller, receiver: Receiver
) -> None:
    waiting(ada, StatusCallback=receiver.url)
    NumberFactory.create(area_code="415")
    serve_due()
    receiver.answers = [failure]
    tell_due(10)
    assert tell_due(10) == 0  # not at once
    WaitlistServing.objects.update(next_at=timezone.now())
    tell_due(10)
    assert len({told.headers["I-Twilio-Idempotency-Token"] for told in receiver.received}) == 1
    over = WaitlistServing.objects.get()
    assert (len(receiver.received), over.attempts, over.next_at) == (2, 2, None)
    assert over.done_at is not None


def test_who_says_no_three_times_is_told_no_more(ada: Caller, receiver: Receiver) -> None:
    waiting(ada, StatusCallback=receiver.url)
    NumberFactory.create(area_code="415")
    serve_due()
    receiver.answers = [410] * 5
    for _ in range(5):
        tell_due(10)
        WaitlistServing.objects.exclude(next_at=None).update(next_at=timezone.now() - timedelta(seconds=1))
    given_up = WaitlistServing.objects.get()
    assert (len(receiver.received), given_up.last_error) == (3, "answered 410")
    assert given_up.given_up_at is not None


def test_a_callback_into_our_own_network_is_never_made(ada: Caller, receiver: Receiver, settings: Any) -> None:
    waiting(ada, StatusCallback=receiver.url)
    settings.CALLBACK_ALLOWED_NETWORKS = []
    NumberFactory.create(area_code="415")
    serve_due()
    tell_due(10)
    assert receiver.received == []
    assert WaitlistServing.objects.get().last_error != ""


def test_the_list_has_the_newest_first_and_only_ones_own(ada: Caller, mallory: Caller) -> None:
    sids = [waiting(ada)["sid"] for _ in range(3)]
    waiting(mallory)
    assert [row["sid"] for row in ada.get(PATH).json()["waitlist"]] == sids[::-1]


def test_a_strangers_entry_is_as_unknown_as_none(ada: Caller, mallory: Caller) -> None:
    sid = waiting(ada)["sid"]
    for request in (mallory.get, mallory.delete):
        foreign, unknown = (request(f"{PATH}/{each}").json() for each in (sid, "WL" + "0" * 32))
        assert foreign["code"] == unknown["code"] == 20404
        assert foreign["message"].replace(sid, "") == unknown["message"].replace("WL" + "0" * 32, "")
    assert WaitlistEntry.objects.get(sid=sid).state == "waiting"


def test_who_waits_no_longer_says_so(ada: Caller) -> None:
    sid = waiting(ada)["sid"]
    for _ in range(2):
        assert ada.delete(f"{PATH}/{sid}").status_code == 204
        assert ada.get(f"{PATH}/{sid}").json()["status"] == "cancelled"


def test_a_repeated_request_waits_once(ada: Caller) -> None:
    for _ in range(2):
        assert ada.post(PATH, WISH, Idempotency_Key="once").status_code == 201
    assert WaitlistEntry.objects.count() == 1


def test_nobody_waits_for_more_than_its_share(ada: Caller) -> None:
    for _ in range(MOST_ENTRIES):
        waiting(ada)
    answer = ada.post(PATH, WISH)
    assert (answer.status_code, answer.json()["code"]) == (409, 20409)


REFUSED = {
    "no country": ({"IsoCountry": ""}, 20001),
    "no type": ({"NumberType": "landline"}, 20001),
    "no such country": ({"IsoCountry": "ZZ"}, 20001),
    "nobody's area code": ({"AreaCode": "999"}, 21451),
    "another country's": ({"AreaCode": "416"}, 21451),
    "another type's": ({"AreaCode": "800"}, 21451),
    "area code": ({"AreaCode": "41"}, 21451),
    "pattern": ({"Contains": "**"}, 20001),
    "quantity": ({"Quantity": "101"}, 20001),
    "none": ({"Quantity": "0"}, 20001),
    "mode": ({"Mode": "buy"}, 20001),
    "callback": ({"StatusCallback": "ftp://x"}, 21402),
    "too long": ({"ExpiresIn": "99999999"}, 20001),
}


@pytest.mark.parametrize("what", sorted(REFUSED))
def test_what_makes_no_sense_is_refused(what: str, ada: Caller) -> None:
    given, code = REFUSED[what]
    answer = ada.post(PATH, WISH | given)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert not WaitlistEntry.objects.exists()
    assert not DemandEvent.objects.exists()


def test_a_pattern_and_a_town_are_kept_as_they_were_written(ada: Caller) -> None:
    entry = waiting(ada, Contains="+1415***SOAP$"[:12], InLocality="San Francisco")
    assert (entry["contains"], entry["locality"]) == ("+1415***SOAP", "San Francisco")
