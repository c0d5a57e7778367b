"""SMSCs that treat messages in ways which the sandbox does not know: harmless ones pass, damage is found."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
import smpp34

from numbering.e164 import E164
from numbering.types import Capability
from testing_lab.equipment import Equipment
from testing_lab.line import Line
from testing_lab.messages import alphabet
from testing_lab.models import Outcome
from testing_lab.registry import all_tests
from testing_lab.suite_runner import run_suite
from tests.patience import PATIENCE
from tests.ports import reserve
from tests.testing_lab.messages.smsc import Smsc, link_to, running
from tests.testing_lab.test_against_a_carrier import told

SMS = [test for test in all_tests() if test.code.startswith("S")]
DELIVERED, LATER = "DELIVRD", 0.2


@dataclass(frozen=True)
class Parcel:
    """What reaches the handset."""

    body: bytes
    coding: int
    esm_class: int
    tlvs: tuple[smpp34.Tlv, ...] = ()

    @property
    def header(self) -> bytes:
        return self.body[: self.body[0] + 1] if self.esm_class & 0x40 else b""

    def with_text(self, change: Callable[[str], str]) -> "Parcel":
        octets = self.body[len(self.header) :]
        coding, changed = alphabet.encode(change(alphabet.decode(self.coding, octets)))
        return replace(self, body=self.header + changed, coding=coding)


def replaced(old: str, new: str) -> Callable[[Parcel], list[Parcel]]:
    return lambda parcel: [parcel.with_text(lambda text: text.replace(old, new))]


def as_latin_1(parcel: Parcel) -> list[Parcel]:
    """Converted by a gateway to another alphabet that has every letter, and marked so: the same text."""
    text = alphabet.decode(parcel.coding, parcel.body)
    try:
        return [replace(parcel, body=text.encode("latin-1"), coding=3)] if not parcel.header else [parcel]
    except UnicodeEncodeError:
        return [parcel]


def as_unicode(parcel: Parcel) -> list[Parcel]:
    if parcel.header or parcel.coding:
        return [parcel]
    octets = alphabet.decode(0, parcel.body).encode("utf-16-be")  # more than short_message holds
    return in_the_payload(replace(parcel, body=octets, coding=8))


def by_parameters(parcel: Parcel) -> list[Parcel]:
    """The header of a part becomes sar_* parameters (SMPP 3.4, 5.3.2.22)."""
    if not parcel.header:
        return [parcel]
    reference, total, number = parcel.header[3:]
    tlvs = [(0x020C, bytes([0, reference])), (0x020E, bytes([total])), (0x020F, bytes([number]))]
    body = parcel.body[len(parcel.header) :]
    return [Parcel(body, parcel.coding, 0, tuple(smpp34.Tlv(tag, value) for tag, value in tlvs))]


def sixteen_bit_reference(parcel: Parcel) -> list[Parcel]:
    if not parcel.header:
        return [parcel]
    return [replace(parcel, body=b"\x06\x08\x04\x7a" + parcel.body[3:])]


def in_the_payload(parcel: Parcel) -> list[Parcel]:
    """message_payload in the place of short_message (5.3.2.32)."""
    return [replace(parcel, body=b"", tlvs=(smpp34.Tlv(0x0424, parcel.body),))]


def own_reference(parcel: Parcel) -> list[Parcel]:
    if not parcel.header:
        return [parcel]
    reference, _, number = parcel.header[3:]
    return [replace(parcel, body=parcel.body[:3] + bytes([(reference + number) % 256]) + parcel.body[4:])]


def in_utf_8(parcel: Parcel) -> list[Parcel]:
    return [replace(parcel, body=parcel.body.decode("utf-16-be").encode()[:140])] if parcel.coding == 8 else [parcel]


def replaced_in_unicode(old: str, new: str) -> Callable[[Parcel], list[Parcel]]:
    changed = replaced(old, new)
    return lambda parcel: changed(parcel) if parcel.coding == 8 else [parcel]


def unchanged(parcel: Parcel) -> list[Parcel]:
    return [parcel]


@dataclass(frozen=True)
class Strange:
    """`receipt` makes the texts of the receipts that follow; `hurry`: they come before the answer to submit_sm."""

    name: str
    fails: frozenset[str] = frozenset()
    parcels: Callable[[Parcel], list[Parcel]] = unchanged
    receipts: Callable[[str, str], list[str]] = lambda message_id, state: [_receipt(message_id, state)]
    hurry: bool = False
    pause: Callable[[Parcel], float] = lambda parcel: 0.0


def _receipt(message_id: str, state: str) -> str:
    return f"id:{message_id} sub:001 dlvrd:001 submit date:2611211200 done date:2611211201 stat:{state} err:000 text:x"


TEXTS, LONG, UNICODE, RECEIPTS = map(frozenset, ({"S01", "S02"}, {"S03"}, {"S04"}, {"S05"}))
STRANGE = [
    Strange("nothing"),
    Strange("receipts come before the answer", hurry=True),
    Strange("receipts in lower case, padded", receipts=lambda i, s: [_receipt(f"000{i.lower()}", s).lower()]),
    Strange(
        "enroute, accepted, then the truth", receipts=lambda i, s: [_receipt(i, x) for x in ("ENROUTE", "ACCEPTD", s)]
    ),
    Strange("receipts twice", receipts=lambda i, s: [_receipt(i, s)] * 2),
    Strange("another alphabet, marked as such", parcels=as_latin_1),
    Strange("all as UCS-2", parcels=as_unicode),
    Strange("parts by parameters", parcels=by_parameters),
    Strange("parts with references of 16 bits", parcels=sixteen_bit_reference),
    Strange("the first part last", pause=lambda parcel: 0.5 if parcel.header[-1:] == b"\x01" else 0.0),
    Strange("text in the message_payload", parcels=in_the_payload),
    Strange("Unicode with a class", parcels=lambda p: [replace(p, coding=0x19) if p.coding == 8 else p]),
    Strange("the default alphabet with a class", parcels=lambda p: [p if p.coding else replace(p, coding=0xF1)]),
    Strange("receipts name ids in decimals", receipts=lambda i, s: [_receipt(f"{int(i, 16):010}", s)]),
    Strange("one septet is cut off", TEXTS, lambda p: [p if p.coding or p.header else replace(p, body=p.body[:-1])]),
    Strange(
        "one letter of Unicode is cut off",
        UNICODE,
        lambda p: [replace(p, body=p.body[: 70 * 2 - 2]) if p.coding else p],
    ),
    Strange("septets are sold as ASCII", TEXTS, lambda p: [p if p.coding or p.header else replace(p, coding=1)]),
    Strange("UTF-8 is sold as UCS-2", UNICODE, in_utf_8),
    Strange(
        "a mark of the byte order", UNICODE, lambda p: [replace(p, body=b"\xfe\xff" + p.body[:138]) if p.coding else p]
    ),
    Strange("joiners of emoji are taken off", UNICODE, replaced_in_unicode("\u200d", "")),
    Strange("the header's bit is lost", LONG, lambda p: [replace(p, esm_class=0) if p.header else p]),
    Strange("each part has a reference of its own", LONG, own_reference),
    Strange(
        "receipts say DELIVRD, then the truth", RECEIPTS, receipts=lambda i, s: [_receipt(i, x) for x in ("DELIVRD", s)]
    ),
    Strange("receipts say EXPIRED", RECEIPTS, receipts=lambda i, s: [_receipt(i, "EXPIRED")]),
    Strange("@ becomes a space", TEXTS, replaced("@", " ")),
    Strange("@ is lost", TEXTS, replaced("@", "")),
    Strange("the euro sign becomes e", TEXTS, replaced("€", "e")),
    Strange("escaped signs lose their escape", TEXTS, replaced("[", "<")),
    Strange("& becomes an entity", TEXTS, replaced("&", "&amp;")),
    Strange("accents are taken off", TEXTS, replaced("é", "e")),
    Strange("Greek capitals become Latin ones", TEXTS, replaced("Δ", "D")),
    Strange("an advertisement is added", TEXTS | {"S03", "S04"}, lambda p: [p.with_text(lambda t: f"{t} via X")]),
    Strange("all in capitals", TEXTS | {"S03", "S04"}, lambda p: [p.with_text(str.upper)]),
    Strange("every message twice", frozenset({"S03", "S04"}), lambda p: [p, p]),
    Strange(
        "receipts claim the reverse",
        frozenset({"S05"}),
        receipts=lambda i, s: [_receipt(i, {"DELIVRD": "UNDELIV"}.get(s, "DELIVRD"))],
    ),
]


@dataclass
class StrangeSmsc(Smsc):
    strange: Strange = field(default_factory=lambda: STRANGE[0])

    def _answer(self, event: smpp34.SubmitSmEvent) -> None:
        self.submitted.append(event)
        message_id = f"{len(self.submitted):08X}"
        if not self.strange.hurry:
            event.accept(message_id)
        task = asyncio.create_task(self._treat(self.sessions[-1], event, message_id))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _treat(self, esme: smpp34.Esme, event: smpp34.SubmitSmEvent, message_id: str) -> None:
        came = Parcel(event.short_message, event.data_coding, event.esm_class)
        await asyncio.sleep(self.strange.pause(came))
        answers = [await self._hand_over(esme, event, parcel) for parcel in self.strange.parcels(came)]
        for text in self.strange.receipts(message_id, DELIVERED if all(answers) else "UNDELIV"):
            if event.registered_delivery:
                await esme.deliver_sm(
                    event.source_addr, text.encode(), source_addr=event.destination_addr, esm_class=0x04
                )
        if self.strange.hurry:
            await asyncio.sleep(LATER)
            event.accept(message_id)

    async def _hand_over(self, esme: smpp34.Esme, event: smpp34.SubmitSmEvent, parcel: Parcel) -> bool:
        answer = await esme.deliver_sm(
            event.destination_addr,
            parcel.body,
            source_addr=event.source_addr,
            source_addr_ton=event.source_addr_ton,
            source_addr_npi=event.source_addr_npi,
            data_coding=parcel.coding,
            esm_class=parcel.esm_class,
            tlvs=list(parcel.tlvs),
        )
        return bool(answer.is_success)


@pytest.mark.parametrize("strange", STRANGE, ids=lambda strange: strange.name)
async def test_what_an_smsc_may_do_passes_and_what_it_may_not_fails(strange: Strange) -> None:
    line = Line(E164.parse("+14155550123"), E164.parse("+12025550142"), Capability.SMS, f"strange:{strange.name}")
    smsc = StrangeSmsc(reserve(), strange=strange)
    async with running(smsc), link_to(smsc.port) as link:
        assert await link.wait_bound(PATIENCE)
        no_calls: dict[str, Any] = dict.fromkeys(("agent", "routes", "switchboard", "lag", "calculator"))
        report = await run_suite(line, Equipment(host="", smsc=link, **no_calls), SMS)
    assert set(report.failing) == strange.fails, told(report)
    assert Outcome.INCONCLUSIVE not in {finding.outcome for finding in report.findings.values()}, told(report)
