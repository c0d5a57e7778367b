"""An order to a provider. The row is the intent: written with its stable key before the first call, so that a crash
at any point leaves something to settle, and no retry buys twice."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from inventory.models.conditions import COUNTRY_IS_ISO, CURRENCY_IS_ISO, TYPE_IS_KNOWN
from inventory.models.phone_number import PhoneNumber
from inventory.models.provider import Provider
from inventory.models.restock_proposal import RestockProposal
from inventory.models.stock_target import StockTarget
from numbering.types import NumberType


class OrderState(models.TextChoices):
    """Where the order is. Open states have a `next_attempt_at`; the settling sweep takes it from there."""

    INTENDED = "INTENDED", "intended: not yet known to have reached the provider"
    PLACED = "PLACED", "placed: the provider has it"
    COMPLETE = "COMPLETE", "complete: every line received or refused"
    FAILED = "FAILED", "failed: the provider refused it for good"


OPEN_ORDER = (OrderState.INTENDED, OrderState.PLACED)


class ProviderOrder(models.Model):
    """One order of some numbers at one provider."""

    key = models.CharField(
        max_length=64, unique=True, help_text="Our reference at the provider; the same through all retries."
    )
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="orders")
    target = models.ForeignKey(StockTarget, models.SET_NULL, null=True, blank=True, related_name="orders")
    proposal = models.ForeignKey(RestockProposal, models.PROTECT, null=True, blank=True, related_name="orders")
    country = models.CharField(max_length=2)
    number_type = models.CharField(max_length=18, choices=NumberType)
    area_code = models.CharField(max_length=8, blank=True)
    state = models.CharField(max_length=8, choices=OrderState, default=OrderState.INTENDED)
    provider_reference = models.CharField(max_length=80, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, blank=True, db_default=Now())
    unanswered_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="When a request to order was last sent of which we don't know what came. Set before it is sent.",
    )
    last_error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name, verbose_name_plural = "order", "orders"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=OrderState.values), name="order_state_known"),
            models.CheckConstraint(
                condition=Q(state__in=OPEN_ORDER, next_attempt_at__isnull=False)
                | (~Q(state__in=OPEN_ORDER) & Q(next_attempt_at__isnull=True)),
                name="order_open_iff_due",
            ),
            models.CheckConstraint(
                condition=Q(unanswered_at__isnull=True) | Q(state__in=OPEN_ORDER), name="order_in_doubt_is_open"
            ),
            models.CheckConstraint(condition=COUNTRY_IS_ISO, name="order_country_iso"),
            models.CheckConstraint(condition=TYPE_IS_KNOWN, name="order_type_known"),
        ]
        indexes = [
            # settle_orders: which open orders are due?
            models.Index(fields=["next_attempt_at"], name="order_due", condition=Q(next_attempt_at__isnull=False)),
            # honesty: what became of the orders of the last days? They come in order of time, so a few blocks tell
            BrinIndex(fields=["created_at"], name="order_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.key} at {self.provider}"


class LineState(models.TextChoices):
    """One number of the order."""

    WANTED = "WANTED"
    RECEIVED = "RECEIVED"
    REFUSED = "REFUSED"


class ProviderOrderLine(models.Model):
    """What the offer said, kept until the number arrives."""

    order = models.ForeignKey(ProviderOrder, models.CASCADE, related_name="lines")
    e164 = models.BigIntegerField()
    state = models.CharField(max_length=8, choices=LineState, default=LineState.WANTED)
    reason = models.CharField(max_length=120, blank=True)
    not_there = models.BooleanField(
        default=False, db_default=False, help_text="Refused since it was not for sale, or not as it was listed."
    )
    capabilities = models.PositiveSmallIntegerField()
    locality = models.CharField(max_length=120, blank=True)
    region = models.CharField(max_length=64, blank=True)
    monthly_cost = models.DecimalField(max_digits=10, decimal_places=4)
    currency = models.CharField(max_length=3)
    number = models.OneToOneField(PhoneNumber, models.PROTECT, null=True, blank=True, related_name="order_line")

    class Meta:
        verbose_name, verbose_name_plural = "line", "lines"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=LineState.values), name="order_line_state_known"),
            models.UniqueConstraint(fields=["order", "e164"], name="order_line_once"),
            models.UniqueConstraint(
                fields=["e164"], condition=Q(state=LineState.WANTED), name="order_line_one_order_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(state=LineState.RECEIVED, number__isnull=False)
                | (~Q(state=LineState.RECEIVED) & Q(number__isnull=True)),
                name="order_line_received_iff_number",
            ),
            models.CheckConstraint(
                condition=Q(not_there=False) | Q(state=LineState.REFUSED), name="order_line_not_there_is_refused"
            ),
            models.CheckConstraint(
                condition=CURRENCY_IS_ISO & Q(monthly_cost__gte=0), name="order_line_cost_in_a_currency"
            ),
        ]
        # sourcing, of each page of offers: which of these numbers are on order, or were refused lately?
        indexes = [models.Index(fields=["e164"], name="order_line_of_number")]

    def __str__(self) -> str:
        return f"+{self.e164} in {self.order}"
