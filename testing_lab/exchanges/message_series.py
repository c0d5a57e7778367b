"""S03, S04 and S05: six messages in one go, each with a receipt asked for.

Three parts of a long message to the number, a Unicode message to it and one from it, and a control: a message to the
number that our own end refuses for good, so that a receipt which calls it delivered is a lie. What came is known by its
likeness to what was sent, so that a text which arrives in pieces or in another alphabet is damaged and not lost.
"""

import asyncio
import contextlib
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Self

from testing_lab.equipment import Equipment
from testing_lab.evidence import dialogue, pdus
from testing_lab.line import Line
from testing_lab.messages import alphabet, concatenation, texts
from testing_lab.messages.delivery import OK, Delivery, subscriber
from testing_lab.messages.link import RECEIPT_REQUESTED, REFUSED_FOR_GOOD, Submission, SubmitResult
from testing_lab.messages.receipts import Receipt

SETTLE_S = 1.0
"""How long after the last thing expected we listen for what must not come, such as a second copy."""


@dataclass(slots=True, eq=False)
class Sent:
    """One message: what we sent, what the SMSC said, what arrived, what was claimed. `header` makes it a part."""

    name: str
    source: str
    destination: str
    text: str
    header: bytes = b""
    refuse: bool = False
    submitted: SubmitResult | None = None
    arrivals: list[Delivery] = field(default_factory=list)
    receipt: Receipt | None = None

    @property
    def accepted(self) -> bool:
        """Whether the SMSC took it."""
        return self.submitted is not None and self.submitted.outcome == Submission.ACCEPTED

    @property
    def not_sent(self) -> bool:
        """The SMSC or our link to it failed, and nothing was learnt."""
        return self.submitted is None or self.submitted.outcome == Submission.INCONCLUSIVE

    @property
    def over(self) -> bool:
        """Whether nothing more is expected of it."""
        return not self.accepted or (bool(self.arrivals) and self.receipt is not None)

    @property
    def reached(self) -> bool:
        """Whether the recipient has it: it came, and was not refused."""
        return bool(self.arrivals) and not self.refuse

    @property
    def latency_s(self) -> float | None:
        """Seconds from submission to the first arrival."""
        if self.submitted is None or not self.arrivals:
            return None
        return (self.arrivals[0].at - self.submitted.submitted_at).total_seconds()

    @property
    def reported_s(self) -> float | None:
        """Seconds from submission to the receipt."""
        if self.submitted is None or self.receipt is None:
            return None
        return (self.receipt.at - self.submitted.submitted_at).total_seconds()

    @property
    def trace(self) -> str:
        """The PDUs of this message."""
        said = (self.source, self.destination, self.text, self.submitted)
        sent = pdus.submission(*said, header=self.header, what=self.name)
        answer = REFUSED_FOR_GOOD if self.refuse else OK
        came = "".join(pdus.delivery(each, answered=answer, what=self.name) for each in self.arrivals)
        missing = [word for word, there in (("delivery", self.arrivals), ("receipt", self.receipt)) if not there]
        nothing = dialogue.line(dialogue.Note(f"{self.name}: no {' and no '.join(missing)} came")) if missing else ""
        return sent + came + pdus.receipt(self.receipt, what=self.name) + nothing


