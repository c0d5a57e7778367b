"""How long customers have when rules change, and what becomes of bundles with numbers that were not mended by then."""

from datetime import date, timedelta

import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class NumbersAtEnd(models.TextChoices):
    """A number in service is never cut; what ends is the right to buy more."""

    KEEP = "keep", "the approval goes on until staff decide"
    BLOCK = "block", "the approval ends: its numbers stay, no more can be bought on it"


class RolloutPolicyQuerySet(models.QuerySet["RolloutPolicy"]):
    """Policies by what they govern."""

    def governing(self, country: str, on: date) -> "RolloutPolicy":
        """The row in force on that day, the country's own before the one for all; the defaults if nobody wrote any."""
        rows = self.filter(country__in=["", country], valid_from__lte=on)
        return rows.order_by("-country", "-valid_from", "-pk").first() or RolloutPolicy()


class RolloutPolicy(models.Model):
    """Never changed: a newer row takes its place, so that it is known by which one an approval ended."""

    country = models.CharField(max_length=2, blank=True, help_text="ISO 3166-1 alpha-2; blank: for all others.")
    grace_days = models.PositiveSmallIntegerField(
        default=60, help_text="An approval that no longer meets the rules ends so many days after they take effect."
    )
    numbers_at_end = models.CharField(max_length=5, choices=NumbersAtEnd, default=NumbersAtEnd.BLOCK)
    valid_from = models.DateField()
    set_by = models.CharField(max_length=80)
    created_at = models.DateTimeField(db_default=Now())

    objects = RolloutPolicyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "rollout policies"
        constraints = [
            models.CheckConstraint(condition=Q(country__regex=r"^([A-Z]{2})?$"), name="rollout_policy_country"),
            models.CheckConstraint(
                condition=Q(numbers_at_end__in=NumbersAtEnd.values), name="rollout_policy_end_known"
            ),
            models.CheckConstraint(condition=~Q(set_by=""), name="rollout_policy_set_by_somebody"),
        ]
        indexes = [
            # which policy governed this country on that day?
            models.Index(fields=["country", "-valid_from", "-id"], name="rollout_policy_in_force"),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.country or 'all countries'} from {self.valid_from}"

    @property
    def grace(self) -> timedelta:
        """Between the day on which the rules take effect and the end of the approval."""
        return timedelta(days=self.grace_days)
