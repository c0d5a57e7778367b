"""A regulation (`RN…`): what one kind of end user gives for one number type of one country, in its versions."""

from django.db import models
from django.db.models import Q

from compliance.models.rulebook import Rulebook
from numbering.models.stays import stays
from numbering.types import NumberType


class EndUserType(models.TextChoices):
    """Who may be an end user."""

    INDIVIDUAL = "individual", "Individual"
    BUSINESS = "business", "Business"


class Regulation(models.Model):
    """The SID is derived from the three columns, so it is the same in every installation."""

    sid = models.CharField(max_length=34, unique=True, editable=False)
    country = models.CharField(max_length=2)
    number_type = models.CharField(max_length=18, choices=NumberType)
    end_user_type = models.CharField(max_length=10, choices=EndUserType)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["country", "number_type", "end_user_type"], name="regulation_once"),
            models.CheckConstraint(condition=Q(sid__regex=r"^RN[0-9a-f]{32}$"), name="regulation_sid_shape"),
            models.CheckConstraint(condition=Q(number_type__in=NumberType.values), name="regulation_number_type_known"),
            models.CheckConstraint(
                condition=Q(end_user_type__in=EndUserType.values), name="regulation_end_user_type_known"
            ),
        ]
        triggers = stays("regulation")

    def __str__(self) -> str:
        return f"{self.country} {self.number_type} {self.end_user_type}"


class RegulationVersion(models.Model):
    """What a rulebook says of a regulation. Equal fingerprints: the versions ask for the same."""

    regulation = models.ForeignKey(Regulation, models.PROTECT, related_name="versions", db_index=False)
    rulebook = models.ForeignKey(Rulebook, models.PROTECT, related_name="regulations")
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of its part of the document.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["regulation", "rulebook"], name="regulation_version_once"),
        ]
        triggers = stays("regulation_version")

    def __str__(self) -> str:
        return f"{self.regulation} of {self.rulebook}"
