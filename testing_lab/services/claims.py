"""The queue of suite runs: opened for numbers in TESTING, claimed with a lease, given back when a daemon dies.

Leases are by the database's clock, so that daemons whose clocks differ agree.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Case, F, Q, QuerySet, When
from django.db.models.functions import Now
from django.utils import timezone

from inventory.lifecycle import State
from inventory.models import PhoneNumber
from numbering.types import Capability
from testing_lab.models import Purpose, RunState, SuiteRun
from testing_lab.models.suite_run import ASKED_FOR, FOR_THE_LAB
from testing_lab.trunks.quiet import QUIET, QuietReigns

NONE = Capability(0)
LEASE = timedelta(minutes=3)
MAX_STRIKES = 4
MAX_TROUBLES = 40
#: Of a check of a route: a route that is down is known to be so, and its number waits to be sold.
MAX_TROUBLES_OF_A_ROUTE = 3
RETRY_AFTER = timedelta(seconds=30)
#: So much of a daemon's room is for samples at most: numbers that wait to be sold come first.
FOR_SAMPLES = 1 / 5
#: Of a number that its account has released, or moved to another, since it ordered the test: the results are not its to
#: read any more.
ORDERED_BY_A_FORMER_HOLDER = Q(purpose=Purpose.CUSTOMER) & ~Q(
    number__state=State.IN_SERVICE, number__holder=F("asked_by")
)

#: So many runs back it counts what each kind of number has had of the lab.
LATELY = 500

# One run for each number that is in TESTING and has none open. The partial unique index makes it safe to run anywhere.
_OPEN_RUNS = """
INSERT INTO testing_lab_suiterun (number_id, state, purpose, attempt, strikes, troubles, claimed_by, note)
SELECT number.id, 'DUE', CASE
    WHEN number.cleared_at IS NULL THEN 'received'
    WHEN number.passport_expires_at IS NULL THEN 'reuse'
    ELSE 'retest'
