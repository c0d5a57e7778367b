"""What a provider asks for a kind of number and how long it takes: the engine's offers."""

from django.db import models
from django.db.models import Q

from inventory.models.conditions import COUNTRY_IS_ISO, CURRENCY_IS_ISO, TYPE_IS_KNOWN
from inventory.models.provider import Provider
from numbering.types import NumberType


class SupplyTerms(models.Model):
    """By the contract with the provider; staff enter them. Where there are none, what its orders of late have shown
    serves (`inventory/shelves/supply.py`)."""

    provider = models.ForeignKey(Provider, models.CASCADE, related_name="supply_terms")
    country = models.CharField(max_length=2)
    number_type = models.CharField(max_length=18, choices=NumberType)
    lot = models.PositiveIntegerField(default=1, help_text="Least quantity (MOQ); an order is a multiple of it.")
    capacity = models.PositiveIntegerField(null=True, blank=True, help_text="Most numbers of one order; blank: no end.")
    order_cost = models.DecimalField(max_digits=12, decimal_places=4, default=0, help_text="Once for each order.")
    setup_cost = models.DecimalField(max_digits=10, decimal_places=4, default=0, help_text="Once for each number.")
    monthly_cost = models.DecimalField(
        max_digits=10, decimal_places=4, null=True, blank=True, help_text="Blank: what its offers said of late."
    )
    currency = models.CharField(max_length=3, default="USD")
    lead_days = models.FloatField(
        null=True, blank=True, help_text="Days from order to shelf, as agreed; what is measured soon outweighs it."
    )
    lead_days_sd = models.FloatField(null=True, blank=True, help_text="Their standard deviation.")

    class Meta:
        verbose_name, verbose_name_plural = "supply terms", "supply terms"
        constraints = [
            models.UniqueConstraint(fields=["provider", "country", "number_type"], name="supply_terms_once"),
            models.CheckConstraint(condition=COUNTRY_IS_ISO, name="supply_terms_country_iso"),
            models.CheckConstraint(condition=TYPE_IS_KNOWN, name="supply_terms_type_known"),
            models.CheckConstraint(condition=Q(lot__gte=1, lot__lte=1_000_000), name="supply_terms_lot_sane"),
            models.CheckConstraint(
                condition=CURRENCY_IS_ISO
                & Q(order_cost__gte=0, setup_cost__gte=0)
                & (Q(monthly_cost__isnull=True) | Q(monthly_cost__gte=0)),
                name="supply_terms_cost_in_a_currency",
            ),
            models.CheckConstraint(
                condition=(Q(lead_days__isnull=True) | Q(lead_days__gte=0, lead_days__lte=3650))
                & (Q(lead_days_sd__isnull=True) | Q(lead_days_sd__gte=0, lead_days_sd__lte=3650)),
                name="supply_terms_lead_sane",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider}: {self.country} {self.get_number_type_display()}"
