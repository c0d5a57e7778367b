"""The queue of suite runs: opened for numbers in TESTING, claimed with a lease, given back when a daemon dies."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from inventory.lifecycle import State
from testing_lab.models import RunState, SuiteRun

LEASE = timedelta(minutes=3)
MAX_STRIKES = 4
MAX_TROUBLES = 40
RETRY_AFTER = timedelta(seconds=30)

# One run for each number that is in TESTING and has none open. The partial unique index makes it safe to run anywhere.
_OPEN_RUNS = """
INSERT INTO testing_lab_suiterun (number_id, state, purpose, attempt, strikes, troubles, claimed_by, note)
SELECT number.id, 'DUE', CASE
    WHEN number.cleared_at IS NULL THEN 'received'
    WHEN number.passport_expires_at IS NULL THEN 'reuse'
    ELSE 'retest'
END, 0, 0, 0, '', ''
FROM inventory_phonenumber AS number
WHERE number.state = %s AND NOT EXISTS (
    SELECT FROM testing_lab_suiterun AS run
    WHERE run.number_id = number.id AND run.state IN ('DUE', 'CLAIMED', 'STUCK')
)
ORDER BY number.state_since
LIMIT %s
ON CONFLICT (number_id) WHERE state IN ('DUE', 'CLAIMED', 'STUCK') DO NOTHING
"""


def open_runs(limit: int) -> int:
    """Open a run for up to `limit` numbers that wait for the lab, longest first; returns how many were opened.

    Ask only when `claim` found too few: the fewer runs are open, the sooner the next number without one is met.
    """
    with connection.cursor() as cursor:
        cursor.execute(_OPEN_RUNS, [State.TESTING, limit])
        return int(cursor.rowcount)


def claim(daemon: str, limit: int) -> list[SuiteRun]:
    """Up to `limit` due runs for this daemon, each with a lease; no other daemon gets them while the lease lasts."""
    now = timezone.now()
    with transaction.atomic():
        due = SuiteRun.objects.filter(state=RunState.DUE, due_at__lte=now).order_by("due_at")
        runs = list(due.select_for_update(skip_locked=True, of=("self",)).select_related("number")[:limit])
        for run in runs:
            run.state, run.claimed_by, run.lease_until = RunState.CLAIMED, daemon, now + LEASE
            run.attempt, run.started_at = run.attempt + 1, run.started_at or now
        SuiteRun.objects.bulk_update(runs, ["state", "claimed_by", "lease_until", "attempt", "started_at"])
    return runs


def renew(run_ids: Sequence[int], daemon: str) -> None:
    """Extend the leases of runs that this daemon still works on."""
    SuiteRun.objects.filter(pk__in=run_ids, claimed_by=daemon, state=RunState.CLAIMED).update(
        lease_until=timezone.now() + LEASE
    )


def give_back_expired() -> int:
    """Make runs due again whose daemon died; a run that has killed its daemon too often goes to staff."""
    expired = SuiteRun.objects.filter(state=RunState.CLAIMED, lease_until__lt=timezone.now())
    stuck = expired.filter(strikes__gte=MAX_STRIKES - 1).update(
        state=RunState.STUCK, lease_until=None, note="the lab daemon stopped in the middle, too often"
    )
    return stuck + expired.update(state=RunState.DUE, lease_until=None, claimed_by="", strikes=F("strikes") + 1)


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
