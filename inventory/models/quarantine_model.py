"""The fits of the quarantine engine: what finished stays have taught it, as versions."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from numbering.models.stays import append_only, stays


class QuarantineModel(models.Model):
    """`document` is what `inventory.quarantine.model.Model.as_json` writes. Without a current fit the defaults stand.

    A fit never changes; which one is current may: the one before is taken back by making it current again.
    """

    version = models.CharField(max_length=32, unique=True, help_text="As the engine names it.")
    document = models.JSONField()
    stays = models.PositiveIntegerField(help_text="Finished ones that it was fitted to.")
    rows = models.PositiveIntegerField(help_text="Days of them that were looked at.")
    log_loss = models.FloatField(
        null=True, blank=True, help_text="On finished stays that it was not fitted to: the mean of -ln of what it gave."
    )
    compared_log_loss = models.FloatField(
        null=True, blank=True, help_text="On the same stays, of what was current when it was fitted."
    )
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
            pgtrigger.ReadOnly(
                name="fit_stays",
                fields=["version", "document", "stays", "rows", "fitted_at", "log_loss", "compared_log_loss"],
            ),
            *stays("fit"),
        ]

    def __str__(self) -> str:
        return self.version


class QuarantineFitting(models.Model):
    """A try to learn: when it began, and what came of it. Without an end it was cut short, or is still at it.

    It is written before the work begins, so that one that takes too long, or dies, is not begun anew each hour.
    """

    begun_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True, blank=True)
    finished = models.PositiveIntegerField(
        null=True, blank=True, help_text="Stays that were over, of those that were looked at."
    )
    fit = models.ForeignKey(
        QuarantineModel,
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="fittings",
        help_text="None: too little was known.",
    )

    class Meta:
        verbose_name, verbose_name_plural = "try to fit the quarantine engine", "tries to fit the quarantine engine"
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at=None, finished=None, fit=None)
                | Q(ended_at__isnull=False, ended_at__gte=models.F("begun_at"), finished__isnull=False),
                name="quarantine_fitting_found_at_its_end",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.begun_at:%Y-%m-%d %H:%M}: {self.fit or 'nothing'}"


class QuarantineModelChange(models.Model):
    """Which fit the nights decide with, since when, by whose word and why; the last row is in force."""

    fit = models.ForeignKey(
        QuarantineModel, models.PROTECT, null=True, blank=True, related_name="changes", help_text="None: the defaults."
    )
    actor = models.CharField(max_length=80)
    reason = models.CharField(max_length=300)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name, verbose_name_plural = "change of the fit", "changes of the fit"
        constraints = [
            models.CheckConstraint(
                condition=~Q(actor="") & ~Q(reason=""), name="quarantine_model_changed_by_somebody_for_a_reason"
            ),
        ]
        triggers = append_only("quarantine_model_changes")

    def __str__(self) -> str:
        return f"{self.fit or 'the defaults'} by {self.actor}"
