"""What must not become of bulk runs: constraint and spoilt row, for `test_constraints`."""

from inventory.models import BulkItem, BulkRun, BulkVerb
from tests.architecture import rows
from tests.architecture.spoiling import Again, Change


def bulk_run() -> BulkRun:
    """A dry run."""
    return BulkRun.objects.create(verb=BulkVerb.RETIRE, numbers=1, requested_by=rows.user())


def blocking() -> BulkRun:
    return BulkRun.objects.create(verb=BulkVerb.BLOCK, numbers=1, requested_by=rows.user())


def bulk_item() -> BulkItem:
    return BulkItem.objects.create(run=bulk_run(), number=rows.number())


ASKED, RUNS = "inventory.BulkRun:what_was_asked_stays", "reason = 'old', state = 'running', next_attempt_at = now()"
CASES: list[tuple[str, Change | Again]] = [
    ("bulk_run_verb_known", Change(bulk_run, "verb = 'burn'", past=ASKED)),
    ("bulk_run_kind_known", Change(blocking, "kind = 'whim'")),
    ("bulk_run_state_known", Again(bulk_run, {"state": "'lost'", "reason": "'old'"})),
    ("bulk_run_for_a_reason", Change(bulk_run, "state = 'running', next_attempt_at = now()")),
    ("bulk_run_blocks_of_a_kind", Change(bulk_run, "kind = 'fraud'")),
    ("bulk_run_blocks_of_a_kind", Change(blocking, RUNS)),
    ("bulk_run_decided_by_somebody", Change(bulk_run, "decided_at = now()")),
    ("bulk_run_decided_by_another", Change(bulk_run, "decided_by_id = requested_by_id, decided_at = now()")),
    ("bulk_run_approved_before_it_began", Change(bulk_run, f"needs_approval = true, {RUNS}")),
    ("bulk_run_running_iff_due", Change(bulk_run, "reason = 'old', state = 'running'")),
    ("bulk_run_running_iff_due", Change(bulk_run, "next_attempt_at = now()")),
    ("bulk_item_outcome_known", Change(bulk_item, "outcome = 'lost'")),
    ("bulk_item_once", Again(bulk_item)),
    ("bulk_item_done_without_a_but", Change(bulk_item, "outcome = 'done', why = 'almost'")),
]
