"""Our own honeypot: what strangers send becomes traffic events, and nothing that comes costs more than that."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from numbering.types import Capability
from testing_lab import observer
from testing_lab.messages.delivery import Delivery, Inbox
from testing_lab.observer import Observer

OURS = 12025550142
VOICE, SMS = Capability.VOICE, Capability.SMS


def message(source: str, destination: str, body: bytes = b"hello") -> Delivery:
    return Delivery(source, 1, destination, body, 0, 0, datetime.now(UTC))


def counted(ears: Observer) -> Counter[tuple[int, Capability]]:
    return Counter((event.e164, event.channel) for event in ears.take())


def test_each_caller_on_each_channel_is_heard_once_until_it_is_asked() -> None:
    ears = Observer([OURS])
    for caller in ("+13105550001", "13105550001", "+13105550002"):
        ears.call("+14155550123", caller)
    ears.message(message("13105550001", "14155550123"))
    ears.message(message("+13105550001", "+14155550123"))
    assert counted(ears) == {(14155550123, VOICE): 2, (14155550123, SMS): 1}
    assert counted(ears) == {}


def test_a_caller_is_the_same_on_both_channels_and_is_not_named() -> None:
    ears = Observer([])
    ears.call("+14155550123", "+13105550001")
    ears.message(message("13105550001", "14155550123"))
    heard = ears.take()
    assert len({event.caller for event in heard}) == 1
    assert "3105550001" not in repr(heard)


def test_what_we_sent_ourselves_is_no_contact() -> None:
    ears = Observer([OURS])
    ears.call("+14155550123", "+12025550142")
    ears.message(message("12025550142", "14155550123"))
    assert counted(ears) == {}


def test_a_one_time_code_is_told_apart_and_not_kept() -> None:
    ears = Observer([])
    ears.message(message("MyBank", "14155550123", b"Hello"))
    ears.message(message("MyBank", "14155550123", b"Your code is 493817"))
    heard = ears.take()
    assert [event.otp for event in heard] == [False, True]
    assert "493817" not in repr(heard)


def test_withheld_callers_are_each_another_one_and_three_are_enough() -> None:
    ears = Observer([])
    for _ in range(10):
        ears.call("+14155550123", "anonymous")
    heard = ears.take()
    assert (len(heard), len({event.caller for event in heard})) == (3, 3)
    assert all(event.withheld for event in heard)


@pytest.mark.parametrize("called", ["", "911", "anonymous", "+1415555012345678", "+1٤155550123", "x" * 70_000, "\x00"])
def test_what_is_no_number_is_not_counted(called: str) -> None:
    ears = Observer([])
    ears.call(called, "+13105550001")
    assert counted(ears) == {}


def test_callers_may_write_what_they_like() -> None:
    ears = Observer([])
    for caller in ("", "\udcff\x00", "x" * 100_000, "anonymous"):
        ears.call("+14155550123", caller)
    assert counted(ears) == {(14155550123, VOICE): 4}


def test_a_flood_costs_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(observer, "MOST_EVENTS", 10)
    ears = Observer([])
    for number in range(1_000):
        ears.call(f"+1415555{number:04}", f"+1310555{number:04}")
    assert len(ears.take()) == 10


def test_an_inbox_tells_of_what_nobody_wanted() -> None:
    ears, inbox = Observer([]), Inbox()
    inbox.on_unclaimed = ears.message
    end = inbox.listen("14155550123", lambda delivery: 0)
    inbox.hand_over(message("1", "14155550123"))
    end()
    inbox.hand_over(message("1", "14155550123"))
    assert counted(ears) == {(14155550123, SMS): 1}
