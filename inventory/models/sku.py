"""A SKU: a kind of number that the restock nights keep on the shelf, and how well it is to be kept."""

from decimal import Decimal

import pgtrigger
from django.db import models
from django.db.models import Q

from inventory.models.conditions import COUNTRY_IS_ISO, CURRENCY_IS_ISO, TYPE_IS_KNOWN
from inventory.models.provider import Provider
from numbering.models import Place
from numbering.types import NumberType, capability_names


class ServiceClass(models.TextChoices):
    """How often a buyer is to find a number; the levels are those of `inventory.restock.fields.LEVELS`."""

    A = "A", "A: 99.5 %"
    DEFAULT = "default", "usual: 98 %"
    LONG_TAIL = "long_tail", "long tail: 90 %"


class Sku(models.Model):
    """No area code and no place: anywhere in the country. No capabilities: whatever they are.

    A number, and what is asked for, belongs to the narrowest SKU that it fits (`inventory/shelves/kinds.py`). A stock
    target stands beside: a quantity that staff fix whatever the demand is.
    """

    country = models.CharField(max_length=2)
    number_type = models.CharField(max_length=18, choices=NumberType)
    area_code = models.CharField(max_length=8, blank=True)
    place = models.ForeignKey(Place, models.PROTECT, null=True, blank=True, db_index=False, related_name="+")
    capabilities = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="Bitmask: what its numbers carry at least."
    )
    service_class = models.CharField(max_length=9, choices=ServiceClass, default=ServiceClass.DEFAULT)
    level = models.FloatField(null=True, blank=True, help_text="Of service, such as 0.98; blank: that of its class.")
    floor = models.PositiveIntegerField(
        null=True, blank=True, help_text="The least reorder point; blank: 2 where listed, else 0."
    )
    is_listed = models.BooleanField(default=True, help_text="In the catalogue, so never sold out by plan.")
    cost_limit = models.DecimalField(
        max_digits=12, decimal_places=4, default=Decimal(100), help_text="An order that costs more waits for staff."
    )
    currency = models.CharField(max_length=3, default="USD", help_text="Of the cost limit.")
    provider = models.ForeignKey(
        Provider, models.PROTECT, null=True, blank=True, related_name="skus", help_text="Buy from this one only."
    )
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = "SKU", "SKUs"
        constraints = [
            models.UniqueConstraint(
                fields=["country", "number_type", "area_code", "place", "capabilities"],
                name="sku_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=COUNTRY_IS_ISO, name="sku_country_iso"),
            models.CheckConstraint(condition=TYPE_IS_KNOWN, name="sku_type_known"),
            models.CheckConstraint(condition=Q(area_code="") | Q(place__isnull=True), name="sku_area_or_place"),
            models.CheckConstraint(condition=Q(capabilities__lte=15), name="sku_capabilities_mask"),
            models.CheckConstraint(condition=Q(service_class__in=ServiceClass.values), name="sku_class_known"),
            models.CheckConstraint(
                condition=Q(level__isnull=True) | Q(level__gte=0.5, level__lte=0.9999), name="sku_level_is_a_chance"
            ),
            models.CheckConstraint(condition=CURRENCY_IS_ISO & Q(cost_limit__gte=0), name="sku_limit_in_a_currency"),
        ]
        triggers = [
            # Its state, its proposals and their keys speak of this kind.
            pgtrigger.ReadOnly(
                name="skus_keep_their_kind", fields=["country", "number_type", "area_code", "place", "capabilities"]
            )
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def code(self) -> str:
        """What it is called in the keys of proposals: "US-local-415-voice+sms"."""
        area = self.area_code or (f"place{self.place_id}" if self.place_id else "")
        return "-".join(
            filter(None, [self.country, self.number_type, area, "+".join(capability_names(self.capabilities))])
        )
