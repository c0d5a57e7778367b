"""One thing done to many numbers: written down before it begins, number by number, so that it can be taken up again.

The row is the intent: once it runs, whoever finds it goes on with the numbers whose outcome is still open.
"""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts.models import User
from inventory.models.block import BlockReason
from inventory.models.phone_number import PhoneNumber
from numbering.models.stays import stays


class BulkVerb(models.TextChoices):
    """What may be done to many at once. The last two only undo another run."""

    START_TESTS = "start_tests", "Send to the lab"
    BLOCK = "block", "Block"
    CLEAR_BLOCKS = "clear_blocks", "Clear blocks"
    RELEASE = "release", "Take from their customers"
    RETIRE = "retire", "Retire and hand back"
    LIFT = "lift", "Clear the blocks that were placed"
    PUT_BACK = "put_back", "Place the blocks again that were cleared"


class BulkState(models.TextChoices):
    """Where it is."""

    DRAFT = "draft", "dry run"
    WAITING = "waiting", "waits for a second person"
    RUNNING = "running", "running"
    DONE = "done", "done"
    STOPPED = "stopped", "stopped by staff"
    REFUSED = "refused", "refused by a second person"
    DROPPED = "dropped", "withdrawn by who asked"


class BulkOutcome(models.TextChoices):
    """What became of one number of it."""

    OPEN = "open", "not yet"
    DONE = "done", "done"
    LEFT = "left", "left as it is"
    FAILED = "failed", "failed"


S = BulkState
BULK_MOVES: list[tuple[str, str]] = [
    *((S.DRAFT, S.WAITING), (S.DRAFT, S.RUNNING), (S.WAITING, S.RUNNING), (S.WAITING, S.REFUSED)),
    (S.WAITING, S.DROPPED),
    *((S.RUNNING, S.DONE), (S.RUNNING, S.STOPPED)),
]
BEGUN = (S.RUNNING, S.DONE, S.STOPPED)


class BulkRun(models.Model):
    """`asked` is what the list was asked for, as its address said it; empty where somebody chose the numbers."""

    verb = models.CharField(max_length=12, choices=BulkVerb)
    kind = models.CharField(max_length=10, choices=BlockReason, blank=True, help_text="Of the blocks to be placed.")
    reason = models.CharField(max_length=300, blank=True)
    asked = models.JSONField(default=dict, blank=True)
    numbers = models.PositiveIntegerField(help_text="How many it was about when it was made.")
    is_capped = models.BooleanField(default=False, help_text="More matched than one run takes.")
    state = models.CharField(max_length=8, choices=BulkState, default=BulkState.DRAFT)
    requested_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    needs_approval = models.BooleanField(default=False)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    remark = models.CharField(max_length=300, blank=True, help_text="Of who decided, or stopped it.")
    undoes = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="undone_by")
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    begun_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = "bulk run", "bulk runs"
        permissions = [("approve_bulkrun", "Can approve a mass release that somebody else asked for")]
        constraints = [
            models.CheckConstraint(condition=Q(verb__in=BulkVerb.values), name="bulk_run_verb_known"),
            models.CheckConstraint(condition=Q(kind__in=["", *BlockReason.values]), name="bulk_run_kind_known"),
            models.CheckConstraint(condition=Q(state__in=BulkState.values), name="bulk_run_state_known"),
            models.CheckConstraint(condition=Q(state=S.DRAFT) | ~Q(reason=""), name="bulk_run_for_a_reason"),
            models.CheckConstraint(
                condition=(Q(kind="") & ~Q(verb=BulkVerb.BLOCK))
                | Q(verb=BulkVerb.BLOCK, state=S.DRAFT, kind="")
                | (Q(verb=BulkVerb.BLOCK) & ~Q(kind="")),
                name="bulk_run_blocks_of_a_kind",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True, decided_at__isnull=True)
                | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="bulk_run_decided_by_somebody",
            ),
            # four eyes: nobody approves what they asked for, and nothing begins that nobody approved
            models.CheckConstraint(condition=~Q(decided_by=F("requested_by")), name="bulk_run_decided_by_another"),
            models.CheckConstraint(
                condition=Q(needs_approval=False) | ~Q(state__in=BEGUN) | Q(decided_by__isnull=False),
                name="bulk_run_approved_before_it_began",
            ),
            models.CheckConstraint(
                condition=Q(state=S.RUNNING, next_attempt_at__isnull=False)
                | (~Q(state=S.RUNNING) & Q(next_attempt_at__isnull=True)),
                name="bulk_run_running_iff_due",
            ),
        ]
        indexes = [
            # the sweep: which are to be gone on with?
            models.Index(fields=["next_attempt_at"], name="bulk_run_due", condition=Q(next_attempt_at__isnull=False)),
            # what somebody gave back lately; the audit log
            models.Index(fields=["requested_by", "created_at"], name="bulk_run_of_person"),
            models.Index(fields=["created_at"], name="bulk_run_by_time"),
        ]
        triggers = [
            pgtrigger.FSM(name="bulk_run_moves", field="state", transitions=BULK_MOVES),
            pgtrigger.ReadOnly(
                name="what_was_asked_stays",
                fields=["verb", "asked", "numbers", "is_capped", "requested_by", "undoes", "created_at"],
            ),
            pgtrigger.Protect(
                name="approval_is_not_waived",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__needs_approval=True, new__needs_approval=False),
            ),
            *stays("bulk_run"),
        ]

    def __str__(self) -> str:
        return f"{self.get_verb_display()}: {self.numbers:,} numbers"


class BulkItem(models.Model):
    """One number of a run. `blocks`: ids of those that were placed, or cleared; by them it is undone."""

    run = models.ForeignKey(BulkRun, models.PROTECT, related_name="items", db_index=False)
    number = models.ForeignKey(PhoneNumber, models.PROTECT, related_name="bulk_items")
    outcome = models.CharField(max_length=6, choices=BulkOutcome, default=BulkOutcome.OPEN)
    why = models.CharField(max_length=200, blank=True, help_text="Why it was left, or failed.")
    blocks = ArrayField(models.BigIntegerField(), default=list, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = "number of a bulk run", "numbers of bulk runs"
        constraints = [
            models.CheckConstraint(condition=Q(outcome__in=BulkOutcome.values), name="bulk_item_outcome_known"),
            models.UniqueConstraint(fields=["run", "number"], name="bulk_item_once"),
            models.CheckConstraint(
                condition=Q(outcome__in=[BulkOutcome.LEFT, BulkOutcome.FAILED]) | Q(why=""),
                name="bulk_item_done_without_a_but",
            ),
        ]
        # the stretch, and the counts of a run's page
        indexes = [models.Index(fields=["run", "outcome", "id"], name="bulk_item_of_run")]
        triggers = stays("bulk_item")

    def __str__(self) -> str:
        return f"{self.number}: {self.get_outcome_display()}"
