"""What a SKU's demand amounts to, and what the last night made of it."""

from django.db import models
from django.db.models import F, Q

from inventory.models.sku import Sku


class SkuState(models.Model):
    """As of the end of a UTC day. `n` orders, `q` units, `q2` squares of units, `e` days: each fades with a half-life
    of 90 days (`inventory/restock/demand.py`). The rest is the answer of the engine for that night, kept also when
    nothing was to be ordered, so that staff see why."""

    sku = models.OneToOneField(Sku, models.CASCADE, primary_key=True, related_name="state")
    n = models.FloatField("N")
    q = models.FloatField("Q")
    q2 = models.FloatField("Q2")
    e = models.FloatField("e")
    s = models.PositiveIntegerField(help_text="The reorder point.")
    up_to = models.FloatField(help_text="What an order brings the position to, before whole lots.")
    level = models.FloatField(help_text="Of service.")
    floor = models.FloatField(help_text="The least reorder point.")
    as_of = models.DateField(help_text="The UTC day at whose end this held.")
    terms = models.JSONField(default=dict, help_text="Every symbol of the decision; see docs/restock.md.")
    sentence = models.CharField(max_length=400, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = "state of a SKU", "states of SKUs"
        constraints = [
            models.CheckConstraint(
                # An upper bound beside each lower one: to PostgreSQL NaN is more than any number.
                condition=Q(
                    n__gte=0, n__lte=1e12, q__gte=0, q__lte=1e14, q2__gte=0, q2__lte=1e16, e__gte=0, e__lte=1e6
                ),
                name="sku_state_sums_are_sane",
            ),
            models.CheckConstraint(condition=Q(up_to__gte=F("s"), s__gte=F("floor")), name="sku_state_floor_s_up_to"),
            models.CheckConstraint(condition=Q(level__gte=0.5, level__lte=0.9999), name="sku_state_level_is_a_chance"),
        ]

    def __str__(self) -> str:
        return f"{self.sku_id} at the end of {self.as_of}"
