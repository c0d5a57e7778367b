"""What a provider charged us for a month, line by line, as its file said it.

Evidence: lines are never changed. A corrected file is another invoice, which takes the place of the one before.
"""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from inventory.models.conditions import CURRENCY_IS_ISO
from inventory.models.provider import Provider
from inventory.models.references import references
from numbering.models.stays import append_only, stays


class Charge(models.TextChoices):
    """How often it comes."""

    MONTHLY = "monthly", "monthly"
    ONE_OFF = "one_off", "one-off"


class Invoice(models.Model):
    """One file. Of a provider and month, the one that no other has replaced is what it charges."""

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="invoices", db_index=False)
    period = models.DateField(help_text="The first day of the month that the monthly charges are for.")
    file_name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64, help_text="SHA-256 of the file.")
    line_count = models.PositiveIntegerField(default=0)
    imported_by = models.CharField(max_length=80)
    imported_at = models.DateTimeField(db_default=Now())
    replaced_at = models.DateTimeField(
        null=True, blank=True, help_text="When another file for the same month took its place."
    )
    compared_at = models.DateTimeField(null=True, blank=True, help_text="When it was last compared with our stock.")
    misbilled = models.PositiveIntegerField(default=0, help_text="Charges, and numbers without one, that are wrong.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "period", "digest"], name="invoice_file_once"),
            # also finds the newest month of a provider
            models.UniqueConstraint(
                fields=["provider", "period"], condition=Q(replaced_at=None), name="invoice_one_a_month"
            ),
            models.CheckConstraint(condition=Q(period__day=1), name="invoice_period_is_a_month"),
            models.CheckConstraint(condition=Q(digest__regex="^[0-9a-f]{64}$"), name="invoice_digest_is_sha256"),
            models.CheckConstraint(condition=~Q(imported_by=""), name="invoice_names_its_importer"),
        ]
        triggers = stays("invoice")

    def __str__(self) -> str:
        return f"{self.provider}, {self.period:%Y-%m}"


class InvoiceLine(models.Model):
    """One charge. One without a number is for something else: a fee, a tax."""

    invoice = models.ForeignKey(
        Invoice, models.PROTECT, related_name="lines", db_index=False, db_constraint=False
    )  # references.py: they come by the million
    line = models.PositiveIntegerField(help_text="Its place in the file; the header is line 1.")
    e164 = models.BigIntegerField(null=True, blank=True, help_text="The E.164 digits, without the plus sign.")
    charge = models.CharField(max_length=7, choices=Charge)
    amount = models.DecimalField(max_digits=14, decimal_places=6, help_text="Negative: a credit.")
    currency = models.CharField(max_length=3)
    description = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = "invoice line", "invoice lines"
        constraints = [
            models.UniqueConstraint(fields=["invoice", "line"], name="invoice_line_once"),
            models.CheckConstraint(
                condition=Q(e164=None) | Q(e164__gte=1_000_000, e164__lte=999_999_999_999_999),
                name="invoice_line_e164_digits",
            ),
            models.CheckConstraint(condition=Q(charge__in=Charge.values), name="invoice_line_charge_known"),
            models.CheckConstraint(condition=CURRENCY_IS_ISO, name="invoice_line_currency_iso"),
        ]
        triggers = [*append_only("invoice_lines"), *references("invoice", Invoice)]

    def __str__(self) -> str:
        return f"line {self.line} of {self.invoice}"
