"""Which E.164 prefixes lie in which place."""

from django.db import models
from django.db.models import Q


class PlacePrefix(models.Model):
    """Numbers that start with these digits lie in this place, unless a longer prefix says otherwise."""

    prefix = models.BigIntegerField(primary_key=True, help_text="Leading digits of the E.164 number")
    country = models.CharField(max_length=2)
    place = models.ForeignKey("numbering.Place", on_delete=models.CASCADE, related_name="prefixes")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(prefix__gt=0, prefix__lt=10**15), name="place_prefix_is_e164"),
        ]
        verbose_name_plural = "place prefixes"

    def __str__(self) -> str:
        return f"+{self.prefix}"
