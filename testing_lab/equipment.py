"""What one lab daemon measures with: its SIP agent and inbound trunk, its link to the SMSC, its watch on itself."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol
from weakref import WeakValueDictionary

from inventory.providers.base import EmergencyAddresses
from numbering.e164 import E164
from testing_lab.calculator import Calculator
from testing_lab.findings import OurTrouble
from testing_lab.media.instrument import LoopLag
from testing_lab.messages.link import SmscLink
from testing_lab.messages.mms import MmsLink
from testing_lab.sip.agent import UserAgent
from testing_lab.sip.errors import SipError
from testing_lab.sip.incoming import IncomingCall
from testing_lab.sip.outgoing import OutgoingCall
from testing_lab.sip.values import digits_of
from testing_lab.stir.certificates import Certificates
from testing_lab.trunks.limits import LONGEST_WAIT_S, Leave
from testing_lab.trunks.route import Route

OVERDUE_S = 200.0  # a proxy may keep an INVITE for more than three minutes (RFC 3261 16.6, timer C)


class Expectation(Protocol):
    """Whoever waits for calls to a number."""

    def add(self, call: IncomingCall) -> IncomingCall | None:
        """Take the call; which one is to be turned away, if any."""


class Switchboard:
    """Hands each inbound call to the exchange that expects its number; nobody else is answered.

    A call is matched by the digits of the number it is for, so that a carrier which writes the number in another
    form is found out by the test and not lost; who else calls that number meanwhile finds it busy. `on_stranger` is
    told of the others: whom they called, who they say they are.
    """

    def __init__(self) -> None:
        self.on_stranger: Callable[[str, str], None] = lambda called, caller: None
        self._expected: dict[str, Expectation] = {}
        self._overdue: dict[str, dict[str, float]] = {}  # who called that number in vain, and until when it may come
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()  # kept by those who hold or wait

    @contextlib.asynccontextmanager
    async def turn(self, number: object, limit_s: float | None = None) -> AsyncIterator[None]:
        """Wait until no other call is on its way to `number`, and keep it so while the block runs.

        So it is known which call arrives, without trusting the caller identity, which is under test itself. Turns are
        given in the order in which they are asked for. Raises OurTrouble if that takes longer than `limit_s`.
        """
        turn = self._turns.setdefault(digits_of(str(number)), asyncio.Lock())
        try:
            async with asyncio.timeout(limit_s):
                await turn.acquire()
        except TimeoutError:
            raise OurTrouble(f"others called {number} for {limit_s:.0f} s, one after the other") from None
        try:
            yield
        finally:
            turn.release()

    @contextlib.contextmanager
    def expecting(self, number: str, arrivals: Expectation) -> Iterator[None]:
        """Collect the calls for `number` in `arrivals` while the block runs. One exchange per number at a time."""
        key = digits_of(number)
        if key in self._expected:
            raise RuntimeError(f"{number} is already expected")
        self._expected[key] = arrivals
        try:
            yield
        finally:
            del self._expected[key]

    def note_overdue(self, number: object, caller: str) -> None:
        """A call of ours from `caller` did not arrive, nor was it refused. It may still come, and is then not the one
        that is waited for."""
        self._overdue.setdefault(digits_of(str(number)), {})[digits_of(caller)] = time.monotonic() + OVERDUE_S

    def overdue(self, number: object) -> Collection[str]:
        """The callers, in digits, whose calls to `number` may still arrive."""
        key, now = digits_of(str(number)), time.monotonic()
        known = {caller: until for caller, until in self._overdue.pop(key, {}).items() if until > now}
        if known:
            self._overdue[key] = known
        return known

    async def receive(self, call: IncomingCall) -> None:
        """The agent's `on_invite`."""
        expected = self._find(digits_of(call.called))
        if expected is None:
            self.on_stranger(call.called, call.caller)
            await call.reject(404)
        else:
            surplus = expected.add(call)
            if surplus is not None:
                with contextlib.suppress(SipError):  # who called has hung up meanwhile
                    await surplus.reject(486)

    def _find(self, digits: str) -> Expectation | None:
        """The number as dialled, or an expected number that ends with what came (a national format)."""
        national = digits.lstrip("0")
        if digits in self._expected:
            return self._expected[digits]
        ending = [key for key in self._expected if len(national) >= 7 and key.endswith(national)]
        return self._expected[ending[0]] if len(ending) == 1 else None


@dataclass(slots=True)
class Equipment:
    """`host` is our address in SDP and contacts; `routes` are the ways of our calls, the first one first.

    Without an MMS relay (`mms`), what needs one is inconclusive. `emergency_addresses` finds who registers the address
    behind a number, None where nobody does; it is run in a thread.
    """

    host: str
    agent: UserAgent
    routes: Sequence[Route]
    switchboard: Switchboard
    smsc: SmscLink
    lag: LoopLag
    calculator: Calculator
    certificates: Certificates = field(default_factory=Certificates)
    mms: MmsLink | None = None
    emergency_addresses: Callable[[E164], EmergencyAddresses | None] = lambda number: None

    @property
    def route(self) -> Route:
        """Where calls go. Raises OurTrouble when the lab has no trunk."""
        if not self.routes:
            raise OurTrouble("the lab has no trunk")
        return self.routes[0]

    def over(self, *routes: Route) -> "Equipment":
        """The same equipment, whose calls go over these."""
        return replace(self, routes=routes)

    def ways(self) -> "list[Equipment]":
        """This equipment over each route that is usable now, by itself; over the first if none is."""
        usable = [route for route in self.routes if route.is_usable()] or self.routes[:1]
        return [self.over(route) for route in usable] or [self]

    @contextlib.asynccontextmanager
    async def turn(self, number: object, *, is_shared: bool = False) -> AsyncIterator[Leave]:
        """Wait for the turn to call `number`, which the block keeps, and for leave to call over the route.

        For a number that is shared, as the lab's own is by all numbers under test, the seat is waited for first, and at
        its turn the call gets the very next moment: whoever has the turn keeps all others from calling there. For the
        same reason its calls may be slow to end, and the turn is waited for no longer than the trunk is. Raises
        OurTrouble and QuietReigns.
        """
        if is_shared:
            async with self.route.leave() as given, self.switchboard.turn(number, LONGEST_WAIT_S):
                given.is_urgent = True
                yield given
        else:
            async with self.switchboard.turn(number), self.route.leave() as given:
                yield given

    async def invite(self, number: object, leave: Leave, **call: Any) -> OutgoingCall:
        """Call a number over the route; see `Route.invite`."""
        return await self.route.invite(self.agent, number, leave, **call)
