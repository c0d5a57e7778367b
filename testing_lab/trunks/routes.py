"""The routes of one daemon: made from the trunks' rows, looked at anew every few seconds, watched with OPTIONS."""

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from testing_lab import admission
from testing_lab.asking import ask
from testing_lab.models import Trunk
from testing_lab.sip.agent import UserAgent
from testing_lab.sip.digest import Credentials
from testing_lab.sip.values import peer
from testing_lab.trunks import rows, seats
from testing_lab.trunks.limits import LONGEST_WAIT_S, SharedLimits
from testing_lab.trunks.quiet import QuietHours, QuietReigns
from testing_lab.trunks.route import Route

log = logging.getLogger(__name__)

REFRESH_S = 10.0  # what staff change is heeded so soon
LOOK_S = 0.5
RETRY_S = 5.0  # from one OPTIONS to the next while the trunk is down or in doubt
FAREWELL_S = 300.0
SUITE = timedelta(minutes=2)  # what a suite takes: none is begun so shortly before quiet hours


@dataclass(slots=True)
class _Known:
    row: Trunk
    route: Route
    due_s: float = 0.0  # by the monotonic clock: when to ask it next


class Routes:
    """Use: `await refresh()` once, then keep `watch()` running."""

    def __init__(self, daemon: str, agent: UserAgent, stop: asyncio.Event) -> None:
        self._daemon, self._agent, self._stop = daemon, agent, stop
        self.seats: set[int] = set()  # that calls of this daemon have, over whatever trunk
        self._known: dict[int, _Known] = {}
        self._doors: dict[str, float] = {}  # hosts, and until when they are heard
        self._refresh_due_s = 0.0

    @property
    def in_order(self) -> Sequence[Route]:
        """All routes that staff have not switched off, the first one first."""
        return [known.route for known in self._known.values()]

    @property
    def any_up(self) -> bool:
        """Whether calls can be placed at all; False until the first answer."""
        return any(route.health.is_up for route in self.in_order)

    @property
    def room(self) -> int:
        """How many suites the first route that is up can bear at once: each has two calls that are up, or wait."""
        up = [known.row for known in self._known.values() if known.route.is_up]
        return max(1, int(min(up[0].most_calls, up[0].calls_per_second * LONGEST_WAIT_S) / 2)) if up else 1

    def of(self, trunk: int | None) -> Sequence[Route]:
        """The routes for a run: the one that it is to measure, or all."""
        if trunk is None:
            return self.in_order
        return [self._known[trunk].route] if trunk in self._known else []

    def quiet(self) -> QuietReigns | None:
        """The quiet of the route that calls would go over, if it reigns or begins before a suite would be over."""
        up = [route for route in self.in_order if route.is_up] or self.in_order
        for moment in (timezone.now(), timezone.now() + SUITE):
            if up and (until := up[0].quiet_until(moment)):
                return QuietReigns(up[0].name, until)
        return None

    async def message_turn(self) -> None:
        """Wait until a message may be sent, as the owner of the first route allows. Raises QuietReigns."""
        for pk, known in list(self._known.items())[:1]:
            known.route.keep_quiet()
            await asyncio.sleep(await ask(self._stop, seats.book_message, pk) or 0.0)
            known.route.keep_quiet()

    async def refresh(self) -> None:
        """Make routes of what the rows say now. One that is unchanged keeps its health and its queue."""
        found = await ask(self._stop, rows.active)
        if found is None:
            return
        before, self._known = self._known, {}
        for row in found:
            old = before.get(row.pk)
            same = old is not None and rows.is_same(old.row, row)
            self._known[row.pk] = old if old and same else _Known(row, self._route(row))
        self._admit()
        self._refresh_due_s = time.monotonic() + REFRESH_S

    def _admit(self) -> None:
        """Hear the carriers; one whose trunk was taken away also for as long as calls may be up that began over it."""
        now = time.monotonic()
        self._doors |= dict.fromkeys((route.address[0] for route in self.in_order), now + FAREWELL_S)
        self._doors = {host: until for host, until in self._doors.items() if until > now}
        self._agent.endpoint.admit(admission.of_carrier(settings.LAB_CARRIER_SOURCES, list(self._doors)))

    async def watch(self) -> None:
        """Ask each trunk in its interval whether it answers, for ever (the keep-alive of RFC 6223 by other means)."""
        while True:
            if time.monotonic() >= self._refresh_due_s:
                await self.refresh()
            due = [each for each in self._known.values() if each.route.in_doubt or time.monotonic() >= each.due_s]
            await asyncio.gather(*(self._look_at(known) for known in due))
            await asyncio.sleep(LOOK_S)

    async def _look_at(self, known: _Known) -> None:
        health = known.route.health
        known.route.in_doubt = False
        trouble = await known.route.ask(self._agent)
        if changed := health.note(trouble):
            log.info("trunk %s %s", known.route.name, f"is down: {trouble}" if trouble else "answers")
        await ask(self._stop, rows.note_answer, known.row.pk, self._daemon, trouble, changed=changed)
        interval = min(RETRY_S, known.row.options_interval) if health.in_doubt else known.row.options_interval
        known.due_s = time.monotonic() + interval

    def _route(self, row: Trunk) -> Route:
        address = peer(row.address or settings.LAB_TRUNK_ADDRESS)
        self._agent.log_in(address, Credentials(row.username, row.password or "") if row.username else None)
        limits = SharedLimits(row.pk, self._daemon, self._stop, self.seats)
        return Route(row.name, address, limits, QuietHours.of(row))
