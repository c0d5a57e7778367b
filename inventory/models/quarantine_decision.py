"""The ledger of the quarantine engine: what it decided on a stay, on which day, and from what. Never changed."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from inventory.models.quarantine import ACTIONS, RULES, Quarantine
from inventory.models.quarantine_model import QuarantineModel
from inventory.quarantine.actions import Action
from inventory.quarantine.sentence import sentence
from numbering.models.stays import append_only


class QuarantineDecision(models.Model):
    """One row when a night says something else than the one before, and one when the number leaves; a stay of a
    hundred nights has two or three. `day` is the morning of which it speaks: the days before it are counted.

    The terms are columns and no document, so that a million are written by one COPY; docs/quarantine.md explains them.
    """

    stay = models.ForeignKey(Quarantine, models.PROTECT, related_name="decisions", db_index=False)
    day = models.DateField()
    decided_at = models.DateTimeField(db_default=Now())
    action = models.CharField(max_length=7, choices=ACTIONS)
    rule = models.CharField(max_length=13, choices=RULES)
    model = models.ForeignKey(
        QuarantineModel, models.PROTECT, null=True, blank=True, db_index=False, help_text="None: the defaults."
    )
    age = models.IntegerField(help_text="Days since the disconnect or the delivery.")
    min_days = models.IntegerField()
    max_days = models.IntegerField(null=True, blank=True)
    recent_contacts = models.FloatField(help_text="S")
    effective_days = models.FloatField(help_text="E")
    mean = models.FloatField(help_text="Contacts expected in the next 30 days.")
    background = models.FloatField(help_text="Contacts a day of a number of its kind without a former owner.")
    threshold = models.IntegerField(help_text="More contacts than this in 30 days are unwanted traffic: k.")
    raw = models.FloatField(help_text="Their likelihood, before it is calibrated.")
    likelihood = models.FloatField(help_text="p")
    alpha = models.FloatField()
    observed_days = models.IntegerField()
    voice_7_days = models.IntegerField()
    sms_7_days = models.IntegerField()
    otp_7_days = models.IntegerField()
    voice_30_days = models.IntegerField()
    sms_30_days = models.IntegerField()
    otp_30_days = models.IntegerField()
    distinct_callers = models.IntegerField(help_text="Of 30 days, each day's added up.")
    last_contact_on = models.DateField(null=True, blank=True)
    predicted_on = models.DateField(null=True, blank=True)
    predicted_lo = models.DateField(null=True, blank=True)
    predicted_hi = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = "decision of the quarantine engine", "decisions of the quarantine engine"
        constraints = [
            models.CheckConstraint(condition=Q(action__in=list(Action)), name="quarantine_decision_action_known"),
            models.CheckConstraint(condition=Q(rule__in=list(dict(RULES))), name="quarantine_decision_rule_known"),
            models.CheckConstraint(
                condition=Q(likelihood__gte=0, likelihood__lte=1), name="quarantine_decision_likelihood_is_one"
            ),
        ]
        # a number's page: what was decided on this stay, the last one first
        indexes = [models.Index(fields=["stay", "day"], name="quarantine_decisions_of_stay")]
        triggers = append_only("quarantine_decisions")

    def __str__(self) -> str:
        return f"{self.stay_id} on {self.day}: {self.action} ({self.rule})"

    @property
    def sentence(self) -> str:
        """The one sentence that tells staff why."""
        terms = {"S": self.recent_contacts, "E": self.effective_days, "k": self.threshold, "p": self.likelihood}
        return sentence({**vars(self), **terms})
