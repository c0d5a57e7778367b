"""S01 and S02: one message to the number and one from it, through the SMSC's real session.

The far end is ours too, so the text is compared letter by letter with what was sent.
"""

import asyncio
import time
from dataclasses import dataclass
from typing import ClassVar, Self

from testing_lab.equipment import Equipment
from testing_lab.evidence import dialogue, pdus
from testing_lab.findings import Finding, at_most, failed, inconclusive
from testing_lab.line import Line
from testing_lab.messages import texts
from testing_lab.messages.delivery import Delivery
from testing_lab.messages.link import Submission, SubmitResult


@dataclass(frozen=True, slots=True)
class Message:
    """One message: what we sent, what the SMSC said, what arrived (None: nothing within the limit)."""

    line: Line
    text: str
    submitted: SubmitResult
    delivery: Delivery | None
    link_held: bool = True
    code: ClassVar[str]

    @property
    def way(self) -> tuple[str, str]:
        """From whom it was sent, and to whom."""
        return str(self.line.reference), str(self.line.number)

    @property
    def arrived(self) -> bool:
        """Whether anything came that can only be this message."""
        return self.delivery is not None

    @property
    def limit_s(self) -> float:
        """How long it may take, and how long we wait."""
        return self.line.limits[self.code, "arrival_s"]

    @property
    def sender(self) -> str:
        """The sender that the recipient saw, with the plus that E.164 numbers have; alphanumeric as it came."""
        source = self.delivery.source if self.delivery else ""
        return f"+{source}" if source.isdigit() else source

    @property
    def latency_s(self) -> float | None:
        """Seconds from submission to delivery."""
        return (self.delivery.at - self.submitted.submitted_at).total_seconds() if self.delivery else None

    @property
    def trace(self) -> str:
        """What is kept as evidence."""
        sent = pdus.submission(*self.way, self.text, self.submitted)
        return sent + (pdus.delivery(self.delivery) if self.delivery else dialogue.line(dialogue.Note("nothing came")))

    @property
    def our_trouble(self) -> bool:
        """The SMSC did not take it, or our link to it was lost while we waited."""
        return self.submitted.outcome == Submission.INCONCLUSIVE or (self.delivery is None and not self.link_held)

    @property
    def packets(self) -> dict[str, object]:
        """Messages have no packet summary."""
        return {}


class MessageToNumber(Message):
    """From the lab's reference number to the number under test."""

    code = "S01"

    @classmethod
    async def perform(cls, line: Line, lab: Equipment) -> Self:
        """Send and wait. Raises nothing of its own: a link that fails is an inconclusive submission."""
        return cls(line, *await _send(lab, line, str(line.reference), str(line.number), cls.code))


class MessageFromNumber(Message):
    """From the number under test to the lab's reference number."""

    code = "S02"

    @classmethod
    async def perform(cls, line: Line, lab: Equipment) -> Self:
        """Send and wait, as above."""
        return cls(line, *await _send(lab, line, str(line.number), str(line.reference), cls.code))

    @property
    def way(self) -> tuple[str, str]:
        """The other way."""
        return str(self.line.number), str(self.line.reference)


def judge_arrival(message: Message) -> Finding:
    """The exact text, in time; what the SMSC could not take is our trouble, what it refused is the number's."""
    if message.our_trouble:
        return inconclusive(message.submitted.reason or "our link to the SMSC was lost")
    if message.submitted.outcome == Submission.REFUSED:
        return failed(detail=f"refused: {message.submitted.reason}")
    if message.delivery is None:
        return failed(detail=f"did not arrive within {message.limit_s:g} s")
    if message.delivery.text != message.text:
        return failed(message.latency_s, f"arrived as {message.delivery.text[:80]!r}")
    return at_most(message.limit_s, message.latency_s, "")


async def _send(
    lab: Equipment, line: Line, source: str, destination: str, code: str
) -> tuple[str, SubmitResult, Delivery | None, bool]:
    """The text, what the SMSC said, what arrived, and whether our link stood all the time."""
    began = time.monotonic()
    text = texts.short(line.seed, code)
    arrival = lab.smsc.expect(destination, lambda delivery: texts.is_like(text, source, delivery))
    try:
        submitted = await lab.smsc.send(source, destination, text)
        if submitted.outcome != Submission.ACCEPTED:
            return text, submitted, None, True
        return text, submitted, await asyncio.wait_for(asyncio.shield(arrival), line.limits[code, "arrival_s"]), True
    except TimeoutError:
        since = lab.smsc.bound_since
        return text, submitted, None, since is not None and since < began
    finally:
        arrival.cancel()
