"""The calls that come in for a number while one of ours is on its way there: which of them is ours."""

import asyncio
import contextlib
from collections.abc import Collection

from testing_lab.sip.incoming import IncomingCall
from testing_lab.sip.values import digits_of

DOUBT_S = 3.0


class Arrivals:
    """`caller` is what our call should show, an address without digits if it should show nobody; `overdue` are callers
    of other calls of ours, in digits, which may come now, though late: these are turned away.

    What a call shows is under test itself, so it only decides between calls. One that shows what ours should is ours,
    and takes the place of another that came before it. A further call is ours come twice if it shows what the first one
    does; if it shows nobody, it may be that or a stranger's (`perhaps_twice`). All others are strangers'. Whatever they
    are, further calls are turned away.
    """

    def __init__(self, caller: str, overdue: Collection[str] = ()) -> None:
        self.count = 0
        self.first: IncomingCall | None = None
        self.mistaken = self.perhaps_twice = False
        self._caller, self._overdue = digits_of(caller), overdue
        self._came, self._is_clear = asyncio.Event(), asyncio.Event()
        self._is_settled = False

    def add(self, call: IncomingCall) -> IncomingCall | None:
        """For the switchboard: the call that is to be turned away now, if any."""
        if self._is_overdue(call):
            return call
        before = self.first
        if before is None:
            self._take(call)
            return None
        if self._shows_us(call) and not self._shows_us(before):
            if self._is_settled:
                self.mistaken = True
                return call
            self._take(call)
            return before
        if shown := _shown(call):
            self.count += shown == _shown(before)
        else:
            self.perhaps_twice = True
        return call

    async def wait(self, timeout: float) -> IncomingCall | None:
        """The first call, or None when none came in `timeout` seconds."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._came.wait(), timeout)
        return self.first

    async def settle(self) -> None:
        """After the first call has come: make sure that `first` is ours. One that does not show it is doubted for
        DOUBT_S; if ours comes later than that, `mistaken` says so."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._is_clear.wait(), DOUBT_S)
        self._is_settled = True

    def _take(self, call: IncomingCall) -> None:
        self.first, self.count = call, 1
        self._came.set()
        if self._shows_us(call):
            self._is_clear.set()

    def _is_overdue(self, call: IncomingCall) -> bool:
        return not self._shows_us(call) and any(is_same(_shown(call), other) for other in self._overdue)

    def _shows_us(self, call: IncomingCall) -> bool:
        return is_same(_shown(call), self._caller) if self._caller else not _shown(call)


def is_same(shown: str, number: str) -> bool:
    """Whether a number, in whatever form it is shown, can be this one."""
    digits = digits_of(shown).lstrip("0")
    return len(digits) >= 7 and number.endswith(digits)


def _shown(call: IncomingCall) -> str:
    return digits_of(call.asserted_identity or call.caller)