END, 0, 0, 0, '', ''
FROM inventory_phonenumber AS number {beside}
WHERE number.state = %(testing)s {new}
AND number.declared_capabilities & ~number.waived_capabilities & %(without)s = 0 AND NOT EXISTS (
    SELECT FROM testing_lab_suiterun AS run
    WHERE run.number_id = number.id AND run.state IN ('DUE', 'CLAIMED', 'STUCK')
)
ORDER BY {turn} number.state_since
LIMIT %(limit)s
ON CONFLICT (number_id) WHERE state IN ('DUE', 'CLAIMED', 'STUCK') DO NOTHING
"""
_LONGEST_WAITING = _OPEN_RUNS.format(beside="", new="", turn="")
_KIND_BY_KIND = _OPEN_RUNS.format(
    new="AND number.cleared_at IS NULL",
    beside="""LEFT JOIN (
    SELECT had.country, had.number_type, count(*) AS runs
    FROM testing_lab_suiterun AS run JOIN inventory_phonenumber AS had ON had.id = run.number_id
    WHERE run.id > (SELECT max(id) FROM testing_lab_suiterun) - %(lately)s AND run.purpose = 'received'
    GROUP BY had.country, had.number_type
) AS lately USING (country, number_type)""",
    turn="""coalesce(lately.runs, 0)
    + row_number() OVER (PARTITION BY country, number_type ORDER BY number.state_since),""",
)


def open_runs(limit: int, without: Capability = NONE) -> int:
    """Open a run for the `limit` numbers that wait longest for the lab, and for as many new ones whose kind has had the
    fewest runs lately; returns how many were opened.

    So nobody waits for ever, and each kind soon has its first number on sale, whichever came first. Not for those that
    are sold for something of `without`: it can't be tested now.

    Ask only when `claim` found too few: the later it is decided who is next, the more have come.
    """
    asked: dict[str, str | int] = {"testing": State.TESTING, "without": int(without), "limit": limit, "lately": LATELY}
    with connection.cursor() as cursor:
        cursor.execute(_LONGEST_WAITING, asked)
        opened = cursor.rowcount
        cursor.execute(_KIND_BY_KIND, asked)
        return int(opened + cursor.rowcount)


def claim(daemon: str, limit: int, without: Capability = NONE) -> list[SuiteRun]:
    """Up to `limit` due runs for this daemon, each with a lease; no other daemon gets them while the lease lasts.

    First those that somebody asked for, then those that are due the longest. Runs of numbers that are sold for
    something of `without` stay due: it can't be tested now.
    """
    now = timezone.now()
    due = SuiteRun.objects.filter(state=RunState.DUE, due_at__lte=now)
    due = due.order_by(Case(When(purpose__in=ASKED_FOR, then=0), default=1), "due_at", "pk")
    due = due.exclude(ORDERED_BY_A_FORMER_HOLDER)
    with transaction.atomic():
        if without:
            declared, waived = F("number__declared_capabilities"), F("number__waived_capabilities")
            asked = declared.bitor(waived).bitxor(waived)  # type: ignore[arg-type]  # the stubs know numbers only
            due = due.annotate(lacking=asked.bitand(int(without))).filter(lacking=0)
        runs = _taken(due.exclude(purpose__in=FOR_THE_LAB), limit)
        runs += _taken(due.filter(still_good(now)), min(limit - len(runs), _room_for_samples(daemon)))
        for run in runs:
            run.state, run.claimed_by = RunState.CLAIMED, daemon
            run.attempt, run.started_at = run.attempt + 1, run.started_at or now
            run.note = "" if run.note.startswith(QUIET) else run.note
            run.lease_until = Now() + LEASE  # an expression until it is read again
        SuiteRun.objects.bulk_update(runs, ["state", "claimed_by", "lease_until", "attempt", "started_at", "note"])
    return runs


def _taken(due: QuerySet[SuiteRun], limit: int) -> list[SuiteRun]:
    waiting = due.select_for_update(skip_locked=True, of=("self",)).select_related("number")
    return list(waiting[: max(limit, 0)])


def still_good(now: datetime) -> Q:
    """Runs for the lab whose number is what it was when it was drawn: one that was sold since is not called."""
    sample = Q(purpose=Purpose.SAMPLE, number__in=PhoneNumber.objects.canaries())
    return sample | Q(purpose=Purpose.ROUTE, number__in=PhoneNumber.objects.sellable(now))


def _room_for_samples(daemon: str) -> int:
    in_hand = SuiteRun.objects.filter(state=RunState.CLAIMED, claimed_by=daemon, purpose__in=FOR_THE_LAB).count()
    return max(1, round(settings.LAB_CONCURRENCY * FOR_SAMPLES)) - in_hand


def note_quiet(quiet: QuietReigns) -> int:
    """Tell staff why runs that are due are not begun; they stay due. Returns how many had not been told yet."""
    due = SuiteRun.objects.filter(state=RunState.DUE, due_at__lte=timezone.now())
    return due.exclude(note=str(quiet)).update(note=str(quiet))


def wait_for_quiet_to_end(run: SuiteRun, quiet: QuietReigns) -> None:
    """A run that quiet hours overtook is due again when they end. That costs it nothing."""
    SuiteRun.objects.filter(pk=run.pk).update(
        state=RunState.DUE, claimed_by="", lease_until=None, due_at=quiet.until, note=str(quiet)
    )


def renew(run_ids: Sequence[int], daemon: str) -> None:
    """Extend the leases of runs that this daemon still works on."""
    SuiteRun.objects.filter(pk__in=run_ids, claimed_by=daemon, state=RunState.CLAIMED).update(lease_until=Now() + LEASE)


def give_back_expired() -> int:
    """Make runs due again whose daemon died; a run that has killed its daemon too often goes to staff."""
    expired = SuiteRun.objects.filter(state=RunState.CLAIMED, lease_until__lt=Now())
    hopeless, note = expired.filter(strikes__gte=MAX_STRIKES - 1), "the lab daemon stopped in the middle, too often"
    dropped = hopeless.filter(purpose__in=(*FOR_THE_LAB, Purpose.CUSTOMER)).update(
        state=RunState.DROPPED, lease_until=None, note=note, finished_at=timezone.now()
    )
    stuck = hopeless.update(state=RunState.STUCK, lease_until=None, note=note)
    due = expired.update(state=RunState.DUE, lease_until=None, claimed_by="", strikes=F("strikes") + 1)
    return dropped + stuck + due


def rerun(run: SuiteRun, *, actor: str) -> None:
    """Staff: try a stuck run again, its strikes and troubles forgotten."""
    SuiteRun.objects.filter(pk=run.pk, state=RunState.STUCK).update(
        state=RunState.DUE, strikes=0, troubles=0, due_at=timezone.now(), note=f"rerun by {actor}"
    )


def let_go(daemon: str) -> int:
    """Make the runs of a daemon that stops due again at once; that costs them nothing."""
    return SuiteRun.objects.filter(state=RunState.CLAIMED, claimed_by=daemon).update(
        state=RunState.DUE, lease_until=None, claimed_by=""
    )
