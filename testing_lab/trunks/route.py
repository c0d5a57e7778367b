"""The way of a call over one trunk: when it may begin, where it goes, and whether the trunk answers at all."""

import contextlib
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone

from testing_lab.sip.agent import UserAgent
from testing_lab.sip.errors import SipError
from testing_lab.sip.outgoing import OutgoingCall
from testing_lab.sip.values import Peer
from testing_lab.trunks.health import Health
from testing_lab.trunks.limits import Leave, Limits
from testing_lab.trunks.quiet import QuietHours, QuietReigns

OPTIONS_LIMIT_S = 4.0
REMEMBERED_S = 30.0  # for how long a refusal may be a sign of the same trouble as another
NOT_SERVING = {401, 403, 407, 408, 500, 502, 503, 504}
"""Answers to OPTIONS of a trunk that would take no call; any other answer tells of life (RFC 3261 11.2)."""


@dataclass(slots=True, eq=False)
class Route:
    """`name` is what results call it. `address` is the trunk's, which is the next hop of all that we send."""

    name: str
    address: Peer
    limits: Limits
    quiet: QuietHours | None = None
    health: Health = field(default_factory=Health)
    in_doubt: bool = False  # it would not have a call: to be asked at once
    _refused: dict[str, float] = field(default_factory=dict)  # numbers, and when by the monotonic clock

    @property
    def is_up(self) -> bool:
        """Whether the trunk answers, as far as we know."""
        return self.health.is_up is not False

    def note_refusal(self, number: object) -> None:
        """The trunk would not have a call, for a reason that may be its own or that number's."""
        self._refused = {each: at for each, at in self._refused.items() if at > time.monotonic() - REMEMBERED_S}
        self._refused[str(number)] = time.monotonic()

    def refuses_others(self, number: object) -> bool:
        """Whether it has refused calls of other numbers of late, so that a refusal says nothing about this one."""
        since = time.monotonic() - REMEMBERED_S
        return any(at > since for other, at in self._refused.items() if other != str(number))

    def quiet_until(self, moment: datetime) -> datetime | None:
        """When the quiet hours end that reign at `moment`."""
        return self.quiet.until(moment) if self.quiet else None

    def is_usable(self) -> bool:
        """Whether calls may go this way now."""
        return self.is_up and self.quiet_until(timezone.now()) is None

    def keep_quiet(self) -> None:
        """Raises QuietReigns in quiet hours."""
        if until := self.quiet_until(timezone.now()):
            raise QuietReigns(self.name, until)

    @contextlib.asynccontextmanager
    async def leave(self) -> AsyncIterator[Leave]:
        """Wait for leave to place one call. It is given back at the end of that call, or here if there was none.

        Raises OurTrouble and QuietReigns.
        """
        self.keep_quiet()
        leave = await self.limits.take()
        try:
            yield leave
        finally:
            if not leave.is_used:
                leave.give_back()

    async def invite(
        self,
        agent: UserAgent,
        number: object,
        leave: Leave,
        *,
        caller: str,
        sdp: bytes,
        headers: Sequence[tuple[str, str]] = (),
        display_name: str | None = None,
        target: str = "",
    ) -> OutgoingCall:
        """Call the number, or another `target`. Raises OurTrouble, QuietReigns, SipError."""
        await leave.begin()
        self.keep_quiet()  # quiet hours may have begun while we waited
        call = await agent.invite(
            target or "sip:{}@{}:{}".format(number, *self.address),
            via=self.address,
            caller=caller,
            sdp=sdp,
            headers=headers,
            display_name=display_name,
        )
        _give_back_at_the_end_of(call, leave)
        return call

    async def ask(self, agent: UserAgent) -> str:
        """Send OPTIONS (RFC 3261 11); why the trunk takes no calls, '' if it does."""
        try:
            answer = await agent.options("sip:{}:{}".format(*self.address), via=self.address, timeout=OPTIONS_LIMIT_S)
        except SipError as error:
            return str(error)
        if answer.status in {401, 407}:
            return f"{answer.status}: it does not accept our user name and password"
        return f"OPTIONS was answered {answer.status} {answer.reason}" if answer.status in NOT_SERVING else ""


def _give_back_at_the_end_of(call: OutgoingCall, leave: Leave) -> None:
    let_go = call.on_end

    def over() -> None:
        let_go()
        leave.give_back()

    call.on_end, leave.is_used = over, True
