"""Ears for what no test waits for: calls and messages of strangers to our numbers, counted, never answered or kept.

It is told from within the event loop and from the network, so it only counts: a note costs microseconds, memory is
bounded whatever comes, and the database is asked later, from a thread (`Daemon`).
"""

import re
from collections.abc import Collection
from datetime import UTC, date, datetime
from hashlib import blake2b

from inventory.services.observations import Seen
from numbering.types import Capability
from testing_lab.messages.delivery import Delivery

#: So many different callers are told apart in a day, and so many numbers between two looks; no more are counted.
MOST_CALLERS, MOST_NUMBERS = 50_000, 1_000
_E164 = re.compile(r"\+?([1-9][0-9]{6,14})", re.ASCII)


class Observer:
    """`ours` are the lab's own numbers: what they send is a test's, late or lost, and no contact."""

    def __init__(self, ours: Collection[int]) -> None:
        self._ours = frozenset(ours)
        self._day = _today()
        self._known: set[bytes] = set()
        self._new: dict[tuple[int, Capability], list[int]] = {}

    def call(self, called: str, caller: str) -> None:
        """A call that nobody expects."""
        self._note(called, caller, Capability.VOICE)

    def message(self, delivery: Delivery) -> None:
        """A message that nobody wanted."""
        self._note(delivery.destination, delivery.source, Capability.SMS)

    def take(self) -> list[Seen]:
        """What is new since the last time."""
        taken = [Seen(number, what, self._day, *counts) for (number, what), counts in self._new.items()]
        self._new = {}
        return taken

    def _note(self, called: str, caller: str, capability: Capability) -> None:
        number = _E164.fullmatch(called)
        if number is None or _number_of(caller) in self._ours:
            return
        if self._day != _today() and not self._new:  # else after they are taken: they are of their day
            self._day, self._known = _today(), set()
        key, caller = (int(number[1]), capability), caller.removeprefix("+")[:64]
        if len(self._known) > MOST_CALLERS or (key not in self._new and len(self._new) >= MOST_NUMBERS):
            return
        if self._is_new(f"{number[1]} {capability.value} {caller}"):
            counts = self._new.setdefault(key, [0, 0])
            counts[0] += 1
            counts[1] += self._is_new(f"{number[1]} {caller}")

    def _is_new(self, pair: str) -> bool:
        """Kept is a digest of a few octets, of the day, and nobody's number."""
        digest = blake2b(pair.encode(errors="replace"), digest_size=8).digest()
        is_new = digest not in self._known
        self._known.add(digest)
        return is_new


def _number_of(caller: str) -> int:
    found = _E164.fullmatch(caller)
    return int(found[1]) if found else 0


def _today() -> date:
    return datetime.now(UTC).date()
