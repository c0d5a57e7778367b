"""An approved bundle held against a version of the rules that was activated after its approval."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from compliance.models.bundle import Bundle
from compliance.models.rulebook import Rulebook


class Recheck(models.Model):
    """Written once for each bundle and version, in the transaction that acts on it: who begins anew finds it done.

    `lacks` names requirements, fields and reasons, never what stands in a paper. `valid_until`: the end that was set.
    """

    bundle = models.ForeignKey(Bundle, models.PROTECT, related_name="rechecks", db_index=False)
    rulebook = models.ForeignKey(Rulebook, models.PROTECT, related_name="rechecks")
    lacks = models.JSONField(default=list)
    valid_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["bundle", "rulebook"], name="recheck_once"),
            models.CheckConstraint(
                condition=Q(lacks=[], valid_until__isnull=True) | (~Q(lacks=[]) & Q(valid_until__isnull=False)),
                name="recheck_ends_what_lacks_something",
            ),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.bundle} under {self.rulebook}"
