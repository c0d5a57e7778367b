"""What a kind of number costs the customer. Price belongs to (country, type, provider), not to the number."""

from django.db import models
from django.db.models import Q

from inventory.models.conditions import COUNTRY_IS_ISO, CURRENCY_IS_ISO, TYPE_IS_KNOWN
from inventory.models.provider import Provider
from numbering.types import NumberType


class Tariff(models.Model):
    """A blank provider is the price of every provider that has no row of its own."""

    country = models.CharField(max_length=2)
    number_type = models.CharField(max_length=18, choices=NumberType)
    provider = models.ForeignKey(Provider, models.CASCADE, null=True, blank=True, related_name="tariffs")
    setup_price = models.DecimalField(max_digits=10, decimal_places=4)
    monthly_price = models.DecimalField(max_digits=10, decimal_places=4)
    currency = models.CharField(max_length=3)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["country", "number_type", "provider"], name="tariff_once", nulls_distinct=False
            ),
            models.CheckConstraint(condition=Q(setup_price__gte=0, monthly_price__gte=0), name="tariff_not_negative"),
            models.CheckConstraint(condition=COUNTRY_IS_ISO, name="tariff_country_iso"),
            models.CheckConstraint(condition=TYPE_IS_KNOWN, name="tariff_type_known"),
            models.CheckConstraint(condition=CURRENCY_IS_ISO, name="tariff_currency_iso"),
        ]

    def __str__(self) -> str:
        return f"{self.country} {self.number_type}: {self.monthly_price} {self.currency} a month"
