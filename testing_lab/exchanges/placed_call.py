"""One call of ours to a number that comes back to us: both of its ends are in our hands, on one clock."""

import asyncio
import contextlib
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from numbering.e164 import E164
from testing_lab.equipment import Equipment
from testing_lab.evidence import dialogue
from testing_lab.exchanges.arrivals import Arrivals
from testing_lab.exchanges.ends import agree
from testing_lab.exchanges.inbound_call import ANSWER_LIMIT_S, HANG_UP_LIMIT_S, RING_S
from testing_lab.exchanges.release import is_forgotten
from testing_lab.sip.call import Heard
from testing_lab.sip.errors import CallTimeout
from testing_lab.sip.incoming import IncomingCall
from testing_lab.sip.outgoing import OutgoingCall

ARRIVAL_LIMIT_S = 10.0  # the next call to the same number waits meanwhile

Headers = Sequence[tuple[str, str]]


class PlacedCall:
    """Use: `async with PlacedCall(lab, number) as placed: await placed.dial(...)`. On leaving, both ends are hung up.

    `is_shared`: other numbers under test call that number too. `forgotten` says, afterwards, that nobody knew the call
    any more when we hung up: the trunk was restarted meanwhile.
    """

    def __init__(self, lab: Equipment, number: E164, *, is_shared: bool = False) -> None:
        self._lab, self._number, self._is_shared = lab, number, is_shared
        self._call: OutgoingCall | None = None
        self.arriving = Arrivals("")
        self.forgotten = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._call is not None:
            self.forgotten = await is_forgotten(self._call)
        if (far := self.arriving.first) is not None:
            self.forgotten &= far.ended_by != "remote"  # who passes our BYE on knows the call
            await far.hang_up(HANG_UP_LIMIT_S)

    @property
    def was_dialled(self) -> bool:
        """Whether there is a call at all."""
        return self._call is not None

    @property
    def call(self) -> OutgoingCall:
        """The caller's end. Only after `dial`."""
        assert self._call is not None  # noqa: S101 - says so
        return self._call

    @property
    def incoming(self) -> IncomingCall:
        """The called party's end. Only after it arrived."""
        assert self.arriving.first is not None  # noqa: S101 - says so
        return self.arriving.first

    @property
    def final(self) -> Heard | None:
        """The caller's final response, or None while there is none. A challenge that was answered is not it."""
        return next((heard for heard in reversed(self.call.responses) if heard.status >= 200), None)

    @property
    def kept_out(self) -> str:
        """The host from which the call came back, if we don't listen to that; else ""."""
        if self.arriving.count:
            return ""
        return self._lab.agent.endpoint.kept_out(str(self._number), self.call.invited_at)

    @property
    def trace(self) -> str:
        """What was said at both ends."""
        far = self.arriving.first
        heard = dialogue.of_call("number", far.trace) if far else ""
        return dialogue.of_call("caller", self.call.trace) + heard

    async def dial(
        self, *, caller: str, sdp: bytes, headers: Headers = (), display_name: str | None = None
    ) -> IncomingCall | None:
        """Call the number; its far end, or None when the call was refused, or did not arrive in ARRIVAL_LIMIT_S.

        What did not arrive is withdrawn before the next call is on its way; one that comes all the same is known by
        its caller. Raises SipError, OurTrouble and QuietReigns.
        """
        lab, board = self._lab, self._lab.switchboard
        async with lab.turn(self._number, is_shared=self._is_shared) as leave:
            self.arriving = Arrivals(caller, board.overdue(self._number))
            with board.expecting(str(self._number), self.arriving):
                self._call = await lab.invite(
                    self._number,
                    leave,
                    caller=caller,
                    sdp=sdp,
                    headers=headers,
                    display_name=display_name,
                )
                await self._arrival()
                if self.arriving.first is None:
                    if self._is_shared and not self.call.ended.is_set():
                        board.note_overdue(self._number, caller)
                    await self._withdraw()
                else:
                    await self.arriving.settle()
        return self.arriving.first

    async def _withdraw(self) -> None:
        """Wait until the call can't arrive any more. A trunk that has not even said 100 is dead: no 487 will come."""
        if self.call.responses and self.call.answered_at is None and not self.call.ended.is_set():
            with contextlib.suppress(CallTimeout):
                await self.call.cancel()

    async def answer(self, host: str, port: int) -> bool:
        """Play the called party: ring, then answer with what was offered; whether the caller heard the 200.

        An offer that can't be answered is refused with 488. Raises SipError.
        """
        incoming = self.incoming
        await incoming.ring()
        await asyncio.sleep(RING_S)
        description = agree(incoming.remote_sdp, host, port)
        if description is None:
            await incoming.reject(488)
            return False
        if incoming.cancelled.is_set() and self.call.answered_at is not None:
            return False  # somebody else was quicker
        await incoming.answer(description)
        return (await self.call.final(ANSWER_LIMIT_S)).status < 300

    async def _arrival(self) -> None:
        """Return when the call has arrived or is over, or ARRIVAL_LIMIT_S have passed."""
        ends = [asyncio.create_task(each) for each in (self.arriving.wait(ARRIVAL_LIMIT_S), self.call.ended.wait())]
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED, timeout=ARRIVAL_LIMIT_S)
        finally:
            for end in ends:
                end.cancel()
