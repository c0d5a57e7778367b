"""The fits of the quarantine engine: what finished stays have taught it, as versions."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from numbering.models.stays import stays


class QuarantineModel(models.Model):
    """`document` is what `inventory.quarantine.model.Model.as_json` writes. Without a current fit the defaults stand.

    A fit never changes; which one is current may: the one before is taken back by making it current again.
    """

    version = models.CharField(max_length=32, unique=True, help_text="As the engine names it.")
    document = models.JSONField()
    stays = models.PositiveIntegerField(help_text="Finished ones that it was fitted to.")
    rows = models.PositiveIntegerField(help_text="Days of them that were looked at.")
    fitted_at = models.DateTimeField(db_default=Now())
    is_current = models.BooleanField(default=False, help_text="The nights decide with it.")

    class Meta:
        verbose_name, verbose_name_plural = "fit of the quarantine engine", "fits of the quarantine engine"
        constraints = [
            models.UniqueConstraint(
                fields=["is_current"], condition=Q(is_current=True), name="quarantine_model_one_current"
            ),
            models.CheckConstraint(condition=Q(stays__gt=0, rows__gt=0), name="quarantine_model_fitted_to_something"),
        ]
        triggers = [
            pgtrigger.ReadOnly(name="fit_stays", fields=["version", "document", "stays", "rows", "fitted_at"]),
            *stays("fit"),
        ]

    def __str__(self) -> str:
        return self.version
