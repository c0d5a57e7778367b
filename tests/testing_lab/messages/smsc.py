"""A small SMSC on a free port (the server of `smpp34`): it hands each message back and tells the truth about it."""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import smpp34

from testing_lab.messages.link import SmscLink, SmscSettings
from tests.patience import PATIENCE

THROTTLED = 0x58
INVALID_DESTINATION = 0x0B


@dataclass
class Smsc:
    """`refusals` are statuses for the next submits; `silent_about` are bodies that it accepts and never delivers.

    `answered` are the statuses with which its deliveries were answered.
    """

    port: int
    refusals: deque[int] = field(default_factory=deque)
    silent_about: set[bytes] = field(default_factory=set)
    submitted: list[smpp34.SubmitSmEvent] = field(default_factory=list)
    sessions: list[smpp34.Esme] = field(default_factory=list)
    answered: list[int] = field(default_factory=list)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def serve(self) -> None:
        """Accept binds and messages until cancelled."""
        server = smpp34.Server("127.0.0.1", self.port, system_id="smsc")
        await server.start()
        try:
            while True:
                event = await server.next()
                if isinstance(event, smpp34.Esme):
                    self.sessions.append(event)
                elif isinstance(event, smpp34.SubmitSmEvent):
                    self._answer(event)
        finally:
            await server.stop()

    def _answer(self, event: smpp34.SubmitSmEvent) -> None:
        self.submitted.append(event)
        if self.refusals and (status := self.refusals.popleft()):
            event.reject(status)
            return
        message_id = f"{len(self.submitted):08X}"
        event.accept(message_id)
        task = asyncio.create_task(self._deliver(self.sessions[-1], event, message_id))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, esme: smpp34.Esme, event: smpp34.SubmitSmEvent, message_id: str) -> None:
        arrives = event.short_message not in self.silent_about
        if arrives:
            answer = await esme.deliver_sm(
                event.destination_addr,
                event.short_message,
                source_addr=event.source_addr,
                source_addr_ton=event.source_addr_ton,
                source_addr_npi=event.source_addr_npi,
                data_coding=event.data_coding,
                esm_class=event.esm_class,
                tlvs=event.tlvs,
            )
            self.answered.append(answer.command_status)
            arrives = answer.is_success
        if event.registered_delivery:
            claim = f"id:{message_id} sub:001 dlvrd:{arrives:03} stat:{'DELIVRD' if arrives else 'UNDELIV'} err:000"
            await esme.deliver_sm(event.source_addr, claim.encode(), source_addr=event.destination_addr, esm_class=0x04)


@contextlib.asynccontextmanager
async def running(smsc: Smsc) -> AsyncIterator[Smsc]:
    """The SMSC, serving."""
    task = asyncio.create_task(smsc.serve())
    try:
        yield smsc
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def link_to(port: int, **changes: float) -> SmscLink:
    """A link with the patience of a test."""
    fast = {"messages_per_second": 1000.0, "first_backoff": 0.05, "answer_timeout": PATIENCE, "connect_timeout": 5.0}
    return SmscLink(SmscSettings("127.0.0.1", port, "lab", "lab", **{**fast, **changes}))  # type: ignore[arg-type]  # floats
