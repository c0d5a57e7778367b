"""Going through those who wait, of each kind (country and type) in the order in which they asked.

Every round begins with who asked first. A wish that nothing on sale meets is asked for once in a round, however many
wait for it; and where the time is over before the queue is, the rest has its turn from where the last round stopped.
So nobody who can't be served stands before all others for ever.
"""

import random
from collections.abc import Iterator
from datetime import timedelta
from time import monotonic

from django.core.cache import cache
from django.db.models import QuerySet
from django.utils import timezone

from accounts.sweeping import LONGEST, batches, take_each
from inventory.models import WaitlistEntry, WaitState
from inventory.waitlist.entries import Wish, wish_of
from inventory.waitlist.serving import serve

EACH = timedelta(seconds=10)  # of a round, for one kind: half from the beginning, half from where the last one stopped


def serve_due() -> int:
    """Serve what can be served of every kind that somebody waits for; how many entries got something.

    In a random order of the kinds: where there is no time for all of them, they take turns.
    """
    end, served, kinds = monotonic() + LONGEST.total_seconds(), 0, _kinds()
    random.shuffle(kinds)
    for country, number_type in kinds:
        if (left := end - monotonic()) > 0:
            served += serve_kind(country, number_type, min(EACH, timedelta(seconds=left)))
    return served


def serve_kind(country: str, number_type: str, longest: timedelta = EACH) -> int:
    """The same of one kind. What was on sale when it began goes to whoever asked first, as far as the time reaches."""
    mark = f"waitlist:{country}:{number_type}"
    round_ = _Round(_waiting().filter(country=country, number_type=number_type))
    if round_.go_on(0, longest / 2):
        return round_.served
    if round_.go_on(max(round_.at, cache.get(mark, 0)), longest / 2):
        cache.delete(mark)
    else:
        cache.set(mark, round_.at, timeout=None)
    return round_.served


class _Round:
    """One walk along a queue: how far it came (an id), how many it served, and which wishes nothing on sale meets."""

    def __init__(self, queue: "QuerySet[WaitlistEntry]") -> None:
        self.at, self.served = 0, 0
        self._queue, self._unmet = queue, set[Wish]()

    def go_on(self, after: int, longest: timedelta) -> bool:
        """Look at those behind this id, for so long; whether the end was reached."""
        take_each("waitlist", self._worth_a_look(after), self._look, longest)
        return not self._queue.filter(pk__gt=self.at).exists()

    def _worth_a_look(self, after: int) -> Iterator[int]:
        for batch in batches(self._queue, after=after):
            for entry in batch:
                if wish_of(entry) not in self._unmet:
                    yield entry.pk
                self.at = entry.pk

    def _look(self, entry_id: int) -> None:
        entry = WaitlistEntry.objects.get(pk=entry_id)
        found = serve(entry)
        if found is None:
            self._unmet.add(wish_of(entry))
        elif found:
            self.served += 1


def _waiting() -> "QuerySet[WaitlistEntry]":
    return WaitlistEntry.objects.filter(state=WaitState.WAITING)


def _kinds() -> list[tuple[str, str]]:
    waiting = _waiting().filter(expires_at__gt=timezone.now())
    return list(waiting.order_by().values_list("country", "number_type").distinct())
