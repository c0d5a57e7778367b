"""An assignment: which account held which number from when to when. It answers "who held N at T"."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import BigIntegerRangeField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from psycopg.types.range import Range as NumericRange

from accounts.models import Account
from inventory.models.claims import claim
from inventory.models.did import Did
from inventory.models.phone_number import PhoneNumber

#: The embedded PostgreSQL has no btree_gist: equality of numbers is an overlap of one-point ranges.
POINT = Func(F("number"), F("number"), Value("[]"), function="int8range", output_field=BigIntegerRangeField())


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    """Assignments of a number."""

    def of_number(self, number_id: int) -> "AssignmentQuerySet":
        """All of them, by the one index that has the past too: that of `assignment_no_two_at_once`."""
        return self.alias(point=POINT).filter(point__overlap=NumericRange(number_id, number_id, "[]"))


class Assignment(models.Model):
    """`valid` is [from, to) in UTC, open-ended while the number is in service."""

    number = models.ForeignKey(PhoneNumber, models.PROTECT, related_name="assignments", db_index=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="assignments")
    did = models.ForeignKey(Did, models.PROTECT, related_name="assignments")
    valid = DateTimeRangeField()

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="assignment_no_two_at_once",
                expressions=[
                    (
                        Func(F("number"), F("number"), Value("[]"), function="int8range"),
                        RangeOperators.OVERLAPS,
                    ),
                    ("valid", RangeOperators.OVERLAPS),
                ],
            ),
            models.UniqueConstraint(
                fields=["number"], condition=Q(valid__upper_inf=True), name="assignment_one_active"
            ),
            models.CheckConstraint(
                condition=Q(valid__isempty=False, valid__lower_inf=False), name="assignment_has_a_beginning"
            ),
        ]
        triggers = [claim("account_id", "did_id", "valid")]

    def __str__(self) -> str:
        return f"{self.number} held by {self.account}"
