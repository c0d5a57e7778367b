"""A firm order: numbers that were sold ahead, to be bought for their customer, and the numbers delivered against it."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts.models import Account
from inventory.models.did import Did
from inventory.models.sku import Sku


class FirmOrder(models.Model):
    """The night counts what is not delivered yet (`due`) as gone from the shelf, so it is bought on top of what the
    shelf must hold. Closed when all is delivered, or by staff. The quote is what staff told the customer."""

    sku = models.ForeignKey(Sku, models.PROTECT, related_name="firm_orders", db_index=False, verbose_name="SKU")
    account = models.ForeignKey(
        Account,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="firm_orders",
        help_text="Whose purchases of this SKU are deliveries, those of its subaccounts too.",
    )
    reference = models.CharField(
        max_length=80, blank=True, help_text="Whom it is for, without an account: then staff record what is delivered."
    )
    quantity = models.PositiveIntegerField()
    delivered = models.PositiveIntegerField(default=0, db_default=0)
    wanted_by = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True)
    quote = models.CharField(max_length=400, help_text="What the customer was told.")
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField(db_default=Now())
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.CharField(max_length=80, blank=True)
    closed_note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gte=1, quantity__lte=1_000_000), name="firm_order_sane"),
            models.CheckConstraint(condition=Q(delivered__lte=F("quantity")), name="firm_order_delivers_no_more"),
            models.CheckConstraint(
                condition=Q(account__isnull=False) | ~Q(reference=""),
                name="firm_order_is_for_somebody",
                violation_error_message="Name an account, or a reference that says whom it is for.",
            ),
            models.CheckConstraint(condition=~Q(made_by="") & ~Q(quote=""), name="firm_order_made_and_quoted"),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_by="", closed_note="")
                | (Q(closed_at__isnull=False) & ~Q(closed_by="") & ~Q(closed_note="")),
                name="firm_order_closed_by_somebody_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(delivered__lt=F("quantity")) | Q(closed_at__isnull=False),
                name="firm_order_closed_when_delivered",
            ),
        ]
        indexes = [
            # the night: what of these SKUs is sold ahead?
            models.Index(fields=["sku", "id"], name="firm_order_open", condition=Q(closed_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.sku} for {self.account or self.reference}"

    @property
    def due(self) -> int:
        """Numbers that are still to be delivered; of a closed one none."""
        return 0 if self.closed_at else self.quantity - self.delivered


class FirmDelivery(models.Model):
    """A purchase that was a delivery: counted once, for one order, and no demand on the shelf."""

    order = models.ForeignKey(FirmOrder, models.PROTECT, related_name="deliveries")
    did = models.OneToOneField(Did, models.PROTECT, related_name="firm_delivery")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name, verbose_name_plural = "delivery", "deliveries"

    def __str__(self) -> str:
        return f"{self.did} for {self.order}"
