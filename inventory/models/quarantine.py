"""A stay in quarantine: from when, why, until when at the earliest, what the last night found, and how it ended."""

import pgtrigger
from django.db import models
from django.db.models import F, Q

from compliance.models import PreviousUse
from inventory.models.claims import claim
from inventory.models.phone_number import PhoneNumber
from inventory.models.quarantine_model import QuarantineModel
from inventory.quarantine.actions import VERDICTS, Action
from numbering.models.stays import stays

ACTIONS = [(action.value, action.value) for action in Action]
RULES = [(rule, rule.replace("_", " ")) for rule in dict.fromkeys(verdict.rule for verdict in VERDICTS)]
NOT_DECIDED = Q(
    state_day=None,
    recent_contacts=None,
    effective_days=None,
    likelihood=None,
    alpha=None,
    model=None,
    action="",
    action_rule="",
    predicted_on=None,
)
DECIDED = (
    Q(state_day__isnull=False, recent_contacts__gte=0, effective_days__gte=0, likelihood__isnull=False)
    & Q(alpha__isnull=False)
    & ~Q(action="")
    & ~Q(action_rule="")
)


class QuarantineSource(models.TextChoices):
    """Why the number is watched."""

    RELEASED = "released", "given back by a customer"
    ONBOARDED_NEW = "onboarded_new", "delivered, never in service before"
    ONBOARDED_USED = "onboarded_used", "delivered with an unknown past"


#: Of which former user laws ask another wait, and whose papers tell (`inventory/quarantine/former_use.py`).
USES = [(use.value, use.value) for use in (PreviousUse.RESIDENTIAL, PreviousUse.BUSINESS)]


class StayQuerySet(models.QuerySet["Quarantine"]):
    """Stays of a number."""

    def of_number(self, number_id: int) -> "StayQuerySet":
        """All of them. Open ones and those that are over lie in two indexes, and no index has both."""
        return self.filter(Q(ended_at__isnull=True) | Q(ended_at__isnull=False), number=number_id)


