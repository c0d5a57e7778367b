"""A number's passport: the last full suite that was run on it."""

from django.db import models
from django.db.models import F, Q

from inventory.models import PhoneNumber
from testing_lab.models.suite_run import SuiteRun


class Passport(models.Model):
    """Points at the run whose results it shows. A number has one; the next full suite takes its place.

    `declared` and `tested` are masks of capabilities as they were then.
    """

    number = models.OneToOneField(PhoneNumber, models.PROTECT, related_name="passport")
    run = models.OneToOneField(SuiteRun, models.PROTECT, related_name="passport")
    declared = models.PositiveSmallIntegerField()
    tested = models.PositiveSmallIntegerField()
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True, help_text="None: the number did not pass.")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(declared__lte=15, tested__lte=15), name="passport_capabilities_mask"),
            models.CheckConstraint(
                condition=Q(expires_at__isnull=True) | Q(expires_at__gt=F("issued_at")),
                name="passport_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"passport of {self.number}"
