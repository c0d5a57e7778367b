"""One dated row of a limit: what a number must keep to pass a test, from a day on, for all lines or for some."""

from typing import Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone

from numbering.types import NumberType
from testing_lab import limits
from testing_lab.limits import BOUNDS, LimitRow, Scope


class Limit(models.Model):
    """Rows are added and never changed, so that each result can be traced to the one that it was judged by."""

    code = models.CharField(max_length=3)
    quantity = models.CharField(max_length=24)
    unit = models.CharField(max_length=12, choices=[(unit, unit) for unit in BOUNDS])
    value = models.FloatField()
    country = models.CharField(max_length=2, blank=True, help_text="ISO 3166-1 alpha-2; empty: every country.")
    number_type = models.CharField(max_length=18, blank=True, choices=NumberType, help_text="Empty: every type.")
    scope = models.CharField(
        max_length=13,
        blank=True,
        choices=[(scope.value, scope.value) for scope in Scope],
        help_text="Empty: both.",
    )
    effective_from = models.DateField(help_text="The first day (UTC) that it governs.")
    source = models.CharField(max_length=200, help_text="The document with its section, or whose own limit it is.")
    added_by = models.CharField(max_length=80, blank=True, help_text="Empty: it came with a release.")

    class Meta:
        verbose_name, verbose_name_plural = "lab limit", "lab limits"
        constraints = [
            models.UniqueConstraint(
                fields=["code", "quantity", "country", "number_type", "scope", "effective_from"],
                name="limit_once_a_day",
            ),
            models.CheckConstraint(condition=Q(code__regex=r"^[A-Z][0-9]{2}$"), name="limit_code_shape"),
            models.CheckConstraint(condition=Q(quantity__regex=r"^[a-z][a-z0-9_]*$"), name="limit_quantity_shape"),
            models.CheckConstraint(condition=Q(country__regex=r"^([A-Z]{2})?$"), name="limit_country_iso"),
            models.CheckConstraint(condition=Q(number_type__in=["", *NumberType.values]), name="limit_type_known"),
            models.CheckConstraint(
                condition=Q(scope__in=["", *(scope.value for scope in Scope)]), name="limit_scope_known"
            ),
            models.CheckConstraint(condition=Q(unit__in=list(BOUNDS)), name="limit_unit_known"),
            models.CheckConstraint(
                # also refuses NaN, which PostgreSQL holds greater than every number
                condition=Q(
                    *(Q(unit=unit, value__gte=least, value__lte=most) for unit, (least, most) in BOUNDS.items()),
                    _connector=Q.OR,
                ),
                name="limit_value_within_its_unit",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.quantity} from {self.effective_from}"

    @classmethod
    def of(cls, row: LimitRow) -> Self:
        """The model of a row of the file."""
        return cls(**{name: getattr(row, name) for name in LimitRow.__dataclass_fields__})

    @property
    def row(self) -> LimitRow:
        """What judges see of it."""
        return LimitRow(**{name: getattr(self, name) for name in LimitRow.__dataclass_fields__})

    def clean(self) -> None:
        """Refuse what no test reads, another unit than the file's, and a day that is past: it has been judged."""
        told = {(row.code, row.quantity): row.unit for row in limits.stock()}
        if told.get((self.code, self.quantity)) != self.unit:
            raise ValidationError(f"No test reads {self.code} {self.quantity} in {self.unit}.")
        if self.effective_from and self.effective_from < timezone.now().date():
            raise ValidationError({"effective_from": "From today on, or later."})
        if wrong := limits.fault(self.row):
            raise ValidationError(wrong)
