"""A misbilling: where a provider's invoice and our stock differ, and what that costs."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from inventory.models.invoice import Invoice, InvoiceLine


class MisbillingKind(models.TextChoices):
    """What is wrong. A charge is one of them at most, the first that fits, so that no money is counted twice."""

    ORPHAN = "orphan", "orphan: it is charged, and was not ours"
    OVERDUE = "overdue", "overdue: it is charged, and we had given it back"
    TWICE = "twice", "twice: the same charge again"
    CURRENCY = "currency", "currency: not the one that was agreed"
    PRICE = "price", "price: not what was agreed"
    UNBILLED = "unbilled", "unbilled: ours the whole month, and not charged"


class Misbilling(models.Model):
    """`amount` is what is at stake: what was charged and should not have been; of an unbilled number, what was not."""

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="misbillings", db_index=False)
    kind = models.CharField(max_length=8, choices=MisbillingKind)
    e164 = models.BigIntegerField(help_text="The E.164 digits, without the plus sign.")
    line = models.ForeignKey(InvoiceLine, models.PROTECT, null=True, blank=True, related_name="misbillings")
    amount = models.DecimalField(max_digits=14, decimal_places=6, help_text="Negative: charged too little.")
    currency = models.CharField(max_length=3, blank=True)
    agreed = models.DecimalField(
        max_digits=10, decimal_places=4, null=True, blank=True, help_text="What the number costs a month."
    )
    agreed_currency = models.CharField(max_length=3, blank=True)
    found_at = models.DateTimeField(db_default=Now())
    resolved_at = models.DateTimeField(null=True, blank=True, help_text="When it was no longer so.")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=MisbillingKind.values), name="misbilling_kind_known"),
            models.CheckConstraint(
                condition=Q(kind=MisbillingKind.UNBILLED, line=None)
                | (~Q(kind=MisbillingKind.UNBILLED) & Q(line__isnull=False)),
                name="misbilling_has_its_line",
            ),
            models.UniqueConstraint(fields=["line"], condition=Q(resolved_at=None), name="misbilling_one_a_line"),
            models.UniqueConstraint(
                fields=["invoice", "e164"], condition=Q(resolved_at=None, line=None), name="misbilling_unbilled_once"
            ),
            models.CheckConstraint(
                condition=Q(currency__regex="^[A-Z]{3}$") | Q(currency="", amount=0),
                name="misbilling_amount_in_a_currency",
            ),
            models.CheckConstraint(
                condition=Q(agreed=None, agreed_currency="")
                | Q(agreed__isnull=False, agreed__gte=0, agreed_currency__regex="^[A-Z]{3}$"),
                name="misbilling_agreed_in_a_currency",
            ),
        ]
        indexes = [
            # the totals of an invoice by kind; its list in the console
            models.Index(
                fields=["invoice", "kind", "currency"],
                include=["amount"],
                name="misbilling_open",
                condition=Q(resolved_at=None),
            ),
            models.Index(fields=["e164"], name="misbilling_of_number"),  # the console's search
        ]

    def __str__(self) -> str:
        return f"+{self.e164}: {self.get_kind_display()}"
