"""That a customer was told of a paper that expires soon: once for each bundle and content of the paper."""

import pgtrigger
from django.db import models
from django.db.models.functions import Now

from compliance.models.bundle import Bundle
from compliance.models.supporting_document import SupportingDocument


class ExpiryWarning(models.Model):
    """Written with the notice. A paper whose content changed (`revision`) may be told of again; its last day is
    personal data and stays where it can be erased."""

    bundle = models.ForeignKey(Bundle, models.PROTECT, related_name="expiry_warnings", db_index=False)
    document = models.ForeignKey(SupportingDocument, models.PROTECT, related_name="+")
    revision = models.PositiveIntegerField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["bundle", "document", "revision"], name="expiry_warning_once"),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.document} of {self.bundle}"
