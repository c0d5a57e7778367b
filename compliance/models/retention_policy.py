"""How long what a customer gave is kept when nothing needs it any more: days on a clock, dated, per country."""

from datetime import date

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from numbering.models.stays import append_only


class Clock(models.TextChoices):
    """What the days are counted from."""

    BUNDLE_ENDED = "bundle_ended", "the end of the last bundle that held it"
    NUMBER_RELEASED = "number_released", "the release of the last number that hung on it"
    REJECTED = "rejected", "the rejection, where nothing was submitted again"
    ABANDONED = "abandoned", "the last change, where it was never submitted"


class RetentionPolicyQuerySet(models.QuerySet["RetentionPolicy"]):
    """Policies by what they apply to."""

    def in_force(self, country: str, clock: str, on: date) -> "RetentionPolicy | None":
        """The newest of the country, else the newest of all countries."""
        rows = self.filter(country__in=[country, ""], clock=clock, valid_from__lte=on)
        return rows.order_by("-country", "-valid_from").first()


class RetentionPolicy(models.Model):
    """Set by staff. Where there is none, `compliance/data/retention.yaml` says the platform's own."""

    country = models.CharField(max_length=2, blank=True, help_text="ISO 3166-1 alpha-2; blank: every country.")
    clock = models.CharField(max_length=15, choices=Clock)
    days = models.PositiveSmallIntegerField()
    is_law = models.BooleanField(default=False, help_text="Whether a law says so; else it is our policy.")
    source = models.CharField(max_length=300, help_text="The law, or who decided the policy.")
    valid_from = models.DateField()
    set_by = models.CharField(max_length=80, editable=False)
    set_at = models.DateTimeField(db_default=Now())

    objects = RetentionPolicyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "retention policies"
        constraints = [
            models.UniqueConstraint(fields=["country", "clock", "valid_from"], name="retention_policy_once_a_day"),
            models.CheckConstraint(
                condition=Q(country__regex=r"^([A-Z]{2})?$"), name="retention_policy_country_is_alpha2"
            ),
            models.CheckConstraint(condition=Q(clock__in=Clock.values), name="retention_policy_clock_known"),
            models.CheckConstraint(condition=~Q(source="") & ~Q(set_by=""), name="retention_policy_has_a_source"),
        ]
        triggers = append_only("retention_policies")

    def __str__(self) -> str:
        return f"{self.country or 'every country'}: {self.days} days after {self.get_clock_display()}"