class Quarantine(models.Model):
    """The wait is both legal (`earliest_at`, from a dated rule) and measured (`daily_contacts` since `entered_at`).

    The columns from `state_day` on are written by each night (`inventory/quarantine/nights`), all or none, and by
    nobody else. They are here and not in a table beside it, since each night reads both together; as few indexes as
    possible hold them, and pages are half empty (`fillfactor`), so that a night's update touches no index.
    """

    number = models.ForeignKey(PhoneNumber, models.PROTECT, related_name="quarantines", db_index=False)
    source = models.CharField(max_length=14, choices=QuarantineSource)
    previous_use = models.CharField(
        max_length=11, choices=USES, blank=True, default="", db_default="", help_text="Blank: not known."
    )
    entered_at = models.DateTimeField(help_text="Age 0: disconnected from the last user, or delivered.")
    earliest_at = models.DateTimeField()
    latest_at = models.DateTimeField(null=True, blank=True, help_text="A legal maximum, where there is one.")
    rule = models.CharField(max_length=120, help_text="The rule that set the limits.")
    carried_contacts = models.FloatField(
        default=0.0, db_default=0.0, help_text="S on the morning of the entry, where the last user gave it back soon."
    )
    carried_days = models.FloatField(default=0.0, db_default=0.0, help_text="E, likewise.")
    sentinel_since = models.DateField(
        null=True,
        blank=True,
        help_text="Clean enough on that day, and watched for 30 more to see how true that was.",
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    verdict = models.CharField(max_length=300, blank=True)

    state_day = models.DateField(null=True, blank=True, help_text="The last closed UTC day that was counted.")
    recent_contacts = models.FloatField(null=True, blank=True, help_text="Discounted: S of the engine.")
    effective_days = models.FloatField(null=True, blank=True, help_text="Observed ones, discounted: E of the engine.")
    likelihood = models.FloatField(null=True, blank=True, help_text="Of unwanted traffic in the next 30 days.")
    alpha = models.FloatField(null=True, blank=True, help_text="Released below this likelihood.")
    model = models.ForeignKey(
        QuarantineModel, models.PROTECT, null=True, blank=True, db_index=False, help_text="None: the defaults."
    )
    action = models.CharField(max_length=7, choices=ACTIONS, blank=True, default="", db_default="")
    action_rule = models.CharField(max_length=13, choices=RULES, blank=True, default="", db_default="")
    predicted_on = models.DateField(null=True, blank=True, help_text="Of the release, if it can be told.")
    predicted_lo = models.DateField(null=True, blank=True, help_text="One in ten of such numbers is released by then.")
    predicted_hi = models.DateField(null=True, blank=True, help_text="Nine in ten of such numbers are.")
    chance_never = models.FloatField(
        null=True, blank=True, help_text="Of such numbers this share was never released; blank: too few were seen."
    )

    objects = StayQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = "stay in quarantine", "quarantine"
        constraints = [
            models.CheckConstraint(condition=Q(source__in=QuarantineSource.values), name="quarantine_source_known"),
            models.CheckConstraint(condition=Q(previous_use__in=["", *dict(USES)]), name="quarantine_use_known"),
            models.CheckConstraint(
                condition=Q(carried_days__gte=0, carried_days__lte=100)
                & Q(carried_contacts__gte=0, carried_contacts__lte=3 * F("carried_days") + 0.001),
                name="quarantine_carries_what_could_be_seen",
            ),
            models.UniqueConstraint(fields=["number"], condition=Q(ended_at__isnull=True), name="quarantine_one_open"),
            models.CheckConstraint(condition=Q(earliest_at__gte=F("entered_at")), name="quarantine_runs_forward"),
            models.CheckConstraint(
                condition=Q(latest_at__isnull=True) | Q(latest_at__gte=F("earliest_at")),
                name="quarantine_maximum_after_minimum",
            ),
            models.CheckConstraint(condition=Q(action__in=["", *Action]), name="quarantine_action_known"),
            models.CheckConstraint(
                condition=Q(action_rule__in=["", *dict(RULES)]), name="quarantine_action_rule_known"
            ),
            models.CheckConstraint(condition=NOT_DECIDED | DECIDED, name="quarantine_decided_whole"),
            models.CheckConstraint(
                condition=Q(likelihood__gte=0, likelihood__lte=1), name="quarantine_likelihood_is_one"
            ),
            models.CheckConstraint(
                condition=Q(predicted_lo__lte=F("predicted_on")) & Q(predicted_hi__gte=F("predicted_on")),
                name="quarantine_predicted_in_order",
            ),
            models.CheckConstraint(
                condition=Q(chance_never__isnull=True)
                | Q(chance_never__gte=0, chance_never__lte=1, state_day__isnull=False),
                name="quarantine_chance_never_is_one",
            ),
        ]
        indexes = [
            # the sweep: which numbers has a night let go, whose minimum has passed?
            models.Index(
                fields=["earliest_at"],
                name="quarantine_leaving",
                condition=Q(ended_at__isnull=True, action__in=(Action.RELEASE, Action.RETIRE)),
            ),
            # which stay was the last one of a number that was sold since?
            models.Index(fields=["number", "ended_at"], name="quarantine_past", condition=Q(ended_at__isnull=False)),
            # the board of stays by their predicted day, page by page: thousands may leave on one day. Of most it stays
            # the same from night to night
            models.Index(fields=["predicted_on", "id"], name="quarantine_foretold", condition=Q(ended_at__isnull=True)),
        ]
        triggers = [
            claim("ended_at"),
            # The database lets no number go before `earliest_at` (phone_number.RESTED): so that may only move away, as
            # when the law asks for more; the maximum follows the law either way. A stay that is over keeps its own.
            pgtrigger.ReadOnly(
                name="limits_stay",
                fields=["number", "source", "previous_use", "entered_at", "carried_contacts", "carried_days"],
            ),
            pgtrigger.Protect(
                name="minimum_only_grows",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(new__earliest_at__lt=pgtrigger.F("old__earliest_at")),
            ),
            # Numbers of the demonstration follow no law; which they are is settled when the stay begins.
            pgtrigger.Protect(
                name="law_stays_law",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("starts_with(NEW.rule, 'demo:') AND NOT starts_with(OLD.rule, 'demo:')"),
            ),
            pgtrigger.Protect(
                name="past_limits_stay",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.ended_at IS NOT NULL AND (OLD.earliest_at, OLD.latest_at, OLD.rule, OLD.sentinel_since)"
                    " IS DISTINCT FROM (NEW.earliest_at, NEW.latest_at, NEW.rule, NEW.sentinel_since)"
                ),
            ),
            *stays("stay"),
        ]

    def __str__(self) -> str:
        return f"{self.number} since {self.entered_at:%Y-%m-%d}"
