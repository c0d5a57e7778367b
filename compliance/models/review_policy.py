"""How the operator wants bundles to be reviewed: how soon, by how many people; dated, for one country or for all."""

from datetime import date

import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class ReviewPolicyQuerySet(models.QuerySet["ReviewPolicy"]):
    """Policies by what they govern."""

    def governing(self, country: str, on: date) -> "ReviewPolicy | None":
        """The row in force on that day for exactly this country (blank: for all); of one day the one written last."""
        return self.filter(country=country, valid_from__lte=on).order_by("-valid_from", "-pk").first()


class ReviewPolicy(models.Model):
    """Never changed: a newer row takes its place, so that it is known by which one a bundle was judged."""

    country = models.CharField(max_length=2, blank=True, help_text="ISO 3166-1 alpha-2; blank: for all others.")
    target_hours = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Within so many hours; empty: as the country's file says."
    )
    claim_hours = models.PositiveSmallIntegerField(
        default=8, help_text="Another reviewer may take over a bundle that nobody has touched for so long."
    )
    four_eyes = models.BooleanField(default=False, help_text="Two people approve, or nobody has.")
    sight_four_eyes = models.BooleanField(
        "four eyes on papers",
        default=False,
        db_default=False,
        help_text="Outside a review nobody opens a paper before a second person lets them.",
    )
    valid_from = models.DateField()
    set_by = models.CharField(max_length=80)
    created_at = models.DateTimeField(db_default=Now())

    objects = ReviewPolicyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "review policies"
        constraints = [
            models.CheckConstraint(condition=Q(country__regex=r"^([A-Z]{2})?$"), name="review_policy_country"),
            models.CheckConstraint(
                condition=(Q(target_hours__isnull=True) | Q(target_hours__gte=1)) & Q(claim_hours__gte=1),
                name="review_policy_leaves_time",
            ),
            models.CheckConstraint(condition=~Q(set_by=""), name="review_policy_set_by_somebody"),
        ]
        indexes = [
            # which policy governed this country on that day?
            models.Index(fields=["country", "-valid_from", "-id"], name="review_policy_in_force"),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.country or 'all countries'} from {self.valid_from}"
