"""Reservations: numbers kept for a minute, without an order and without a bill. In memory: a crash gives all back."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import monotonic

from sandbox.log import event
from sandbox.orders import OrderBook

SECONDS = 60.0
MOST = 10_000  # reservations at once: whoever makes more gets nothing


@dataclass(frozen=True, slots=True)
class _Kept:
    carrier: str
    numbers: frozenset[str]
    until: float


@dataclass(slots=True)
class ReservationDesk:
    """A number is kept once at a time. It stays in the list of offers, and an order takes it: whoever keeps it is our
    only customer."""

    book: OrderBook
    kept: dict[str, _Kept] = field(default_factory=dict)

    def reserve(self, carrier: str, numbers: Sequence[str]) -> tuple[str, dict[str, str | None]]:
        """The reservation's name, and for each number why it can't be had, or None."""
        self._forget_old()
        taken = {number for kept in self.kept.values() for number in kept.numbers}
        refusals = {number: self._refusal(carrier, number, taken) for number in numbers}
        name = f"res_{secrets.token_hex(10)}"
        free = frozenset(number for number, refusal in refusals.items() if refusal is None)
        if free:
            self.kept[name] = _Kept(carrier, free, monotonic() + SECONDS)
        event("reservation.made", carrier=carrier, reservation=name, asked=len(numbers), reserved=len(free))
        return name, refusals

    def give_back(self, carrier: str, name: str) -> None:
        """Nothing is kept under this name any more, if anything was."""
        if name in self.kept and self.kept[name].carrier == carrier:
            del self.kept[name]
            event("reservation.given_back", carrier=carrier, reservation=name)

    def _refusal(self, carrier: str, number: str, taken: set[str]) -> str | None:
        if number in taken or len(self.kept) >= MOST:
            return "already_reserved" if number in taken else "too_many_reservations"
        return self.book.not_for_sale(number, carrier)

    def _forget_old(self) -> None:
        now = monotonic()
        self.kept = {name: kept for name, kept in self.kept.items() if kept.until > now}
