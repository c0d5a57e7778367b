"""Orders and holdings: what the carrier promises on paper. Every verb is one transaction."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.catalogue import Carrier, Catalogue, Range
from sandbox.draws import draw
from sandbox.faults import ServiceFaults
from sandbox.ledger import Ledger, now
from sandbox.log import event

RESTING_SECONDS = 30 * 86_400  # a released number is not offered again for so long
RELEASE_SECONDS = 1.0


class ReferenceReused(Exception):
    """The client reference belongs to an order for other numbers."""


class NotHeld(Exception):
    """We do not bill anybody for this number."""


@dataclass(slots=True)
class OrderBook:
    ledger: Ledger
    catalogue: Catalogue
    faults: ServiceFaults
    reference_numbers: frozenset[str]

    def offered(self, number: str) -> bool:
        """Whether the number is free to be sold."""
        return number not in self.reference_numbers and not self._occupied(number)

    def _occupied(self, number: str) -> bool:
        since = now() - RESTING_SECONDS
        sql = "select 1 from holdings where number = ? and (state != 'released' or since > ?)"
        return self.ledger.row(sql, number, since) is not None

    def accept(
        self, carrier: Carrier, reference: str, numbers: Sequence[str], callback_url: str | None
    ) -> tuple[str, bool]:
        """(order id, whether it is new). The same reference and numbers give the same order.

        Raises ReferenceReused when the reference stands for other numbers.
        """
        known = self.ledger.row(
            "select id from orders where carrier = ? and client_reference = ?", carrier.slug, reference
        )
        if known is None:
            return self._write_order(carrier, reference, numbers, callback_url), True
        sql = "select number from order_lines where order_id = ? order by position"
        if [row["number"] for row in self.ledger.rows(sql, known["id"])] != list(numbers):
            raise ReferenceReused(reference)
        return known["id"], False

    def _write_order(self, carrier: Carrier, reference: str, numbers: Sequence[str], callback_url: str | None) -> str:
        order_id, moment = f"ord_{secrets.token_hex(10)}", now()
        with self.ledger.transaction():
            self.ledger.write(
                "insert into orders values (?, ?, ?, ?, ?, null)",
                *(order_id, carrier.slug, reference, callback_url, moment),
            )
            for position, number in enumerate(numbers):
                due = moment + self._fill_seconds(carrier, reference, number)
                self.ledger.write(
                    "insert into order_lines values (?, ?, ?, 'pending', null, ?)",
                    *(order_id, position, number, due),
                )
        event("order.accepted", carrier=carrier.slug, order=order_id, reference=reference, lines=len(numbers))
        return order_id

    def _fill_seconds(self, carrier: Carrier, reference: str, number: str) -> float:
        fastest, slowest = carrier.fill_seconds
        late = self.faults.strikes("late_line", carrier.slug, number)
        extra = float(late["seconds"]) if late else 0.0
        return extra + fastest + (slowest - fastest) * draw(self.faults.seed, "fill", reference, number)

    def fill_due_lines(self) -> None:
        """Fill or refuse every pending line whose time has come; settle orders without pending lines."""
        sql = (
            "select l.*, o.carrier, o.client_reference from order_lines l join orders o on o.id = l.order_id"
            " where l.state = 'pending' and l.due_at <= ? order by l.due_at limit 200"
        )
        for line in self.ledger.rows(sql, now()):
            with self.ledger.transaction():
                self._fill(line)
                self._settle(line["order_id"])

    def _fill(self, line: sqlite3.Row) -> None:
        reason = self._refusal(line)
        state = "refused" if reason else "filled"
        self.ledger.write(
            "update order_lines set state = ?, reason = ? where order_id = ? and position = ?",
            *(state, reason, line["order_id"], line["position"]),
        )
        if not reason:
            self.ledger.write(
                "insert or replace into holdings values (?, ?, ?, 0, 'held', null)",
                *(line["number"], line["carrier"], now()),
            )
        event("order.line", order=line["order_id"], number=line["number"], state=state, reason=reason)

    def _refusal(self, line: sqlite3.Row) -> str | None:
        return self.not_for_sale(line["number"], line["carrier"]) or self._shortage(line)

    def not_for_sale(self, number: str, carrier: str) -> str | None:
        """Why this carrier does not sell the number now, whatever its list says."""
        source = self.catalogue.find(number)
        if source is None or source.product.carrier != carrier:
            return "unknown_number"
        if not self.offered(number):
            return "no_longer_available"
        stale = self.faults.strikes("stale_offer", carrier, number)
        return str(stale["reason"]) if stale else None

    def _shortage(self, line: sqlite3.Row) -> str | None:
        """In a partial order the first line is refused, the last is not, and those between by chance."""
        reference = line["client_reference"]
        last = self.ledger.row("select max(position) from order_lines where order_id = ?", line["order_id"])
        if last is None or last[0] == 0 or line["position"] == last[0]:
            return None
        short = self.faults.strikes("partial_order", line["carrier"], reference)
        if not short:
            return None
        unlucky = draw(self.faults.seed, "shortage", reference, line["number"]) < short["share"]
        return str(short["reason"]) if unlucky or line["position"] == 0 else None

    def _settle(self, order_id: str) -> None:
        sql = (
            "update orders set settled_at = ? where id = ? and settled_at is null and not exists"
            " (select 1 from order_lines where order_id = orders.id and state = 'pending')"
        )
        if self.ledger.write(sql, now(), order_id):
            event("order.settled", order=order_id, state=self.document(order_id)["state"])
            self._plan_callbacks(order_id)

    def _plan_callbacks(self, order_id: str) -> None:
        order = self.ledger.row("select * from orders where id = ?", order_id)
        if order is None or order["callback_url"] is None:
            return
        carrier, reference = order["carrier"], order["client_reference"]
        late = self.faults.strikes("late_callback", carrier, reference)
        twice = self.faults.strikes("duplicate_callback", carrier, reference)
        for copy in range(int(twice["copies"]) if twice else 1):
            due = now() + (late["seconds"] if late else 0) + (copy * twice["seconds"] if twice else 0)
            self.ledger.write("insert into callbacks (order_id, due_at) values (?, ?)", order_id, due)

    def release(self, number: str, carrier: str) -> str:
        """Stop billing a number soon; returns `releasing` or `released`. Raises NotHeld.

        A silent no-op release answers the same and does nothing.
        """
        row = self.holding(number, carrier)
        if row["state"] != "held":
            return str(row["state"])
        sql = "update holdings set release_requests = release_requests + 1 where number = ?"
        self.ledger.write(sql, number)
        silent = self.faults.strikes("silent_release", carrier, number)
        if silent and row["release_requests"] < silent["times"]:
            event("release.ignored", carrier=carrier, number=number, fault="silent_release")
            return "releasing"
        sql = "update holdings set state = 'releasing', due_at = ? where number = ?"
        self.ledger.write(sql, now() + RELEASE_SECONDS, number)
        event("release.accepted", carrier=carrier, number=number)
        return "releasing"

    def finish_releases(self) -> None:
        sql = (
            "update holdings set state = 'released', since = due_at, due_at = null"
            " where state = 'releasing' and due_at <= ?"
        )
        if count := self.ledger.write(sql, now()):
            event("release.done", numbers=count)

    def holding(self, number: str, carrier: str) -> sqlite3.Row:
        """The row of a number that this carrier bills or has billed. Raises NotHeld."""
        row = self.ledger.row("select * from holdings where number = ? and carrier = ?", number, carrier)
        if row is None:
            raise NotHeld(number)
        return row

    def holder(self, number: str) -> Range | None:
        """The range of a number that somebody is billed for (and that is therefore routed), else None."""
        held = self.ledger.row("select 1 from holdings where number = ? and state != 'released'", number)
        return self.catalogue.find(number) if held else None

    def document(self, order_id: str) -> dict[str, Any]:
        """The order as the API shows it. An order is `pending` until its last line is settled."""
        order = self.ledger.row("select * from orders where id = ?", order_id)
        if order is None:
            raise KeyError(order_id)
        sql = "select number, state, reason from order_lines where order_id = ? order by position"
        lines = [dict(row) for row in self.ledger.rows(sql, order_id)]
        shown = {"id": order_id, "client_reference": order["client_reference"]}
        return {**shown, "state": order_state({line["state"] for line in lines}), "lines": lines}

    def next_due(self) -> float | None:
        """When the next line, release or callback is due, in seconds since 1970."""
        sql = (
            "select min(due_at) from (select min(due_at) as due_at from order_lines where state = 'pending'"
            " union all select min(due_at) from holdings where state = 'releasing'"
            " union all select min(due_at) from callbacks)"
        )
        row = self.ledger.row(sql)
        return row[0] if row else None


def order_state(line_states: set[str]) -> str:
    """The state of an order from the states of its lines."""
    if "pending" in line_states:
        return "pending"
    return {frozenset({"filled"}): "complete", frozenset({"refused"}): "failed"}.get(frozenset(line_states), "partial")
