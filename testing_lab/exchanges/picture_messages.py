"""M01: a picture to the number and one from it, as multimedia messages over MM4 (3GPP TS 23.140)."""

import asyncio
import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from testing_lab.equipment import Equipment
from testing_lab.evidence.dialogue import Note, Said, line
from testing_lab.findings import OurTrouble
from testing_lab.line import Line
from testing_lab.messages import mm4, picture, texts
from testing_lab.messages.link import Submission
from testing_lab.messages.mms import MmsLink, MmsSubmission
from testing_lab.messages.picture import Look


@dataclass(frozen=True, slots=True)
class Arrived:
    """A picture as it came: from whom, under which type, and what it is."""

    source: str
    declared_type: str
    look: Look


@dataclass(slots=True)
class PictureSent:
    """One message: the picture sent, what the MMSC said, what arrived (None: nothing within the limit)."""

    name: str
    source: str
    sent: Look
    submission: MmsSubmission
    answer: str = ""
    arrived: Arrived | None = None
    destination: str = ""
    sent_at: float | None = None
    answered_at: float | None = None
    arrived_at: float | None = None

    @property
    def not_sent(self) -> bool:
        """The MMSC or the way to it failed, and nothing was learnt."""
        return self.submission.outcome == Submission.INCONCLUSIVE or (
            self.arrived is None and self.answer in mm4.OF_THE_NETWORK
        )

    @property
    def trace(self) -> str:
        """The dialogue over MM4; pictures by what they look like."""
        name, came = self.name, self.arrived
        smtp = f"{self.submission.outcome} {self.submission.reason}".strip()
        forward = f"from: {self.source}\nto: {self.destination}\npicture: {self.sent}\nSMTP: {smtp}"
        request = f"MM4_forward.REQ {name}"
        said: list[Said | Note] = [Said("sender", "sent", "MM4", forward, self.sent_at, title=request)]
        if self.answer:
            status = f"X-Mms-Request-Status-Code: {self.answer}"
            said.append(Said("sender", "received", "MM4", status, self.answered_at, title=f"MM4_forward.RES {name}"))
        if came:
            what = f"from: {came.source}\nContent-Type: {came.declared_type}\npicture: {came.look}"
            said.append(Said("recipient", "received", "MM4", what, self.arrived_at, title=request))
        else:
            said.append(Note(f"{name}: no picture came"))
        return "".join(map(line, said))


@dataclass(slots=True)
class PictureMessages:
    """`transcodes` are the types that the carrier says it converts pictures to."""

    line: Line
    ways: Sequence[PictureSent] = field(default_factory=list)
    transcodes: frozenset[str] = frozenset()

    @classmethod
    async def perform(cls, line: Line, lab: Equipment) -> Self:
        """Send both and wait. Raises OurTrouble when the lab has no MMS relay."""
        if lab.mms is None:
            raise OurTrouble("the lab has no MMS relay")
        ways = (("MMS in", line.reference, line.number), ("MMS out", line.number, line.reference))
        sent = await asyncio.gather(
            *(_send(lab, lab.mms, line, name, (str(source), str(to))) for name, source, to in ways)
        )
        return cls(line, sent, lab.mms.settings.transcodes)

    @property
    def trace(self) -> str:
        """What is kept as evidence."""
        return "".join(way.trace for way in self.ways)

    @property
    def packets(self) -> dict[str, object]:
        """Messages have no packet summary."""
        return {}

    @property
    def our_trouble(self) -> bool:
        """The MMSC did not take one."""
        return any(way.not_sent for way in self.ways)


async def _send(lab: Equipment, relay: MmsLink, line: Line, name: str, way: tuple[str, str]) -> PictureSent:
    """One picture there; what arrives is known by its sender or, if that is another, by its subject."""
    seed, (source, destination) = f"{line.seed}:{name}", way
    octets = await lab.calculator.run(picture.draw, seed)
    message = mm4.Picture(picture.CONTENT_TYPE, octets)
    forward = relay.new_forward(source, destination, texts.subject(seed, "subject"), message)
    arrival: asyncio.Future[mm4.Forward] = asyncio.get_running_loop().create_future()
    arrived_at: list[float] = []
    answered_at: list[float] = []

    def take(came: mm4.Forward) -> bool:
        ours = came.source == source or came.subject == forward.subject
        if ours and not arrival.done():
            arrival.set_result(came)
            arrived_at.append(time.time())
        return ours

    with contextlib.ExitStack() as stack:
        stack.callback(relay.listen(destination, take))
        answer = relay.expect_answer(forward)
        stack.callback(answer.cancel)
        answer.add_done_callback(lambda _: answered_at.append(time.time()))
        look, sent_at = await lab.calculator.run(picture.look, octets), time.time()
        sent = PictureSent(name, source, look, await relay.send(forward), destination=destination, sent_at=sent_at)
        if sent.submission.outcome == Submission.ACCEPTED:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(_settled(arrival, answer), line.limits["M01", "arrival_s"])
        sent.answer = answer.result() if answer.done() else ""
        sent.answered_at, sent.arrived_at = next(iter(answered_at), None), next(iter(arrived_at), None)
        sent.arrived = await _looked_at(lab, arrival.result()) if arrival.done() else None
    return sent


async def _settled(arrival: "asyncio.Future[mm4.Forward]", answer: "asyncio.Future[str]") -> None:
    """Return once the message is there, or the MMSC has said that it will not come."""
    either: list[asyncio.Future[Any]] = [arrival, answer]
    await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
    if not answer.done() or answer.result() == mm4.STATUS_OK:
        await asyncio.wait({arrival})


async def _looked_at(lab: Equipment, came: mm4.Forward) -> Arrived:
    first = came.pictures[0] if came.pictures else mm4.Picture("", b"")
    return Arrived(came.source, first.content_type, await lab.calculator.run(picture.look, first.octets))
