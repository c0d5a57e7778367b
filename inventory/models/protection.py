"""Who put a number's protection on, or took it off. Whether it is on now is a column of the DID (`protected_since`)."""

import pgtrigger
from django.db import models
from django.db.models.functions import Now

from inventory.models.did import Did
from numbering.models.stays import append_only


class ProtectionEntry(models.Model):
    """Who put a lock on, or took it off, and when. Written by `services.protection` in the same transaction."""

    did = models.ForeignKey(Did, models.PROTECT, related_name="protections")
    is_on = models.BooleanField()
    actor = models.CharField(max_length=80, help_text="account:AC…, user:…")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name, verbose_name_plural = "protection entry", "protection entries"
        constraints = [
            models.CheckConstraint(condition=~models.Q(actor=""), name="protection_names_its_actor"),
        ]
        triggers: list[pgtrigger.Trigger] = append_only("protections")

    def __str__(self) -> str:
        return f"{self.did} {'protected' if self.is_on else 'not protected'} by {self.actor}"
