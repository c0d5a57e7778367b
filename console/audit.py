"""The audit log: what staff did and looked at, from the tables where it is written down, as one list by time.

Each table only grows: the database refuses to change or delete a row of it. A page reads one page of each table, from
the place where the page before ended, by an index on its time, and merges them.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from django.contrib.admin.models import LogEntry
from django.db.models import Q, QuerySet

from accounts.models import RoleChange, User
from compliance.models import BundleView, DocumentView
from inventory.models import BulkRun, BulkState, QuarantineOverride
from testing_lab.models import VerdictOverride

PAGE, BATCH = 100, 1_000
#: When, in which of the tables, which row.
Place = tuple[datetime, int, int]


class Deed(NamedTuple):
    """Who did what to which object, and why. `place` is where the list goes on after it."""

    at: datetime
    who: str
    kind: str
    about: str
    what: str
    place: str


@dataclass(frozen=True)
class Asked:
    """What the log is asked for; None or blank is everything. `since` and `until` are UTC days, both included."""

    person: User | None = None
    kind: str = ""
    since: date | None = None
    until: date | None = None
    about: str = ""


@dataclass(frozen=True)
class Source:
    """One table: when and by whom its rows were written, what they are about, and the row in words.

    `by_name`: it keeps who it was as "user:" and the address, not as a reference.
    """

    kind: str
    rows: Callable[[], "QuerySet[Any]"]
    at: str
    who: str
    about: tuple[str, ...]
    told: Callable[[Any], tuple[str, str]]
    by_name: bool = False

    def conditions(self, asked: Asked) -> Q:
        """The filter as conditions on this table."""
        found = Q()
        if asked.person:
            found &= Q((self.who, f"user:{asked.person}"[:80] if self.by_name else asked.person))
        if asked.since:
            found &= Q((f"{self.at}__gte", datetime.combine(asked.since, time.min, UTC)))
        if asked.until:
            found &= Q((f"{self.at}__lt", datetime.combine(asked.until, time.min, UTC) + timedelta(days=1)))
        if asked.about:
            named = Q()
            for column in self.about:
                named |= Q((column, asked.about))
            found &= named
        return found


def _deed(entry: LogEntry) -> tuple[str, str]:
    of = entry.content_type.name if entry.content_type else ""
    return f"{of} {entry.object_repr}".strip(), str(entry.get_change_message())


def _document(view: DocumentView) -> tuple[str, str]:
    grant = view.grant
    noted = f": {grant.note}" if grant.note else ""
    return grant.document.sid, f"opened the paper ({view.get_what_display()}), {grant.get_reason_display()}{noted}"


def _bundle(view: BundleView) -> tuple[str, str]:
    noted = f": {view.note}" if view.note else ""
    seen = "everything in it" if view.everything else "what the rules ask for"
    return view.bundle.sid, f"looked at {seen}, {view.get_reason_display()}{noted}"


def _verdict(override: VerdictOverride) -> tuple[str, str]:
    return f"suite run {override.run_id}", f"set to {'passed' if override.passed else 'failed'}: {override.reason}"


def _stay(override: QuarantineOverride) -> tuple[str, str]:
    return str(override.stay.number), f"{override.get_action_display()}: {override.reason}"


def _bulk(run: BulkRun) -> tuple[str, str]:
    decided = f"; {run.decided_by} decided: {run.remark}" if run.decided_by else ""
    return str(run), f"{run.get_state_display()}: {run.reason}{decided}"


def _roles(change: RoleChange) -> tuple[str, str]:
    before, after = (", ".join(names) or "none" for names in (change.before, change.after))
    return str(change.user), f"roles from {before} to {after}: {change.reason}"


PAPER, NUMBER = "grant__document", "stay__number"


def _deeds() -> "QuerySet[LogEntry]":
    return LogEntry.objects.select_related("user", "content_type")


def _papers() -> "QuerySet[DocumentView]":
    texts = ("friendly_name", "attributes", "reason_sentence", "fix_hint")  # of the paper only its SID is read
    return DocumentView.objects.select_related("user", PAPER).defer(*(f"{PAPER}__{name}" for name in texts))


def _bundles() -> "QuerySet[BundleView]":
    return BundleView.objects.select_related("user", "bundle")


def _bulk_runs() -> "QuerySet[BulkRun]":
    return BulkRun.objects.exclude(state=BulkState.DRAFT).select_related("requested_by", "decided_by")


def _role_changes() -> "QuerySet[RoleChange]":
    return RoleChange.objects.select_related("user", "by")


def _verdicts() -> "QuerySet[VerdictOverride]":
    return VerdictOverride.objects.select_related("run")


def _words() -> "QuerySet[QuarantineOverride]":
    return QuarantineOverride.objects.select_related(NUMBER)


SOURCES = (
    Source("deed", _deeds, "action_time", "user", ("object_repr",), _deed),
    Source("paper", _papers, "at", "user", (f"{PAPER}__sid",), _document),
    Source("bundle", _bundles, "at", "user", ("bundle__sid",), _bundle),
)
#: What was done there is among the deeds already, and here with its own terms.
SPECIAL = (
    Source("bulk", _bulk_runs, "created_at", "requested_by", (), _bulk),
    Source("roles", _role_changes, "at", "by", ("user__email",), _roles),
    Source("verdict", _verdicts, "at", "actor", (), _verdict, by_name=True),
    Source("word", _words, "created_at", "actor", (), _stay, by_name=True),
)
KINDS = {
    "deed": "verbs and edits",
    "paper": "papers opened",
    "bundle": "bundles looked at",
    "bulk": "bulk runs",
    "roles": "changes of roles",
    "verdict": "verdicts of the lab overridden",
    "word": "stays in quarantine overridden",
}


def page(asked: Asked, after: str = "", *, limit: int = PAGE) -> list[Deed]:
    """Up to so many deeds, the newest first, from the place `after` on. Raises ValueError for what is no place."""
    place = _place(after) if after else None
    found: list[tuple[int, Source, Any]] = []
    for rank, source in enumerate(_chosen(asked.kind)):
        found += [(rank, source, row) for row in _rows(source, rank, asked, place)[:limit]]
    found.sort(key=lambda each: (each[0], -each[2].pk))
    found.sort(key=lambda each: getattr(each[2], each[1].at), reverse=True)
    return [_told(*each) for each in found[:limit]]


def _chosen(kind: str) -> Sequence[Source]:
    return [source for source in (*SOURCES, *SPECIAL) if source.kind == kind] if kind else SOURCES


def every(asked: Asked) -> Iterator[Deed]:
    """All of them, batch by batch."""
    after = ""
    while batch := page(asked, after, limit=BATCH):
        yield from batch
        after = batch[-1].place


def _rows(source: Source, rank: int, asked: Asked, place: Place | None) -> "QuerySet[Any]":
    rows = source.rows().filter(source.conditions(asked))
    found = rows.filter(_beyond(source, rank, *place)) if place else rows
    return found.order_by(f"-{source.at}", "-pk")


def _beyond(source: Source, rank: int, at: datetime, its_rank: int, pk: int) -> Q:
    """Rows after that place: earlier, or at the same instant in a later table or further down in the same."""
    if rank < its_rank:
        return Q((f"{source.at}__lt", at))
    same = Q((source.at, at)) & Q(pk__lt=pk) if rank == its_rank else Q((source.at, at))
    edge = Q((f"{source.at}__lte", at))  # said once more, apart: only this an index can begin with
    return edge & (Q((f"{source.at}__lt", at)) | same)


def _told(rank: int, source: Source, row: Any) -> Deed:
    about, what = source.told(row)
    at, who = getattr(row, source.at), str(getattr(row, source.who)).removeprefix("user:")
    return Deed(at, who, KINDS[source.kind], about, what, place=f"{at.isoformat()},{rank},{row.pk}")


def _place(said: str) -> Place:
    """Raises ValueError."""
    at, rank, pk = said.split(",")
    came = datetime.fromisoformat(at)
    if came.tzinfo is None or not 0 <= int(pk) < 2**63:
        raise ValueError(said)
    return came, int(rank), int(pk)
