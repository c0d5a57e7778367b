"""Whether a kind of number needs an address and a bundle, and how sure we are of it."""

from datetime import date

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


class NumberTypeRuleQuerySet(models.QuerySet["NumberTypeRule"]):
    """Rules by the day."""

    def in_force(self, country: str, number_type: str, on: date) -> "NumberTypeRule | None":
        """The one rule of that kind of number on that day; None: nobody wrote one down."""
        known = self.filter(country=country, number_type=number_type, valid_from__lte=on)
        return known.order_by("-valid_from").first()


class NumberTypeRule(models.Model):
    """One version of the rule of one (country, type). `valid_from` is the day our file was written, not the law's.

    It repeats what a rulebook says and is written when that is activated: the trigger on DIDs reads `needs_bundle`, and
    what a rulebook's document means (what is left out, who is asked for nothing) is Python's to say. A kind of number
    without a rule is not sold to anybody: so the gate says, and so does the trigger.
    """

    country = models.CharField(max_length=2)
    number_type = models.CharField(max_length=18, choices=NumberType)
    address_requirement = models.CharField(max_length=7, choices=AddressRequirement)
    confidence = models.CharField(max_length=20)
    enforced = models.BooleanField(help_text="False: an operator decides; the rule is not fact.")
    needs_bundle = models.BooleanField(
        default=True, db_default=True, help_text="False: it is confirmed that nobody has to give any papers."
    )
    valid_from = models.DateField()

    objects = NumberTypeRuleQuerySet.as_manager()

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

    @property
    def needs_address(self) -> bool:
        """Whether it is confirmed that the number goes to an address only."""
        return self.enforced and self.address_requirement not in (AddressRequirement.NONE, AddressRequirement.UNKNOWN)