@dataclass(slots=True)
class MessageSeries:
    """`strays` came from our senders and are like nothing that we sent: destroyed beyond recognition."""

    line: Line
    parts: Sequence[Sent]
    unicode: Sequence[Sent]
    control: Sent
    strays: Sequence[Delivery] = ()
    link_held: bool = True
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _pending: list["asyncio.Future[Receipt]"] = field(default_factory=list)

    @classmethod
    async def perform(cls, line: Line, lab: Equipment) -> Self:
        """Send all, then wait until all has come and been claimed, or their time is up. Raises nothing of its own."""
        began, began_at = time.monotonic(), datetime.now(UTC)
        series = cls.composed(line)
        with contextlib.ExitStack() as stack:
            for end in (line.number, line.reference):
                stack.callback(lab.smsc.listen(str(end), series.take))
            stack.callback(series._give_up)
            await asyncio.gather(*(series._send(lab, message) for message in series.messages))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(series._over(), series.limit_s)
                await asyncio.sleep(SETTLE_S)
        unclaimed = (delivery for delivery in lab.smsc.unclaimed if delivery.at >= began_at)
        series.strays = [delivery for delivery in unclaimed if series._is_stray(delivery)]
        since = lab.smsc.bound_since
        series.link_held = since is not None and since < began
        return series

    @classmethod
    def composed(cls, line: Line) -> Self:
        """The six messages of one run, not sent yet."""
        out, back = (str(line.reference), str(line.number)), (str(line.number), str(line.reference))
        return cls(
            line,
            parts=[Sent(f"part {n}", *out, *piece) for n, piece in enumerate(_pieces(line.seed), 1)],
            unicode=[
                Sent("Unicode in", *out, texts.unicode(line.seed, "unicode in")),
                Sent("Unicode out", *back, texts.unicode(line.seed, "unicode out")),
            ],
            control=Sent("control", *out, texts.short(line.seed, "control"), refuse=True),
        )

    @property
    def messages(self) -> Sequence[Sent]:
        """All six, in the order in which they are sent."""
        return [*self.parts, *self.unicode, self.control]

    @property
    def limit_s(self) -> float:
        """How long we wait: as long as any of the tests allows."""
        limits = self.line.limits
        return max(limits["S03", "arrival_s"], limits["S04", "arrival_s"], limits["S05", "report_s"])

    @property
    def trace(self) -> str:
        """What is kept as evidence."""
        strays = "".join(pdus.delivery(stray, answered=None, what="not recognised") for stray in self.strays)
        return "".join(message.trace for message in self.messages) + strays

    @property
    def packets(self) -> dict[str, object]:
        """Messages have no packet summary."""
        return {}

    @property
    def our_trouble(self) -> bool:
        """The SMSC did not take one, or our link to it was lost while we waited."""
        return any(message.not_sent for message in self.messages) or self.cut_off

    @property
    def cut_off(self) -> bool:
        """Our link was lost before all was over: what did not come may have come to nobody."""
        return not self.link_held and not all(message.over for message in self.messages)

    def take(self, delivery: Delivery) -> int | None:
        """File a delivery with the message that it is; the command_status to answer it with, None if it is not ours."""
        messages = self.parts if self._is_whole(delivery) else self._nearest(delivery)
        for message in messages:
            message.arrivals.append(delivery)
            self._news.set()
        if not messages:
            return None
        return REFUSED_FOR_GOOD if messages[0].refuse else OK

    def _is_whole(self, delivery: Delivery) -> bool:
        """Whether this is the long message, joined by the carrier."""
        first = self.parts[0]
        if delivery.part or len(delivery.text) <= len(first.text) or not _is_there(first, delivery):
            return False
        return texts.is_like("".join(part.text for part in self.parts), first.source, delivery)

    def _nearest(self, delivery: Delivery) -> Sequence[Sent]:
        """The message that it is like, else the part that its header names, else none."""
        there = [message for message in self.messages if _is_there(message, delivery)]
        if exact := [message for message in there if message.text == delivery.text]:
            return exact[:1]
        alike = [message for message in there if texts.is_like(message.text, message.source, delivery)]
        part = delivery.part
        if not alike and part and part.total == len(self.parts) and self.parts[part.number - 1] in there:
            return [self.parts[part.number - 1]]
        return sorted(alike, key=lambda message: texts.likeness(message.text, delivery))[-1:]

    def _is_stray(self, delivery: Delivery) -> bool:
        way = subscriber(delivery.source), subscriber(delivery.destination)
        return way in {(subscriber(m.source), subscriber(m.destination)) for m in self.messages}

    async def _send(self, lab: Equipment, message: Sent) -> None:
        coding, octets = alphabet.encode(message.text)
        message.submitted = await lab.smsc.send(
            message.source,
            message.destination,
            message.header + octets,
            data_coding=coding,
            registered_delivery=RECEIPT_REQUESTED,
            esm_class=concatenation.ESM_UDHI if message.header else 0,
        )
        if message.accepted:
            receipt = lab.smsc.expect_receipt(message.submitted.message_id)
            receipt.add_done_callback(partial(self._claim, message))
            self._pending.append(receipt)
        self._news.set()

    def _claim(self, message: Sent, receipt: "asyncio.Future[Receipt]") -> None:
        if not receipt.cancelled():
            message.receipt = receipt.result()
            self._news.set()

    def _give_up(self) -> None:
        for receipt in self._pending:
            receipt.cancel()

    async def _over(self) -> None:
        while not all(message.over for message in self.messages):
            self._news.clear()
            await self._news.wait()


def _is_there(message: Sent, delivery: Delivery) -> bool:
    return subscriber(message.destination) == subscriber(delivery.destination)


def _pieces(seed: str) -> Iterable[tuple[str, bytes]]:
    """The text and the header of each part."""
    septets = alphabet.encode_gsm(texts.long(seed, "long"))
    for body in concatenation.split(septets, texts.reference(seed), concatenation.SEPTETS_PER_PART):
        header = body[: body[0] + 1]
        yield alphabet.decode_gsm(body[len(header) :]), header
