"""Whether a kind of number needs an address, and how sure we are of it."""

from django.db import models
from django.db.models import Q

from numbering.types import NumberType


class AddressRequirement(models.TextChoices):
    """Twilio's four values, and ours for "nothing was read"."""

    NONE = "none"
    ANY = "any"
    LOCAL = "local"
    FOREIGN = "foreign"
    UNKNOWN = "unknown"


class NumberTypeRule(models.Model):
    """One version of the rule of one (country, type). `valid_from` is the day our file was written, not the law's."""

    country = models.CharField(max_length=2)
    number_type = models.CharField(max_length=18, choices=NumberType)
    address_requirement = models.CharField(max_length=7, choices=AddressRequirement)
    confidence = models.CharField(max_length=20)
    enforced = models.BooleanField(help_text="False: an operator decides; the rule is not fact.")
    valid_from = models.DateField()

    class Meta:
        verbose_name, verbose_name_plural = "address rule", "address rules"
        constraints = [
            models.UniqueConstraint(
                fields=["country", "number_type", "valid_from"], name="number_type_rule_once_a_day"
            ),
            models.CheckConstraint(condition=Q(number_type__in=NumberType.values), name="number_type_rule_type_known"),
            models.CheckConstraint(
                condition=Q(address_requirement__in=AddressRequirement.values),
                name="number_type_rule_requirement_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.country} {self.number_type}: {self.address_requirement}"
