"""Traffic events from a stream of Redis (https://redis.io/docs/latest/develop/data-types/streams/): at least once, and
counted once, since events know themselves.

An entry has the fields `feed` and `event`, a JSON object. It leaves the stream when its event is in the database, so
the stream's length is what is still to do: whoever writes shall pause while that grows.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import groupby
from typing import Any

import orjson
import redis
import structlog

from inventory.refusals import NotAFeed
from inventory.traffic.feeding import Report, Told, feed_in

STREAM, GROUP, REFUSED = "traffic", "numberyard", "traffic:refused"
ENTRIES = 10_000  # read at a time
WAIT_MS = 1_000  # for the first of them
ABANDONED_MS = 60_000  # what another consumer took so long ago, and is not done with, is taken over
DEAD_MS = 86_400_000  # a consumer's name dies with its process
KEPT = 10_000  # refusals
log = structlog.get_logger(__name__)

Entry = tuple[bytes, Mapping[bytes, bytes]]


class Consumer:
    """One of the stream's consumers; `name` is its own as long as it runs."""

    def __init__(self, client: "redis.Redis", name: str) -> None:
        self._redis, self._name = client, name
        try:
            client.xgroup_create(STREAM, GROUP, id="0", mkstream=True)
        except redis.OutOfMemoryError:
            pass  # who reads empties it, and reading tells if there is no group
        except redis.ResponseError as error:
            if "BUSYGROUP" not in str(error):  # there is one already
                raise
        self._forget_the_dead()

    def work(self) -> int:
        """Take what others left, else what is new; returns how many entries were read, after a wait for the first."""
        entries = self._abandoned() or self._new()
        if entries:
            self._take(entries)
        return len(entries)

    def _forget_the_dead(self) -> None:
        """Consumers that read nothing for a day; what one of them still held is then new again for nobody, so none
        that holds something goes."""
        known: Any = self._redis.xinfo_consumers(STREAM, GROUP)
        for consumer in known:
            if consumer["idle"] > DEAD_MS and not consumer["pending"]:
                self._redis.xgroup_delconsumer(STREAM, GROUP, consumer["name"])

    def _abandoned(self) -> list[Entry]:
        answer: Any = self._redis.xautoclaim(STREAM, GROUP, self._name, ABANDONED_MS, count=ENTRIES)
        return [(key, fields) for key, fields in answer[1] if fields]  # an entry that is gone has no fields

    def _new(self) -> list[Entry]:
        answer: Any = self._redis.xreadgroup(GROUP, self._name, {STREAM: ">"}, count=ENTRIES, block=WAIT_MS)
        return answer[0][1] if answer else []

    def _take(self, entries: list[Entry]) -> None:
        """Commit, then acknowledge: a crash between the two tells the entries once more."""
        refusals: list[Any] = []
        for feed, of_feed in groupby(sorted(entries, key=_feed), key=_feed):
            told = list(of_feed)
            report = _fed(feed, [fields for _, fields in told])
            refusals += ({"entry": told[line - 1][0], "feed": feed, "reason": why} for line, why in report.refusals)
            if report.refused:
                log.warning("traffic_events_refused", feed=feed, refused=report.refused, stream=REFUSED)
        keys = [key for key, _ in entries]
        with self._redis.pipeline(transaction=False) as commands:  # a full Redis takes no command in a transaction
            commands.xdel(STREAM, *keys)
            commands.xack(STREAM, GROUP, *keys)
            commands.execute()
        self._keep(refusals)

    def _keep(self, refusals: list[Any]) -> None:
        """Which entries, and why: for staff. What they hold is not kept, since it may name callers.

        A full Redis takes none of it; the entries have left it before, so that it does not stay full because of them.
        """
        with suppress(redis.OutOfMemoryError):
            for refusal in refusals:
                self._redis.xadd(REFUSED, refusal, maxlen=KEPT, approximate=True)


def _feed(entry: Entry) -> str:
    return entry[1].get(b"feed", b"").decode(errors="replace")[:40]


def _fed(feed: str, entries: Sequence[Mapping[bytes, bytes]]) -> Report:
    """Entries of a feed whose name is none are refused: if they stayed, they would hold up all others."""
    try:
        return feed_in(_told(entries), feed=feed)
    except NotAFeed as error:
        report = Report(lines=len(entries))
        for line in range(1, len(entries) + 1):
            report.refuse(line, str(error))
        return report


def _told(entries: Iterable[Mapping[bytes, bytes]]) -> Iterator[Told]:
    for line, fields in enumerate(entries, 1):
        try:
            yield Told(line, orjson.loads(fields.get(b"event", b"")))
        except ValueError:
            yield Told(line, None, "event: a JSON object")
