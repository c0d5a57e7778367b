"""A shortage: numbers of one kind are released a little less clean for a while, because somebody decided so."""

from datetime import timedelta

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from inventory.models.conditions import COUNTRY_IS_ISO, TYPE_IS_KNOWN
from numbering.models.stays import stays
from numbering.types import NumberType

HIGHEST_ALPHA = 0.30
LONGEST = timedelta(days=60)


class AlphaRelief(models.Model):
    """Raises the likelihood of unwanted traffic below which the numbers of a cell are released (`alpha`), never above
    30 %, and never for more than 60 days. It shortens no minimum."""

    country = models.CharField(max_length=2)
    number_type = models.CharField(max_length=18, choices=NumberType)
    alpha = models.FloatField(help_text="At most 0.30.")
    expires_at = models.DateTimeField(help_text="At most 60 days ahead. Nights that begin later don't heed it.")
    actor = models.CharField(max_length=80)
    reason = models.CharField(max_length=300)
    created_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=80, blank=True)
    ended_note = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = "relief in a shortage", "reliefs in shortages"
        constraints = [
            models.CheckConstraint(condition=COUNTRY_IS_ISO, name="alpha_relief_country_iso"),
            models.CheckConstraint(condition=TYPE_IS_KNOWN, name="alpha_relief_type_known"),
            models.CheckConstraint(condition=Q(alpha__gt=0, alpha__lte=HIGHEST_ALPHA), name="alpha_relief_bounded"),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at"), expires_at__lte=F("created_at") + LONGEST),
                name="alpha_relief_expires",
            ),
            models.CheckConstraint(
                condition=~Q(actor="") & ~Q(reason=""), name="alpha_relief_by_somebody_for_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by="", ended_note="")
                | (Q(ended_at__isnull=False) & ~Q(ended_by="") & ~Q(ended_note="")),
                name="alpha_relief_ended_by_somebody",
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(
                name="relief_stays",
                fields=["country", "number_type", "alpha", "expires_at", "actor", "reason", "created_at"],
            ),
            pgtrigger.Protect(
                name="ended_relief_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__ended_at__isnull=False),
            ),
            *stays("relief"),
        ]

    def __str__(self) -> str:
        return f"{self.country} {self.get_number_type_display()}: {self.alpha:.0%} until {self.expires_at:%Y-%m-%d}"
