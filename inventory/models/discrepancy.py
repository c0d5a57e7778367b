"""A discrepancy: a number that is only in the provider's bill, or only in our stock. The last audit's findings."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from inventory.models.conditions import CURRENCY_IS_ISO
from inventory.models.provider import Provider


class DiscrepancyKind(models.TextChoices):
    """Which side has the number."""

    ORPHAN = "orphan", "orphan: it is billed, and we don't have it"
    GHOST = "ghost", "ghost: we have it, and the provider does not know it"
    OVERDUE = "overdue", "overdue: we gave it back, and it is billed all the same"


class Discrepancy(models.Model):
    """The first hundred of each kind; `Provider.orphans`, `ghosts` and `overdue` count all."""

    provider = models.ForeignKey(Provider, models.CASCADE, related_name="discrepancies", db_index=False)
    kind = models.CharField(max_length=7, choices=DiscrepancyKind)
    e164 = models.BigIntegerField(help_text="The E.164 digits, without the plus sign.")
    monthly_cost = models.DecimalField(
        max_digits=10,
        decimal_places=4,
        null=True,
        blank=True,
        help_text="As agreed when we got it; an orphan's is unknown.",
    )
    currency = models.CharField(max_length=3, blank=True)
    found_at = models.DateTimeField(db_default=Now(), help_text="By the first of the audits in a row that found it.")

    class Meta:
        verbose_name_plural = "discrepancies"
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=DiscrepancyKind.values), name="discrepancy_kind_known"),
            models.UniqueConstraint(fields=["provider", "kind", "e164"], name="discrepancy_once"),
            models.CheckConstraint(
                condition=Q(currency="", monthly_cost__isnull=True)
                | (Q(monthly_cost__isnull=False, monthly_cost__gte=0) & CURRENCY_IS_ISO),
                name="discrepancy_cost_in_a_currency",
            ),
        ]

    def __str__(self) -> str:
        return f"+{self.e164}: {self.get_kind_display()}"
