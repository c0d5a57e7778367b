"""How many numbers of a kind we want on sale or on their way."""

from django.db import models
from django.db.models import Q

from inventory.models.conditions import COUNTRY_IS_ISO, TYPE_IS_KNOWN
from inventory.models.provider import Provider
from numbering.types import NumberType


class StockTarget(models.Model):
    """A blank area code means anywhere in the country; a blank provider means any that offers."""

    country = models.CharField(max_length=2)
    number_type = models.CharField(max_length=18, choices=NumberType)
    area_code = models.CharField(max_length=8, blank=True)
    quantity = models.PositiveIntegerField()
    provider = models.ForeignKey(Provider, models.CASCADE, null=True, blank=True, related_name="stock_targets")
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["country", "number_type", "area_code", "provider"],
                name="stock_target_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=Q(quantity__lte=1_000_000), name="stock_target_sane"),
            models.CheckConstraint(condition=COUNTRY_IS_ISO, name="stock_target_country_iso"),
            models.CheckConstraint(condition=TYPE_IS_KNOWN, name="stock_target_type_known"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.country} {self.number_type} {self.area_code}".strip()
