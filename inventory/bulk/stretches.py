"""Going through a bulk run: number by number, each in a transaction of its own with its outcome, for some seconds.

A process that dies leaves numbers that are done, with their outcome, and numbers that are not; the sweep goes on with
those. Two at once do no harm: the item's lock lets one of them do it, and the other sees that it is done.
"""

from datetime import timedelta
from time import monotonic

import structlog
from django.db import OperationalError, transaction
from django.utils import timezone

from accounts.nudges import nudge
from accounts.sweeping import LONGEST, take_each
from inventory.bulk.deeds import DEEDS
from inventory.lifecycle import IllegalMove
from inventory.models import BulkItem, BulkOutcome, BulkRun, BulkState, BulkVerb
from inventory.refusals import Refused

log = structlog.get_logger(__name__)
LEASE = LONGEST + timedelta(seconds=40)
_AT_ONCE = 200  # ids that are read together


def run_due(limit: int) -> int:
    """Go on with up to `limit` runs whose time has come; returns how many."""
    due = BulkRun.objects.filter(next_attempt_at__lte=timezone.now()).order_by("next_attempt_at")
    return take_each("bulk_runs", list(due.values_list("pk", flat=True)[:limit]), stretch)


def stretch(run_id: int, longest: timedelta = LONGEST) -> None:
    """Go on with one run for so long, and ask to be called again if it is not over. Harmless at any time."""
    if not _claim(run_id):
        return
    end = monotonic() + longest.total_seconds()
    while items := _next_items(run_id):
        for item_id in items:
            if monotonic() > end or not _take(item_id):
                _later(run_id)
                return
    BulkRun.objects.filter(pk=run_id, state=BulkState.RUNNING).update(
        state=BulkState.DONE, next_attempt_at=None, ended_at=timezone.now()
    )


def _claim(run_id: int) -> bool:
    now = timezone.now()
    due = BulkRun.objects.filter(pk=run_id, next_attempt_at__lte=now)
    return bool(due.update(next_attempt_at=now + LEASE))


def _next_items(run_id: int) -> list[int]:
    items = BulkItem.objects.filter(run=run_id, outcome=BulkOutcome.OPEN, run__state=BulkState.RUNNING)
    return list(items.order_by("pk").values_list("pk", flat=True)[:_AT_ONCE])


def _later(run_id: int) -> None:
    if BulkRun.objects.filter(pk=run_id, state=BulkState.RUNNING).update(next_attempt_at=timezone.now()):
        nudge("inventory.tasks.bulk_stretch", run_id)


def _take(item_id: int) -> bool:
    """Do one, and write down what became of it; False when the run was stopped."""
    try:
        return _do(item_id)
    except OperationalError:
        raise  # the database's trouble, not this number's
    except Exception as error:
        log.exception("bulk_item_failed", id=item_id)
        why = f"unforeseen: {type(error).__name__}; the log has it"[:200]
        BulkItem.objects.filter(pk=item_id, outcome=BulkOutcome.OPEN).update(
            outcome=BulkOutcome.FAILED, why=why, done_at=timezone.now()
        )
        return True


def _do(item_id: int) -> bool:
    with transaction.atomic():
        item = (
            BulkItem.objects.select_for_update(of=("self",))
            .select_related("run__requested_by", "number")
            .get(pk=item_id)
        )
        if item.outcome != BulkOutcome.OPEN:
            return True  # somebody overtook us
        if item.run.state != BulkState.RUNNING:
            return False
        outcome = _perform(item)
        BulkItem.objects.filter(pk=item_id).update(done_at=timezone.now(), **outcome)
    return True


def _perform(item: BulkItem) -> dict[str, object]:
    actor = f"user:{item.run.requested_by}"[:80]
    try:
        with transaction.atomic():
            touched = DEEDS[BulkVerb(item.run.verb)].perform(item, actor)
    except (IllegalMove, Refused) as refusal:
        return {"outcome": BulkOutcome.LEFT, "why": str(refusal)[:200]}
    return {"outcome": BulkOutcome.DONE, "blocks": touched}
