"""Filings: what a regulator is told about our numbers, frozen with its digest."""

from datetime import timedelta

from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Now

from inventory.models.ledger import LifecycleEntry
from inventory.models.phone_number import PhoneNumber
from numbering.models.stays import append_only

A_MOMENT = timedelta(microseconds=1)


class FilingKind(models.TextChoices):
    """What is filed, and with whom."""

    NRUF = "nruf", "Form 502, utilization (NANPA)"
    RND = "rnd", "permanent disconnects (Reassigned Numbers Database)"
    OFCOM = "ofcom", "utilisation of blocks (Ofcom)"


class Filing(models.Model):
    """One file, made once from the ledger and never changed; what stood at `as_of` is what it tells."""

    kind = models.CharField(max_length=5, choices=FilingKind)
    as_of = models.DateTimeField(help_text="The end of the last day that it tells of (UTC).")
    content = models.BinaryField(help_text="The file: CSV in UTF-8.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the file, in hexadecimal.")
    rows = models.PositiveIntegerField(help_text="Lines below the heading.")
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=FilingKind.values), name="filing_kind_known"),
            models.UniqueConstraint(fields=["kind", "as_of"], name="filing_once"),
            models.CheckConstraint(
                condition=Q(
                    digest=Func(
                        Func(F("content"), function="sha256"),
                        Value("hex"),
                        function="encode",
                        output_field=models.TextField(),
                    )
                ),
                name="filing_digest_is_of_its_content",
            ),
            models.CheckConstraint(condition=Q(as_of__lt=F("made_at")), name="filing_tells_of_the_past"),
            models.CheckConstraint(condition=~Q(made_by=""), name="filing_names_its_maker"),
        ]
        triggers = append_only("filings")

    def __str__(self) -> str:
        return self.file_name

    @property
    def file_name(self) -> str:
        """`nruf-2026-06-30.csv`: the kind and the last day that it tells of."""
        return f"{self.kind}-{self.last_day}.csv"

    @property
    def last_day(self) -> str:
        """ISO 8601; `as_of` is the midnight that ends it."""
        return (self.as_of - A_MOMENT).date().isoformat()


class ReportedDisconnect(models.Model):
    """A permanent disconnect that a filing has told of: each is told once."""

    filing = models.ForeignKey(Filing, models.PROTECT, related_name="disconnects")
    number = models.ForeignKey(PhoneNumber, models.PROTECT, related_name="+", db_index=False)
    entry = models.OneToOneField(
        LifecycleEntry,
        models.PROTECT,
        related_name="+",
        help_text="The ledger's row by which nobody could take the number back any more.",
    )
    disconnected_on = models.DateField(help_text="The day (UTC) on which its holder gave it up.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["filing", "number", "disconnected_on"], name="disconnect_once_a_filing"),
        ]
        triggers = append_only("reported_disconnects")

    def __str__(self) -> str:
        return f"{self.number} given up on {self.disconnected_on}"
