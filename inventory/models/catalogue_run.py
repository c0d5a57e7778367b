"""A catalogue run: one reading of what a provider lists of one kind, and what came of it (docs/catalogue.md)."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from inventory.models.conditions import COUNTRY_IS_ISO, CURRENCY_IS_ISO, TYPE_IS_KNOWN
from inventory.models.provider import Provider
from numbering.types import NumberType


class RunEnd(models.TextChoices):
    """Where the run is, and how it ended. Only one that read the list to its end withdraws what it did not see."""

    RUNNING = "RUNNING", "reading"
    COMPLETE = "COMPLETE", "complete: what it did not see is withdrawn"
    SAMPLED = "SAMPLED", "sampled: the provider shows a part only, so nothing is withdrawn"
    HELD = "HELD", "held: it would withdraw too much, staff decide"
    CONFIRMED = "CONFIRMED", "confirmed: staff let it withdraw"
    DISCARDED = "DISCARDED", "discarded: nothing was withdrawn by it"
    BROKEN = "BROKEN", "broken off: nothing was withdrawn by it"


#: Read to their end, and believed: the measure of what the next ones should see.
WHOLE = (RunEnd.COMPLETE, RunEnd.CONFIRMED)
DECIDED = (RunEnd.CONFIRMED, RunEnd.DISCARDED)


class CatalogueRun(models.Model):
    """One provider and kind; a blank area code means anywhere in the country. Counts are of different numbers."""

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="catalogue_runs", db_index=False)
    country = models.CharField(max_length=2)
    number_type = models.CharField(max_length=18, choices=NumberType)
    area_code = models.CharField(max_length=8, blank=True)
    state = models.CharField(max_length=9, choices=RunEnd, default=RunEnd.RUNNING)
    began_at = models.DateTimeField(db_default=Now())
    lease_until = models.DateTimeField(
        null=True, blank=True, help_text="Moved on with each batch. After it the run counts as dead."
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    seen = models.PositiveIntegerField(default=0, help_text="Numbers that it read.")
    expected = models.PositiveIntegerField(
        null=True, blank=True, help_text="What the last runs that read to the end saw: their median."
    )
    new = models.PositiveIntegerField(default=0, help_text="Not listed before, or not any more.")
    changed = models.PositiveIntegerField(default=0, help_text="Listed otherwise before: price, capabilities, kind.")
    missing = models.PositiveIntegerField(default=0, help_text="Listed before, and not seen.")
    withdrawn = models.PositiveIntegerField(default=0, help_text="Of those, withdrawn by it.")
    error = models.CharField(max_length=300, blank=True, help_text="Why it was broken off, or is held.")
    decided_by = models.CharField(max_length=80, blank=True)
    decided_note = models.CharField(max_length=300, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=RunEnd.values), name="catalogue_run_state_known"),
            models.CheckConstraint(condition=COUNTRY_IS_ISO, name="catalogue_run_country_iso"),
            models.CheckConstraint(condition=TYPE_IS_KNOWN, name="catalogue_run_type_known"),
            # Two ingests of one provider: the second leaves it to the first.
            models.UniqueConstraint(
                fields=["provider"], condition=Q(state=RunEnd.RUNNING), name="catalogue_run_one_at_a_time"
            ),
            models.UniqueConstraint(
                fields=["provider", "country", "number_type", "area_code"],
                condition=Q(state=RunEnd.HELD),
                name="catalogue_run_one_held",
            ),
            models.CheckConstraint(
                condition=Q(state=RunEnd.RUNNING, lease_until__isnull=False, ended_at__isnull=True)
                | (~Q(state=RunEnd.RUNNING) & Q(lease_until__isnull=True, ended_at__isnull=False)),
                name="catalogue_run_leased_until_it_ends",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=(RunEnd.BROKEN, RunEnd.HELD)) | ~Q(error=""), name="catalogue_run_says_why"
            ),
            models.CheckConstraint(
                condition=(Q(state__in=DECIDED, decided_at__isnull=False) & ~Q(decided_by="") & ~Q(decided_note=""))
                | (~Q(state__in=DECIDED) & Q(decided_at__isnull=True, decided_by="", decided_note="")),
                name="catalogue_run_decided_by_somebody_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn=0) | Q(state__in=WHOLE), name="catalogue_run_withdraws_only_when_whole"
            ),
            models.CheckConstraint(condition=Q(seen__gte=F("new") + F("changed")), name="catalogue_run_counts_add_up"),
        ]
        indexes = [
            # when was this kind last read, and what did it give? Which is held?
            models.Index(
                fields=["provider", "country", "number_type", "area_code", "-id"], name="catalogue_run_of_kind"
            ),
            # a provider's last runs: how often in a row did it fail, and what does its page show?
            models.Index(fields=["provider", "-id"], name="catalogue_run_latest"),
        ]

    def __str__(self) -> str:
        return f"{self.provider}: {self.country} {self.get_number_type_display()} {self.area_code}".strip()

    @property
    def coverage(self) -> float | None:
        """Share of what was expected that it saw; None while nothing is known to expect."""
        return self.seen / self.expected if self.expected else None


class PriceChange(models.Model):
    """What a run found dearer or cheaper than before: one row for each pair of prices, however many numbers."""

    run = models.ForeignKey(CatalogueRun, models.CASCADE, related_name="price_changes", db_index=False)
    cost_before = models.DecimalField(max_digits=10, decimal_places=4)
    currency_before = models.CharField(max_length=3)
    monthly_cost = models.DecimalField(max_digits=10, decimal_places=4)
    currency = models.CharField(max_length=3)
    numbers = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "cost_before", "currency_before", "monthly_cost", "currency"], name="price_change_once"
            ),
            models.CheckConstraint(condition=CURRENCY_IS_ISO, name="price_change_currency_iso"),
            models.CheckConstraint(
                condition=~Q(monthly_cost=F("cost_before")) | ~Q(currency=F("currency_before")),
                name="price_change_is_one",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cost_before} {self.currency_before} to {self.monthly_cost} {self.currency}: {self.numbers}"
