"""Store and forward: accepted messages wait in the ledger until they are delivered, refused or too old."""

from __future__ import annotations

import json
import re
import secrets
import sqlite3
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import smpp34

from sandbox.draws import stream
from sandbox.ledger import Ledger, now
from sandbox.log import event
from sandbox.numbers import NumberFaults
from sandbox.orders import OrderBook
from sandbox.sms import pdu
from sandbox.sms.message_faults import MECHANISMS, Parcel

VALIDITY_SECONDS = 300.0
_RELATIVE = re.compile(r"00(00)(\d\d)(\d\d)(\d\d)(\d\d)\d00R")  # YYMMDDhhmmsstnnR, SMPP 3.4 7.1.1.2
ALWAYS, ON_FAILURE = 1, 2  # registered_delivery, SMPP 3.4 5.2.17


@dataclass(frozen=True, slots=True)
class ReceiptPlan:
    """What the ledger remembers about a receipt: when it is wanted, by whom, how late it comes, what it will claim."""

    wanted: int
    sender: str = ""
    delay: float = 0.0
    claim: str = ""

    @classmethod
    def of(cls, message: smpp34.SubmitSm, parcel: Parcel) -> ReceiptPlan:
        if parcel.receipt_delay is None:
            return NO_RECEIPT
        wanted = message.registered_delivery & 0x03
        return cls(wanted, message.source_addr, parcel.receipt_delay, parcel.claim or "")

    @classmethod
    def read(cls, text: str) -> ReceiptPlan:
        return cls(**json.loads(text)) if text.startswith("{") else NO_RECEIPT  # a ledger of an older version

    def __str__(self) -> str:
        return json.dumps(asdict(self))


NO_RECEIPT = ReceiptPlan(0)


class BadDestination(Exception):
    """The destination is not a telephone number."""


@dataclass(slots=True)
class Store:
    ledger: Ledger
    book: OrderBook
    faults: NumberFaults

    def accept(self, message: smpp34.SubmitSm, system_id: str) -> str:
        """Write a message down, changed as the numbers' faults demand; returns its id. Raises BadDestination."""
        source, destination = e164(message.source_addr), e164(message.destination_addr)
        if destination is None:
            raise BadDestination(message.destination_addr)
        message_id = secrets.token_hex(8)
        reachable = destination in self.book.reference_numbers or self._has_sms(destination)
        parcel, fault = self._spoil(message, source, destination)
        event("sms", id=message_id, source=source, destination=destination, fault=fault, reachable=reachable)
        lost = parcel.lost_claiming if reachable else "UNDELIV"
        self._write(message_id, message, parcel, lost, system_id)
        return message_id

    def _has_sms(self, number: str) -> bool:
        source = self.book.holder(number)
        return source is not None and "sms" in source.product.capabilities

    def _spoil(self, message: smpp34.SubmitSm, source: str | None, destination: str) -> tuple[Parcel, str | None]:
        """The number under test is the destination, unless that is one of the lab's own."""
        header = pdu.user_data_header_length(message.esm_class, message.short_message)
        parcel = Parcel(
            stream(self.faults.seed, "sms", source, destination, message.short_message),
            message.source_addr,
            message.short_message[header:],
            message.short_message[:header],
            message.data_coding,
        )
        tested = source if destination in self.book.reference_numbers else destination
        fault = self.faults.fault_of(tested) if tested and self.book.holder(tested) else None
        if fault is None or fault.needs != "sms":
            return parcel, None
        MECHANISMS[fault.mechanism](parcel, fault.parameters)
        return parcel, f"{fault.kind}/{fault.severity}"

    def _write(
        self, message_id: str, message: smpp34.SubmitSm, parcel: Parcel, lost: str | None, system_id: str
    ) -> None:
        moment = now()
        delivery, plan = _delivery(message, parcel), ReceiptPlan.of(message, parcel)
        with self.ledger.transaction():
            for copy in range(parcel.copies):
                self.ledger.write(
                    "insert into messages values (?, ?, ?, ?, ?, ?, ?, ?, ?, null, ?)",
                    *(f"{message_id}{'+' * copy}", parcel.source, message.destination_addr, delivery),
                    *("lost" if lost else "queued", moment, moment + parcel.delay),
                    moment + parcel.delay + validity_seconds(message.validity_period),
                    *(str(NO_RECEIPT if copy else plan), system_id),
                )
            if lost:
                self.report(self._row(message_id), lost)

    def _row(self, message_id: str) -> sqlite3.Row:
        row = self.ledger.row("select * from messages where id = ?", message_id)
        if row is None:
            raise KeyError(message_id)
        return row

    def due(self, bound: Iterable[str]) -> list[sqlite3.Row]:
        """What may be delivered now to those who are bound, oldest first."""
        sql = (
            "select * from messages where state = 'queued' and due_at <= ?"
            " and system_id in (select value from json_each(?)) order by due_at, rowid limit 100"
        )
        return list(self.ledger.rows(sql, now(), json.dumps(list(bound))))

    def next_due(self) -> float | None:
        row = self.ledger.row("select min(due_at) from messages where state = 'queued'")
        return row[0] if row else None

    def expire(self) -> None:
        sql = "select * from messages where state = 'queued' and expires_at <= ?"
        for row in self.ledger.rows(sql, now()):
            self.settle(row, "EXPIRED")

    def settle(self, row: sqlite3.Row, outcome: str) -> None:
        """DELIVRD, UNDELIV or EXPIRED: write it down and queue the receipt that was asked for."""
        with self.ledger.transaction():
            self.ledger.write("update messages set state = ? where id = ?", outcome.lower(), row["id"])
            self.report(row, outcome)
        event("sms.settled", id=row["id"], outcome=outcome)

    def report(self, row: sqlite3.Row, outcome: str) -> None:
        """Queue a delivery receipt to the sender (SMPP 3.4 appendix B)."""
        plan = ReceiptPlan.read(row["receipt"])
        claim = plan.claim or outcome
        if plan.wanted not in (ALWAYS, ON_FAILURE) or (plan.wanted == ON_FAILURE and claim == "DELIVRD"):
            return
        moment, due = now(), now() + plan.delay
        receipt = _receipt(row, plan.sender, claim, moment)
        self.ledger.write(
            "insert into messages values (?, ?, ?, ?, 'queued', ?, ?, ?, ?, null, ?)",
            *(secrets.token_hex(8), row["destination"], plan.sender, receipt),
            *(moment, due, due + VALIDITY_SECONDS, str(NO_RECEIPT), row["system_id"]),
        )

    def documents(self) -> list[dict[str, Any]]:
        """All messages, for the control API."""
        sql = "select id, source, destination, state, accepted_at, pdu from messages order by accepted_at, rowid"
        return [_document(row) for row in self.ledger.rows(sql)]


