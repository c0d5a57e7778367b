"""Demand: what somebody asked for with the intent to have it, filled or not."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts.models import Account
from inventory.models.conditions import COUNTRY_IS_ISO, TYPE_IS_KNOWN
from inventory.models.references import references
from numbering.models import Place
from numbering.types import NumberType


class DemandKind(models.TextChoices):
    """How it was asked for. All count alike."""

    PURCHASE = "purchase", "bought"
    BASKET = "basket", "bought out of a reservation"
    ATTEMPT = "attempt", "a purchase by area code that found nothing"
    RESERVATION = "reservation", "a reservation that was refused"
    SEARCH = "search", "a search for a quantity that found fewer"
    ORDER = "order", "a number order"
    WAITLIST = "waitlist", "on the waitlist"


class DemandEvent(models.Model):
    """One order, in the engine's sense. It names the kind of number, not the SKU: which one that is, the night says, so
    that recording costs one INSERT, and a SKU that is made later knows what was asked before.

    `key` tells what it is about, so that a retry counts once (`inventory/shelves/demand.py`). A wish that was not
    filled names its account, whose wishes the night counts once for each SKU and day.
    """

    key = models.CharField(max_length=120, unique=True)
    country = models.CharField(max_length=2)
    number_type = models.CharField(max_length=18, choices=NumberType)
    area_code = models.CharField(max_length=8, blank=True)
    place = models.ForeignKey(
        Place, models.PROTECT, null=True, blank=True, db_index=False, db_constraint=False, related_name="+"
    )
    capabilities = models.PositiveSmallIntegerField(help_text="Bitmask: of the number, or what was needed at least.")
    account = models.ForeignKey(Account, models.PROTECT, null=True, blank=True, db_index=False, related_name="+")
    kind = models.CharField(max_length=11, choices=DemandKind)
    units_requested = models.PositiveIntegerField()
    units_filled = models.PositiveIntegerField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = verbose_name_plural = "demand"
        constraints = [
            models.CheckConstraint(condition=~Q(key=""), name="demand_has_a_key"),
            models.CheckConstraint(condition=COUNTRY_IS_ISO, name="demand_country_iso"),
            models.CheckConstraint(condition=TYPE_IS_KNOWN, name="demand_type_known"),
            models.CheckConstraint(condition=Q(capabilities__lte=15), name="demand_capabilities_mask"),
            models.CheckConstraint(condition=Q(kind__in=DemandKind.values), name="demand_kind_known"),
            models.CheckConstraint(
                condition=Q(units_requested__gte=1, units_filled__lte=F("units_requested")),
                name="demand_fills_no_more_than_asked",
            ),
            models.CheckConstraint(
                condition=Q(units_filled=F("units_requested"), account__isnull=True)
                | (~Q(units_filled=F("units_requested")) & Q(account__isnull=False)),
                name="demand_unfilled_names_its_account",
            ),
        ]
        indexes = [
            # the night: what was asked for, of this country and type, since then?
            models.Index(fields=["country", "number_type", "at"], name="demand_of_market"),
            # recording a wish: how many has this account had today?
            models.Index(fields=["account", "at"], name="demand_wishes", condition=Q(account__isnull=False)),
        ]
        triggers = references("place", Place)

    def __str__(self) -> str:
        return f"{self.units_requested} x {self.country} {self.number_type} {self.area_code}: {self.kind}"
