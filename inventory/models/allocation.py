"""Number ranges that a regulator has allocated to us, and which numbers of them are activated."""

from collections.abc import Collection

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Mod, Now
from django.db.models.lookups import Exact

from inventory.models.conditions import COUNTRY_IS_ISO, CURRENCY_IS_ISO, TYPE_IS_KNOWN
from inventory.models.provider import Provider
from numbering.areas import is_nanp
from numbering.models.stays import stays
from numbering.plan import calling_code, country_code, facts
from numbering.types import NumberType

BLOCK = 1_000  # numbers: the unit of sequential assignment and of donation (47 CFR 52.15(j), 52.20)
SIZES = [(size, f"{size:,}") for size in (100, 1_000, 10_000, 100_000, 1_000_000)]

# Locked, so that a range is not withdrawn while a number of it is activated; see NOTHING_ACTIVE.
INSIDE = pgtrigger.Trigger(
    name="inside_its_range",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert,
    func="""
        PERFORM FROM inventory_allocation AS allocated
            WHERE allocated.id = NEW.allocation_id AND allocated.withdrawn_on IS NULL
            AND NEW.e164 >= allocated.first AND NEW.e164 < allocated.first + allocated.size FOR SHARE;
        IF NOT FOUND THEN
            RAISE integrity_constraint_violation USING
                MESSAGE = format('+%s is not in this allocation, or that is withdrawn', NEW.e164),
                CONSTRAINT = 'activation_inside_its_range';
        END IF;
        RETURN NEW;
    """,
)
NOTHING_ACTIVE = pgtrigger.Trigger(
    name="withdrawn_when_nothing_is_active",
    when=pgtrigger.Before,
    operation=pgtrigger.UpdateOf("withdrawn_on"),  # type: ignore[no-untyped-call]  # pgtrigger types not all
    condition=pgtrigger.Q(new__withdrawn_on__isnull=False),
    func="""
        IF EXISTS (SELECT FROM inventory_activation WHERE allocation_id = NEW.id AND returned_at IS NULL) THEN
            RAISE integrity_constraint_violation USING
                MESSAGE = 'Numbers of this allocation are active',
                CONSTRAINT = 'allocation_withdrawn_when_nothing_is_active';
        END IF;
        IF EXISTS (
            SELECT FROM inventory_phonenumber AS number
            WHERE number.e164 >= NEW.first AND number.e164 < NEW.first + NEW.size AND number.state <> 'RETURNED'
            AND number.provider_id = NEW.provider_id
        ) THEN
            RAISE integrity_constraint_violation USING
                MESSAGE = 'Numbers of this allocation are in the stock',
                CONSTRAINT = 'allocation_withdrawn_when_nothing_is_active';
        END IF;
        RETURN NEW;
    """,
)