def _document(row: sqlite3.Row) -> dict[str, Any]:
    message = decoded(row["pdu"])
    shown = {key: row[key] for key in ("id", "source", "destination", "state", "accepted_at")}
    kind = "receipt" if message.esm_class & pdu.IS_RECEIPT else "message"
    return {**shown, "kind": kind, "data_coding": message.data_coding, "octets": message.short_message.hex()}


def decoded(octets: bytes) -> smpp34.DeliverSm:
    """A deliver_sm that we have encoded before."""
    message = smpp34.decode(octets)
    assert isinstance(message, smpp34.DeliverSm)  # noqa: S101 - our own octets, for mypy
    return message


def _delivery(message: smpp34.SubmitSm, parcel: Parcel) -> bytes:
    """The deliver_sm of a submit_sm: addresses, coding, header and optional parameters kept."""
    return smpp34.DeliverSm(
        parcel.source,
        message.destination_addr,
        parcel.header + parcel.text,
        source_addr_ton=message.source_addr_ton,
        source_addr_npi=message.source_addr_npi,
        dest_addr_ton=message.dest_addr_ton,
        dest_addr_npi=message.dest_addr_npi,
        esm_class=message.esm_class & pdu.UDHI if parcel.header else 0,
        protocol_id=message.protocol_id,
        data_coding=parcel.data_coding,
        tlvs=message.tlvs,
    ).encode()


def _receipt(row: sqlite3.Row, sender: str, outcome: str, moment: float) -> bytes:
    delivered = int(outcome == "DELIVRD")
    submitted, done = (datetime.fromtimestamp(t, UTC).strftime("%y%m%d%H%M") for t in (row["accepted_at"], moment))
    text = (
        f"id:{row['id']} sub:001 dlvrd:00{delivered} submit date:{submitted} done date:{done}"
        f" stat:{outcome} err:{'000' if delivered else '001'} text:"
    )
    tlvs = [
        smpp34.Tlv(pdu.RECEIPTED_MESSAGE_ID, pdu.c_string(row["id"])),
        smpp34.Tlv(pdu.MESSAGE_STATE, bytes([pdu.STATES[outcome]])),
    ]
    return smpp34.DeliverSm(row["destination"], sender, text.encode(), esm_class=pdu.IS_RECEIPT, tlvs=tlvs).encode()


def e164(address: str) -> str | None:
    """`+` and digits of an SMPP address, or None if it is no telephone number (a short code, a name)."""
    digits = address.removeprefix("+")
    return f"+{digits}" if re.fullmatch(r"[1-9][0-9]{6,14}", digits) else None


def validity_seconds(period: str) -> float:
    """A relative validity_period in seconds; our default for an absolute or missing one."""
    match = _RELATIVE.fullmatch(period)
    if not match:
        return VALIDITY_SECONDS
    days, hours, minutes, seconds = (int(match[i]) for i in (2, 3, 4, 5))
    return float(((days * 24 + hours) * 60 + minutes) * 60 + seconds)
