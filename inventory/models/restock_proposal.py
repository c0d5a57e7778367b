"""What a night proposes for a SKU: an order, or numbers to hand back.

The row is the intent: once approved, whoever finds it carries it out, in transactions that change it together with what
it brings about.
"""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from inventory.models.conditions import CURRENCY_IS_ISO
from inventory.models.provider import Provider
from inventory.models.sku import Sku


class ProposalStatus(models.TextChoices):
    """Where it is. Approved ones have a `next_attempt_at`; the sweep takes it from there."""

    PROPOSED = "proposed", "waits for staff"
    APPROVED = "approved", "approved: to be carried out"
    ORDERED = "ordered", "ordered at the provider"
    HANDED_BACK = "handed_back", "numbers handed back"
    REJECTED = "rejected", "rejected by staff"
    SUPERSEDED = "superseded", "overtaken by a later night"
    WITHDRAWN = "withdrawn", "withdrawn: its SKU was switched off"


S = ProposalStatus
OPEN_PROPOSAL = (S.PROPOSED, S.APPROVED)
CARRIED_OUT = (S.ORDERED, S.HANDED_BACK)
_WITHIN_THE_QUANTITY = (
    Q(allowed__isnull=True)
    | Q(quantity__gt=0, allowed__gt=0, allowed__lte=F("quantity"))
    | Q(quantity__lt=0, allowed__lt=0, allowed__gte=F("quantity"))
)


class RestockProposal(models.Model):
    """A quantity above zero is ordered, below zero handed back. `allowed` is what was approved of it, `carried_out` how
    many numbers were ordered, or handed back, in the end (never negative)."""

    key = models.CharField(max_length=120, unique=True, help_text="SKU and day: one for each night, however often run.")
    sku = models.ForeignKey(Sku, models.PROTECT, related_name="proposals", db_index=False)
    day = models.DateField(help_text="The UTC day whose end it is for.")
    provider = models.ForeignKey(Provider, models.PROTECT, null=True, blank=True, related_name="restock_proposals")
    chosen = models.CharField(max_length=200, blank=True, help_text="Why this provider.")
    quantity = models.IntegerField()
    cost = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True, help_text="Blank: not known.")
    currency = models.CharField(max_length=3)
    terms = models.JSONField(help_text="Every symbol of the decision; see docs/restock.md.")
    sentence = models.CharField(max_length=400)
    approval = models.CharField(max_length=300, blank=True, help_text="Why a person must approve; blank: nobody must.")

    status = models.CharField(max_length=11, choices=ProposalStatus, default=ProposalStatus.PROPOSED)
    allowed = models.IntegerField(null=True, blank=True)
    budget = models.DecimalField(
        max_digits=14,
        decimal_places=4,
        null=True,
        blank=True,
        help_text="The most that the order may cost, if approved.",
    )
    carried_out = models.PositiveIntegerField(default=0, db_default=0)
    decided_by = models.CharField(max_length=80, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    outcome = models.CharField(
        max_length=400, blank=True, help_text="Why less was carried out than approved, or nothing any more."
    )
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=ProposalStatus.values), name="proposal_status_known"),
            # its index also serves a SKU's page: the latest first
            models.UniqueConstraint(fields=["sku", "day"], name="proposal_one_a_night"),
            models.UniqueConstraint(
                fields=["sku"], condition=Q(status__in=OPEN_PROPOSAL), name="proposal_one_open_per_sku"
            ),
            models.CheckConstraint(condition=~Q(quantity=0), name="proposal_does_something"),
            models.CheckConstraint(
                condition=Q(quantity__lt=0, provider__isnull=True) | Q(quantity__gt=0, provider__isnull=False),
                name="proposal_orders_from_somebody",
            ),
            models.CheckConstraint(
                condition=CURRENCY_IS_ISO & (Q(cost__isnull=True) | Q(cost__gte=0)), name="proposal_cost_in_a_currency"
            ),
            models.CheckConstraint(condition=_WITHIN_THE_QUANTITY, name="proposal_allowed_within_the_quantity"),
            models.CheckConstraint(
                condition=(~Q(status__in=(S.PROPOSED, S.REJECTED)) | Q(allowed__isnull=True))
                & (~Q(status__in=(S.APPROVED, *CARRIED_OUT)) | Q(allowed__isnull=False)),
                name="proposal_allowed_iff_approved",
            ),
            models.CheckConstraint(
                condition=Q(status__in=(S.PROPOSED, S.SUPERSEDED, S.WITHDRAWN))
                | (~Q(decided_by="") & ~Q(reason="") & Q(decided_at__isnull=False)),
                name="proposal_decided_by_somebody_for_a_reason",
            ),
            models.CheckConstraint(
                condition=(~Q(status=S.APPROVED, quantity__gt=0) | Q(budget__isnull=False))
                & (Q(budget__isnull=True) | Q(budget__gte=0, quantity__gt=0)),
                name="proposal_order_approved_with_a_budget",
            ),
            models.CheckConstraint(
                condition=~Q(status=S.WITHDRAWN) | ~Q(outcome=""), name="proposal_withdrawn_for_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(status=S.APPROVED, next_attempt_at__isnull=False)
                | (~Q(status=S.APPROVED) & Q(next_attempt_at__isnull=True)),
                name="proposal_approved_iff_due",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=CARRIED_OUT)
                | Q(status=S.ORDERED, quantity__gt=0)
                | Q(status=S.HANDED_BACK, quantity__lt=0),
                name="proposal_ends_as_it_began",
            ),
            models.CheckConstraint(
                condition=Q(carried_out=0)
                | Q(quantity__gt=0, carried_out__lte=F("allowed"))
                | Q(quantity__lt=0, carried_out__lte=-F("allowed")),
                name="proposal_carries_out_no_more_than_allowed",
            ),
        ]
        indexes = [
            # carry_out_due: which approved ones are due?
            models.Index(fields=["next_attempt_at"], name="proposal_due", condition=Q(next_attempt_at__isnull=False)),
            # the staff's list: the newest night first
            models.Index(fields=["-day", "-id"], name="proposal_by_night"),
        ]

    def __str__(self) -> str:
        return self.key
