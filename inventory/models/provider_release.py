"""Giving a number back to its provider. Like an order, the row is the intent, written before the call."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from inventory.models.claims import claim
from inventory.models.phone_number import PhoneNumber


class ReleaseState(models.TextChoices):
    """CONFIRMED only when the provider no longer lists the number: a "yes" alone is not proof."""

    INTENDED = "INTENDED"
    REQUESTED = "REQUESTED"
    CONFIRMED = "CONFIRMED"
    FAILED = "FAILED"


OPEN_RELEASE = (ReleaseState.INTENDED, ReleaseState.REQUESTED)


class ProviderRelease(models.Model):
    """One number on its way back."""

    key = models.CharField(
        max_length=64, unique=True, help_text="Our reference at the provider; the same through all retries."
    )
    number = models.OneToOneField(PhoneNumber, models.PROTECT, related_name="provider_release")
    state = models.CharField(max_length=9, choices=ReleaseState, default=ReleaseState.INTENDED)
    attempts = models.PositiveSmallIntegerField(default=0)
    refusals = models.PositiveSmallIntegerField(default=0, help_text="In a row; staff must ask after a few.")
    next_attempt_at = models.DateTimeField(null=True, blank=True, db_default=Now())
    last_error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name, verbose_name_plural = "return", "returns"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ReleaseState.values), name="provider_release_state_known"),
            models.CheckConstraint(
                condition=Q(state__in=OPEN_RELEASE, next_attempt_at__isnull=False)
                | (~Q(state__in=OPEN_RELEASE) & Q(next_attempt_at__isnull=True)),
                name="provider_release_open_iff_due",
            ),
        ]
        indexes = [
            # settle_releases: which open releases are due?
            models.Index(fields=["next_attempt_at"], name="release_due", condition=Q(next_attempt_at__isnull=False)),
        ]
        triggers = [claim()]

    def __str__(self) -> str:
        return f"{self.key}: {self.number}"
