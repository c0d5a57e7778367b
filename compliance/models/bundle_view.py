"""One look at what an end user gave: a page of the console that showed attributes and addresses of a bundle."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import User
from compliance.models.bundle import Bundle
from compliance.models.sight_reason import SightReason
from numbering.models.stays import append_only


class BundleView(models.Model):
    """`everything`: also the fields that the regulation does not ask for, which takes a note. Never changed."""

    bundle = models.ForeignKey(Bundle, models.PROTECT, related_name="views")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    everything = models.BooleanField(default=False)
    reason = models.CharField(max_length=9, choices=SightReason, default=SightReason.REVIEW)
    note = models.CharField(max_length=200, blank=True)
    seen_from = models.GenericIPAddressField(null=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(reason__in=SightReason.values), name="bundle_view_for_a_known_reason"),
            models.CheckConstraint(condition=Q(everything=False) | ~Q(note=""), name="bundle_view_of_everything_noted"),
        ]
        indexes = [models.Index(fields=["at"], name="bundle_view_by_time")]  # the audit log
        triggers = append_only("bundle_views")

    def __str__(self) -> str:
        return f"{self.bundle} seen at {self.at}"
