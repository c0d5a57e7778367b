"""One run of the test suite on one number, claimed by one lab daemon at a time."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import Account
from inventory.models import PhoneNumber
from testing_lab.models.sids import SidField, sid_shape
from testing_lab.models.trunk import Trunk


class RunState(models.TextChoices):
    """DUE until claimed; CLAIMED while the daemon's lease lasts; STUCK when only staff can help; DROPPED when nobody
    wants it any more."""

    DUE = "DUE"
    CLAIMED = "CLAIMED"
    DONE = "DONE"
    STUCK = "STUCK", "stuck: inconclusive too often, staff must look"
    DROPPED = "DROPPED", "dropped: no longer wanted, and without a verdict"


class Purpose(models.TextChoices):
    """Why a number is tested. What is found moves only a number that is in TESTING; of others it is knowledge."""

    RECEIVED = "received", "received from its provider"
    RETEST = "retest", "its retest is due"
    REUSE = "reuse", "to be sold again"
    SAMPLE = "sample", "drawn as a sample"
    ROUTE = "route", "checks a route"
    CUSTOMER = "customer", "its customer asked"
    STAFF = "staff", "staff asked"


#: Nobody waits for what these find: they are for the lab, and for numbers that are nobody's.
FOR_THE_LAB = (Purpose.SAMPLE, Purpose.ROUTE)
#: Somebody waits for what these find, and looks at a screen.
ASKED_FOR = (Purpose.CUSTOMER, Purpose.STAFF)
OPEN_RUN = (RunState.DUE, RunState.CLAIMED, RunState.STUCK)


class SuiteRun(models.Model):
    """`attempt` counts tries; one without a verdict makes the run due again later, and after a few, staff must look."""

    sid = SidField("LT")
    number = models.ForeignKey(PhoneNumber, models.PROTECT, related_name="suite_runs", db_index=False)
    state = models.CharField(max_length=7, choices=RunState, default=RunState.DUE)
    purpose = models.CharField(max_length=8, choices=Purpose, default=Purpose.RECEIVED)
    asked_by = models.ForeignKey(
        Account,
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="+",
        help_text="The customer who asked for it.",
    )
    trunk = models.ForeignKey(
        Trunk,
        models.CASCADE,
        null=True,
        blank=True,
        db_index=False,
        related_name="checks",
        help_text="The only one that the calls of this run go over.",
    )
    due_at = models.DateTimeField(db_default=Now())
    attempt = models.PositiveIntegerField(default=0)
    strikes = models.PositiveSmallIntegerField(
        default=0, help_text="Attempts without a verdict, our own sickness aside."
    )
    troubles = models.PositiveSmallIntegerField(
        default=0, help_text="Attempts that our own machine, trunk or link spoilt."
    )
    claimed_by = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    passed = models.BooleanField(null=True, blank=True, help_text="The verdict; null until there is one.")
    note = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["number"], condition=Q(state__in=OPEN_RUN), name="suite_run_one_open"),
            models.CheckConstraint(condition=sid_shape("LT"), name="suite_run_sid_shape"),
            models.CheckConstraint(condition=Q(state__in=RunState.values), name="suite_run_state_known"),
            models.CheckConstraint(condition=Q(purpose__in=Purpose.values), name="suite_run_purpose_known"),
            models.CheckConstraint(
                condition=Q(purpose=Purpose.CUSTOMER, asked_by__isnull=False)
                | (~Q(purpose=Purpose.CUSTOMER) & Q(asked_by__isnull=True)),
                name="suite_run_customer_iff_asked_by",
            ),
            models.CheckConstraint(
                condition=Q(purpose=Purpose.ROUTE, trunk__isnull=False)
                | (~Q(purpose=Purpose.ROUTE) & Q(trunk__isnull=True)),
                name="suite_run_route_iff_trunk",
            ),
            models.CheckConstraint(
                condition=Q(state=RunState.CLAIMED, lease_until__isnull=False)
                | (~Q(state=RunState.CLAIMED) & Q(lease_until__isnull=True)),
                name="suite_run_claimed_iff_leased",
            ),
            models.CheckConstraint(
                condition=Q(state=RunState.DONE, passed__isnull=False, finished_at__isnull=False)
                | (~Q(state=RunState.DONE) & Q(passed__isnull=True)),
                name="suite_run_done_iff_verdict",
            ),
        ]
        indexes = [
            # the daemon's claim: due runs, oldest first
            models.Index(fields=["due_at"], name="suite_run_due", condition=Q(state=RunState.DUE)),
            # the sweep for daemons that died
            models.Index(fields=["lease_until"], name="suite_run_lease", condition=Q(state=RunState.CLAIMED)),
            # verdicts by time: the outage canary, the scorecard
            models.Index(fields=["finished_at"], name="suite_run_done", condition=Q(state=RunState.DONE)),
            # the latest check of a trunk
            models.Index(fields=["trunk", "-id"], name="suite_run_of_trunk", condition=Q(trunk__isnull=False)),
            # a number's page
            models.Index(fields=["number", "-id"], name="suite_run_of_number"),
            # the console's list, newest first, of what is rare among hundreds of thousands
            models.Index(fields=["state", "-id"], name="suite_run_by_state"),
            models.Index(fields=["purpose", "-id"], name="suite_run_by_purpose"),
            models.Index(fields=["passed", "-id"], name="suite_run_by_verdict"),
            # a customer's list of the tests that it asked for, and how many that were of late
            models.Index(fields=["asked_by", "-id"], name="suite_run_asked_by", condition=Q(asked_by__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"suite run {self.pk} of {self.number}"
