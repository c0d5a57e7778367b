"""An evaluation (`EL…`): what the machine found when it held a bundle against its regulation. Never changed."""

from functools import partial

import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from compliance.models.bundle import Bundle
from compliance.models.regulation import RegulationVersion
from numbering.sids import new_sid


class Evaluation(models.Model):
    """`results` and `flags` name fields, codes and reasons, never what the customer wrote."""

    sid = models.CharField(max_length=34, unique=True, default=partial(new_sid, "EL"), editable=False)
    bundle = models.ForeignKey(Bundle, models.PROTECT, related_name="evaluations", db_index=False)
    version = models.ForeignKey(RegulationVersion, models.PROTECT, related_name="+")
    compliant = models.BooleanField()
    hard_passed = models.BooleanField(help_text="Compliant, and nothing is left for a person to look at.")
    results = models.JSONField()
    flags = models.JSONField(default=list)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(sid__regex=r"^EL[0-9a-f]{32}$"), name="evaluation_sid_shape"),
            models.CheckConstraint(
                condition=Q(compliant=True) | Q(hard_passed=False), name="evaluation_hard_is_compliant"
            ),
        ]
        indexes = [
            models.Index(fields=["bundle", "-id"], name="evaluation_of_bundle")
        ]  # GET …/Evaluations, the last one
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.sid
