"""Ears for what no test waits for: our own honeypot. Calls and messages of strangers to our numbers become traffic
events; they are never answered, and nothing that is said is kept.

It is told from within the event loop and from the network, so it only takes notes: one costs microseconds, memory is
bounded whatever comes, and the database is asked later, from a thread (`Daemon`).
"""

import re
from collections.abc import Collection
from datetime import UTC, datetime
from uuid import uuid4

from inventory.traffic.callers import WITHHELD_A_DAY, spelt
from inventory.traffic.events import Event, event
from inventory.traffic.one_time_codes import is_one_time_code
from numbering.types import Capability
from testing_lab.messages.delivery import Delivery

MOST_EVENTS = 10_000  # between two looks; what comes beyond is not heard
_E164 = re.compile(r"\+?([1-9][0-9]{6,14})", re.ASCII)


class Observer:
    """`ours` are the lab's own numbers: what they send is a test's, late or lost, and no contact."""

    def __init__(self, ours: Collection[int]) -> None:
        self._ours = frozenset(map(str, ours))
        self._heard: dict[tuple[str, Capability, str, bool], Event] = {}

    def call(self, called: str, caller: str) -> None:
        """A call that nobody expects."""
        self._note(called, caller, Capability.VOICE)

    def message(self, delivery: Delivery) -> None:
        """A message that nobody wanted."""
        self._note(delivery.destination, delivery.source, Capability.SMS, otp=is_one_time_code(delivery.text))

    def take(self) -> list[Event]:
        """What was heard since the last time: of one caller's on one channel, one with and one without a code."""
        heard, self._heard = self._heard, {}
        return list(heard.values())

    def _note(self, called: str, caller: str, capability: Capability, *, otp: bool = False) -> None:
        number, caller = _E164.fullmatch(called), spelt(caller)
        if number is None or caller in self._ours or len(self._heard) >= MOST_EVENTS:
            return
        for name in [caller] if caller else [f" {nth}" for nth in range(WITHHELD_A_DAY)]:
            key = (number[1], capability, name, otp)
            if key not in self._heard:
                now = datetime.now(UTC)
                self._heard[key] = event(uuid4().bytes, int(number[1]), now, capability, caller, otp=otp)
                return
