"""The nights of the quarantine engine: each cut into stretches of numbers, which are its queue."""

from django.db import models
from django.db.models import F, Q


class QuarantineNight(models.Model):
    """The open stays of the numbers from `first` to `last`, decided on for the morning of `day` in one transaction."""

    day = models.DateField()
    first = models.BigIntegerField(help_text="Ids of numbers, both included; a night's stretches cover all there are.")
    last = models.BigIntegerField()
    stays = models.PositiveIntegerField(default=0, db_default=0)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = "night of the quarantine engine", "nights of the quarantine engine"
        constraints = [
            # also the sweep: was this night planned, and what of it is left?
            models.UniqueConstraint(fields=["day", "first"], name="quarantine_night_once"),
            models.CheckConstraint(condition=Q(last__gte=F("first")), name="quarantine_night_runs_forward"),
        ]

    def __str__(self) -> str:
        return f"{self.day}, numbers {self.first} to {self.last}"
