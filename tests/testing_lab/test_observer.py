"""Ears for strangers: they count, and nothing that comes costs more than that."""

from datetime import UTC, datetime

import pytest

from numbering.types import Capability
from testing_lab import observer
from testing_lab.messages.delivery import Delivery, Inbox
from testing_lab.observer import Observer

OURS = 12025550142


def message(source: str, destination: str) -> Delivery:
    return Delivery(source, 1, destination, b"hello", 0, 0, datetime.now(UTC))


def counted(ears: Observer) -> dict[tuple[int, Capability], tuple[int, int]]:
    return {(seen.e164, seen.capability): (seen.contacts, seen.callers) for seen in ears.take()}


def test_a_contact_is_one_caller_on_one_channel_and_day() -> None:
    ears = Observer([OURS])
    for caller in ("+13105550001", "+13105550001", "+13105550002"):
        ears.call("+14155550123", caller)
    ears.message(message("13105550001", "14155550123"))
    ears.message(message("+13105550001", "+14155550123"))
    assert counted(ears) == {
        (14155550123, Capability.VOICE): (2, 2),
        (14155550123, Capability.SMS): (1, 0),  # with a plus or without, and known from its calls
    }
    ears.call("+14155550123", "+13105550001")
    assert counted(ears) == {}, "not again on this day"


def test_what_we_sent_ourselves_is_no_contact() -> None:
    ears = Observer([OURS])
    ears.call("+14155550123", "+12025550142")
    ears.message(message("12025550142", "14155550123"))
    assert counted(ears) == {}


@pytest.mark.parametrize("called", ["", "911", "anonymous", "+1415555012345678", "+1٤155550123", "x" * 70_000, "\x00"])
def test_what_is_no_number_is_not_counted(called: str) -> None:
    ears = Observer([])
    ears.call(called, "+13105550001")
    assert counted(ears) == {}


def test_callers_may_write_what_they_like() -> None:
    ears = Observer([])
    for caller in ("", "\udcff\x00", "x" * 100_000, "anonymous"):
        ears.call("+14155550123", caller)
    assert counted(ears) == {(14155550123, Capability.VOICE): (4, 4)}


def test_a_flood_costs_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(observer, "MOST_CALLERS", 100)
    monkeypatch.setattr(observer, "MOST_NUMBERS", 10)
    ears = Observer([])
    for number in range(1_000):
        ears.call(f"+1415555{number:04}", f"+1310555{number:04}")
    assert len(ears.take()) == 10
    for number in range(1_000):
        ears.call("+14155550123", f"+1310555{number:04}")
    assert len(ears._known) < 110


def test_an_inbox_tells_of_what_nobody_wanted() -> None:
    ears, inbox = Observer([]), Inbox()
    inbox.on_unclaimed = ears.message
    end = inbox.listen("14155550123", lambda delivery: 0)
    inbox.hand_over(message("1", "14155550123"))
    end()
    inbox.hand_over(message("1", "14155550123"))
    assert counted(ears) == {(14155550123, Capability.SMS): (1, 1)}
