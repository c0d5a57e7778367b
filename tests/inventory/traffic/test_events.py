"""Reading one event of a feed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import LazySettings

from inventory.traffic.callers import spelt
from inventory.traffic.events import BadEvent, Event, read
from numbering.types import Capability

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
CALL = {
    "id": "cdr-1", "at": "2026-11-21T09:30:00Z", "to": "+14155550123", "from": "+12125550199", "channel": "voice",
}  # fmt: skip


def event(**changed: Any) -> Event:
    found = read({**CALL, **changed}, feed="switch", now=NOW)
    assert found
    return found


def test_a_call_is_an_event_of_its_number_at_its_moment() -> None:
    found = event()
    assert (found.e164, found.at, found.channel) == (14155550123, NOW.replace(hour=9, minute=30), Capability.VOICE)
    assert (found.withheld, found.otp) == (False, False)


def test_an_event_told_again_has_the_same_key_and_another_feed_has_keys_of_its_own() -> None:
    assert event().key == event(at="2026-11-21T10:30:00+01:00").key
    assert read(CALL, feed="another", now=NOW) != event()


@pytest.mark.parametrize("written", ["+12125550199", "12125550199", "0012125550199", " +12125550199 "])
def test_one_caller_has_one_hash_however_it_is_written(written: str) -> None:
    assert event(**{"from": written}).caller == event().caller


def test_a_caller_of_two_numbers_is_not_linked() -> None:
    assert event(to="+14155550124").caller != event().caller


@pytest.mark.parametrize("written", [None, "", "anonymous", "Restricted", "UNAVAILABLE"])
def test_a_withheld_caller_is_each_time_another_one(written: str | None) -> None:
    found = event(**{"from": written})
    assert found.withheld
    assert found.caller != event(**{"from": written}, id="cdr-2").caller


def test_a_sender_with_a_name_is_a_caller() -> None:
    assert spelt("MyBank") == "mybank"
    assert not event(**{"from": "MyBank"}, channel="sms").withheld


def test_only_a_message_carries_a_one_time_code() -> None:
    assert event(channel="sms", otp=True).otp
    assert not event(otp="true").otp


@pytest.mark.parametrize("what", ["test", "receipt"])
def test_tests_and_receipts_are_no_contact(what: str) -> None:
    assert read({**CALL, what: True}, feed="switch", now=NOW) is None


def test_what_the_lab_sent_is_no_contact(settings: LazySettings) -> None:
    settings.LAB_REFERENCE_NUMBER = "+12125550199"
    assert read(CALL, feed="switch", now=NOW) is None


UNREADABLE: dict[str, list[Any]] = {
    "id": [None, "", "x" * 129, 1.5, True, []],
    "to": [None, "", "anonymous", "+0123456789", "+1415555012345678", 14155550123, "\uff11" * 9],
    "at": [None, "", "yesterday", "2026-11-21T09:30:00", 1763717400, "0001-01-01T00:00:00+14"],
    "channel": [None, "fax", "VOICE", 1, []],
    "from": [1, ["+12125550199"]],
    "otp": ["yes", 2, []],
}


@pytest.mark.parametrize("moment", [NOW + timedelta(hours=2), NOW - timedelta(days=401)])
def test_an_event_is_not_of_the_future_nor_too_old(moment: datetime) -> None:
    with pytest.raises(BadEvent, match=r"^at: "):
        event(at=moment.isoformat())


@pytest.mark.parametrize(("field", "value"), [(field, value) for field in UNREADABLE for value in UNREADABLE[field]])
def test_what_cannot_be_read_is_refused_by_its_field(field: str, value: Any) -> None:
    with pytest.raises(BadEvent, match=f"^{field}: "):
        event(**{field: value})


@pytest.mark.parametrize("document", [None, 1, "text", [CALL]])
def test_what_is_no_object_is_no_event(document: Any) -> None:
    with pytest.raises(BadEvent):
        read(document, feed="switch", now=NOW)