class Allocation(models.Model):
    """One range as the regulator's decision names it. A wrong row is withdrawn, and the right one added."""

    provider = models.ForeignKey(
        Provider,
        models.PROTECT,
        related_name="allocations",
        limit_choices_to={"adapter": "own_blocks"},
        help_text="Ourselves, as the provider that activates these numbers.",
    )
    country = models.CharField(max_length=2, help_text="ISO 3166-1 alpha-2.")
    number_type = models.CharField(max_length=18, choices=NumberType)
    first = models.BigIntegerField("first number", help_text="E.164 digits, without the plus sign.")
    size = models.PositiveIntegerField(choices=SIZES, help_text="Numbers in the range.")
    holder = models.CharField(max_length=120, help_text="Whom it is allocated to: the legal entity, OCN or CUPID.")
    source = models.CharField(max_length=200, help_text="The regulator's decision: authority, reference, date.")
    allocated_on = models.DateField()
    adopt_by = models.DateField(
        null=True, blank=True, help_text="When a number of it must be in use, or the regulator may withdraw it."
    )
    withdrawn_on = models.DateField(
        null=True, blank=True, help_text="Given back, donated or withdrawn: nothing more is activated."
    )
    rate_centre = models.CharField(max_length=40, blank=True)
    locality = models.CharField(max_length=120, blank=True)
    region = models.CharField(max_length=64, blank=True)
    capabilities = models.PositiveSmallIntegerField(help_text="Bitmask: what our network carries to these numbers.")
    monthly_cost = models.DecimalField(
        max_digits=10, decimal_places=4, default=0, help_text="What one active number costs us in a month."
    )
    currency = models.CharField(max_length=3, default="USD")

    class Meta:
        verbose_name, verbose_name_plural = "allocation", "allocations"
        constraints = [
            models.CheckConstraint(condition=COUNTRY_IS_ISO, name="allocation_country_iso"),
            models.CheckConstraint(condition=TYPE_IS_KNOWN, name="allocation_type_known"),
            models.CheckConstraint(condition=Q(size__in=[size for size, _ in SIZES]), name="allocation_size_known"),
            models.CheckConstraint(
                condition=Q(first__gte=1_000_000, first__lte=999_999_999_999_999), name="allocation_e164_digits"
            ),
            models.CheckConstraint(
                # So it ends before a sixteenth digit, too.
                condition=Q(Exact(Mod("first", "size"), 0)),
                name="allocation_begins_at_a_multiple_of_its_size",
            ),
            ExclusionConstraint(
                name="allocation_no_number_twice",
                expressions=[
                    (
                        Func(F("first"), F("first") + F("size"), function="int8range"),
                        RangeOperators.OVERLAPS,
                    )
                ],
                condition=Q(withdrawn_on__isnull=True),
            ),
            models.CheckConstraint(condition=~Q(holder="") & ~Q(source=""), name="allocation_has_holder_and_source"),
            models.CheckConstraint(
                condition=Q(adopt_by__isnull=True) | Q(adopt_by__gt=F("allocated_on")),
                name="allocation_adopted_after_it_is_allocated",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_on__isnull=True) | Q(withdrawn_on__gte=F("allocated_on")),
                name="allocation_withdrawn_after_it_is_allocated",
            ),
            models.CheckConstraint(condition=Q(capabilities__lte=15), name="allocation_capabilities_mask"),
            models.CheckConstraint(
                condition=CURRENCY_IS_ISO & Q(monthly_cost__gte=0), name="allocation_cost_in_a_currency"
            ),
        ]
        triggers = [
            *stays("allocation"),
            pgtrigger.ReadOnly(
                name="allocated_as_it_was",
                fields=["provider", "country", "number_type", "first", "size", "allocated_on"],
            ),
            NOTHING_ACTIVE,
        ]

    def __str__(self) -> str:
        return f"+{self.first} to +{self.end - 1}"

    @property
    def end(self) -> int:
        """The number behind the last."""
        return self.first + self.size

    @property
    def kind(self) -> tuple[str, str, str, str]:
        """Ranges of one kind can stand for each other: of one country, type, rate centre and town."""
        return self.country, self.number_type, self.rate_centre, self.locality

    def clean(self) -> None:
        """Raises ValidationError for numbers that the plan of the country does not have, or has for another type."""
        if not (self.first and self.size and self.country):
            return  # the fields themselves say so
        for digits in range(self.first, self.end, min(self.size, BLOCK)):
            if problem := self._problem(digits):
                raise ValidationError({"first": f"+{digits} {problem}"})

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """Also for a form without `withdrawn_on`, of which Django could else not tell whether it overlaps."""
        super().validate_constraints(exclude=set(exclude or ()) - {"withdrawn_on"})

    def _problem(self, digits: int) -> str:
        known = facts(digits)
        if calling_code(digits) != country_code(self.country) or known.country not in ("", self.country):
            return f"is no number of {self.country}"
        if known.number_type is None:
            return "is of no known type in the numbering plan"
        fits = known.number_type == self.number_type or self._may_be(known.number_type)
        return "" if fits else f"is {known.number_type} in the numbering plan"

    def _may_be(self, in_plan: NumberType) -> bool:
        """NANP numbers do not tell a mobile, and machine-to-machine ranges are the regulator's word alone; but what
        the plan sets aside for callers who don't pay is nothing else."""
        free = is_nanp(self.country) or self.number_type == NumberType.MACHINE_TO_MACHINE
        return free and NumberType.TOLL_FREE not in (in_plan, self.number_type)


class Activation(models.Model):
    """A number of a range in use with us, from its order to its return. It is what an audit compares our stock with."""

    allocation = models.ForeignKey(Allocation, models.PROTECT, related_name="activations", db_index=False)
    e164 = models.BigIntegerField()
    key = models.CharField(max_length=64, help_text="Of the order that activated it.")
    activated_at = models.DateTimeField(db_default=Now())
    returned_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            # also, by span: which numbers of a block are active?
            models.UniqueConstraint(
                fields=["e164"], condition=Q(returned_at__isnull=True), name="activation_one_at_a_time"
            ),
            models.CheckConstraint(condition=~Q(key=""), name="activation_has_a_key"),
            models.CheckConstraint(
                condition=Q(returned_at__isnull=True) | Q(returned_at__gte=F("activated_at")),
                name="activation_returned_after_it_began",
            ),
        ]
        indexes = [
            # which numbers of a block came back, and when?
            models.Index(
                fields=["e164", "returned_at"], name="activation_returned", condition=Q(returned_at__isnull=False)
            ),
            # own_blocks, after a crash: what has this order activated?
            models.Index(fields=["key"], name="activation_of_order"),
            # is anything of a range active?
            models.Index(fields=["allocation"], name="activation_active", condition=Q(returned_at__isnull=True)),
        ]
        triggers = [
            *stays("activation"),
            INSIDE,
            pgtrigger.ReadOnly(name="activated_as_it_was", fields=["allocation", "e164", "key", "activated_at"]),
            pgtrigger.Protect(
                name="returned_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__returned_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"+{self.e164}"
