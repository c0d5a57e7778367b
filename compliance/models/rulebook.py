"""One version of a country's file. Bundles refer to the version they were approved under, so it stays for ever."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from numbering.models.stays import stays


class Rulebook(models.Model):
    """Loaded first, so that its impact can be seen; in force from `effective_from` once somebody activates it."""

    country = models.CharField(max_length=2)
    version = models.PositiveSmallIntegerField()
    snapshot_date = models.DateField(help_text="The day the file was written.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the document as canonical JSON.")
    document = models.JSONField(help_text="The file, whole: compliance.rulebook reads it.")
    loaded_at = models.DateTimeField(db_default=Now())
    effective_from = models.DateField(null=True, blank=True)
    activated_at = models.DateTimeField(null=True, blank=True)
    activated_by = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["country", "version"], name="rulebook_version_once"),
            models.UniqueConstraint(fields=["country", "digest"], name="rulebook_content_once"),
            models.CheckConstraint(condition=Q(country__regex=r"^[A-Z]{2}$"), name="rulebook_country_is_alpha2"),
            models.CheckConstraint(
                condition=Q(effective_from__isnull=True, activated_at__isnull=True, activated_by="")
                | (Q(effective_from__isnull=False, activated_at__isnull=False) & ~Q(activated_by="")),
                name="rulebook_activated_by_somebody",
            ),
        ]
        indexes = [
            # which version was in force in this country on that day?
            models.Index(
                fields=["country", "-effective_from", "-version"],
                name="rulebook_in_force",
                condition=Q(effective_from__isnull=False),
            ),
        ]
        triggers = [
            *stays("rulebook"),
            pgtrigger.ReadOnly(
                name="content_stays", fields=["country", "version", "snapshot_date", "digest", "document", "loaded_at"]
            ),
            pgtrigger.Protect(
                name="activated_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__activated_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.country} version {self.version}"
