"""How long a number must rest before somebody else may have it, and how long it may: law and policy, dated."""

from datetime import date

from django.db import models
from django.db.models import F, Q


class PreviousUse(models.TextChoices):
    """What the number was, as far as the laws tell apart."""

    ANY = "any"
    RESIDENTIAL = "residential"
    BUSINESS = "business"
    TOLL_FREE = "toll_free"
    MOBILE = "mobile"


class AgingRuleQuerySet(models.QuerySet["AgingRule"]):
    """Rules by what they apply to."""

    def governing(self, country: str, number_type: str, on: date, previous_use: str = "") -> "AgingRule | None":
        """The rule in force on that day for a number of this kind.

        A rule for the type wins over the country's general one. Where the law splits by residential and business
        use and we don't know the use, the business rule is taken: it never has the shorter minimum.
        `inventory.PhoneNumber`'s trigger `rested_before_reuse` chooses in the same order.
        """
        uses = [number_type, previous_use or PreviousUse.BUSINESS, PreviousUse.ANY]
        found = {
            rule.previous_use: rule
            for rule in self.filter(country=country, previous_use__in=uses, valid_from__lte=on).order_by("valid_from")
        }
        return next((found[use] for use in uses if use in found), None)


class AgingRule(models.Model):
    """Days count from the permanent disconnect. Null minimum: none found, the platform's policy decides."""

    country = models.CharField(max_length=2)
    previous_use = models.CharField(max_length=11, choices=PreviousUse, default=PreviousUse.ANY)
    minimum_days = models.PositiveSmallIntegerField(null=True)
    maximum_days = models.PositiveSmallIntegerField(null=True)
    clock_start = models.CharField(max_length=24, blank=True)
    source = models.CharField(max_length=300, blank=True)
    confidence = models.CharField(max_length=20)
    valid_from = models.DateField()

    objects = AgingRuleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["country", "previous_use", "valid_from"], name="aging_rule_once_a_day"),
            models.CheckConstraint(condition=Q(previous_use__in=PreviousUse.values), name="aging_rule_use_known"),
            models.CheckConstraint(
                condition=Q(minimum_days__isnull=True)
                | Q(maximum_days__isnull=True)
                | Q(maximum_days__gte=F("minimum_days")),
                name="aging_rule_maximum_after_minimum",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.country} {self.previous_use} aging from {self.valid_from}"
