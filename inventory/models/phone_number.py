"""A telephone number that we hold, or once held: what it is, where it is in its life, and its two papers."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Cast, Coalesce, Now, Random, Reverse

from accounts.models import Account
from inventory import lifecycle
from inventory.fields import RealField
from inventory.lifecycle import State
from inventory.models.claims import claimed
from inventory.models.conditions import COUNTRY_IS_ISO, CURRENCY_IS_ISO, TYPE_IS_KNOWN
from inventory.models.provider import Provider
from inventory.models.references import ByIndex, references
from inventory.models.traces import of_capabilities
from inventory.querysets import NumberQuerySet
from numbering.e164 import E164
from numbering.models import Place
from numbering.models.stays import stays
from numbering.types import NumberType

ON_SALE = Q(state=State.AVAILABLE, blocked=False)
#: Numbers that may be called at any time to see whether their provider's still work: they did, and are nobody's.
CANARY = Q(
    state__in=(State.AVAILABLE, State.QUARANTINED),
    blocked=False,
    passport_expires_at__isnull=False,
    provider__isnull=False,
)
#: The digits read from the right, as a number: 14155550123 -> 32105555141.
MIRRORED = Cast(Reverse(Cast("e164", models.TextField())), models.BigIntegerField())
#: The lifecycle's trigger sees changes only.
BIRTH = pgtrigger.Trigger(
    name="begins_at_the_beginning",
    level=pgtrigger.Statement,
    when=pgtrigger.After,
    operation=pgtrigger.Insert,
    referencing=pgtrigger.Referencing(new="born"),  # type: ignore[no-untyped-call]  # pgtrigger types not all
    func=f"""
        IF EXISTS (SELECT FROM born WHERE state NOT IN ({", ".join(f"'{state}'" for state in lifecycle.BORN)})) THEN
            RAISE EXCEPTION 'A number begins its life as one of: {", ".join(lifecycle.BORN)}';
        END IF;
        RETURN NULL;
    """,
)
#: No passport outlives a release, and none comes back while the number rests. On sale takes one
#: (`number_sold_only_with_both_papers`), so what somebody had is tested before anybody else gets it.
TESTED_BEFORE_REUSE = pgtrigger.Trigger(
    name="tested_before_reuse",
    when=pgtrigger.Before,
    operation=pgtrigger.Update,
    condition=pgtrigger.Q(new__state=State.QUARANTINED, new__passport_expires_at__isnull=False)
    & (
        pgtrigger.Q(old__state=State.RELEASED)
        | pgtrigger.Q(old__state=State.QUARANTINED, old__passport_expires_at__isnull=True)
    ),
    func="RAISE EXCEPTION 'A released number is tested before reuse: its passport ends with the reclaim window';",
)

#: Whatever an engine, a model or a person says: nothing leaves quarantine for the shop, or for the lab on the way
#: there, but from an open stay whose minimum has passed, and that of the law of this day too: a rule that came since
#: counts from its first day on, whether anybody has applied it to the stays or not. A stay's limits can't be moved, nor
#: can it go away. The rule is chosen as `AgingRuleQuerySet.governing` chooses it.
RESTED = ByIndex(
    name="rested_before_reuse",
    when=pgtrigger.Before,
    operation=pgtrigger.Update,
    condition=pgtrigger.Q(old__state=State.QUARANTINED)
    & (pgtrigger.Q(new__state=State.AVAILABLE) | pgtrigger.Q(new__state=State.TESTING)),
    func="""
        IF NOT EXISTS (
            SELECT FROM inventory_quarantine AS stay
            WHERE number_id = NEW.id AND ended_at IS NULL AND earliest_at <= clock_timestamp() AND (
                source = 'onboarded_new'
                OR (starts_with(stay.rule, 'demo:')
                    AND EXISTS (SELECT FROM inventory_provider WHERE id = OLD.provider_id AND demo_aging IS NOT NULL))
                OR entered_at + interval '24 hours' * coalesce((
                    SELECT minimum_days FROM compliance_agingrule AS rule
                    CROSS JOIN (SELECT coalesce(nullif(stay.previous_use, ''), 'business') AS was) AS known
                    WHERE rule.country = OLD.country AND rule.previous_use IN (OLD.number_type, known.was, 'any')
                    AND rule.valid_from <= (clock_timestamp() AT TIME ZONE 'UTC')::date
                    ORDER BY rule.previous_use = OLD.number_type DESC, rule.previous_use = known.was DESC,
                        rule.valid_from DESC LIMIT 1
                ), 0) <= clock_timestamp()
            )
        ) THEN
            RAISE integrity_constraint_violation USING
                MESSAGE = format('Number %s has not rested for as long as it must', NEW.id),
                CONSTRAINT = 'rested_before_reuse';
        END IF;
        RETURN NEW;
    """,
)
#: Or else another law would govern the stay at its end.
SAME_LAW = pgtrigger.Protect(
    name="same_law_while_it_rests",
    operation=pgtrigger.Update,
    condition=pgtrigger.Q(old__state=State.QUARANTINED)
    & (
        pgtrigger.Q(new__country__df=pgtrigger.F("old__country"))
        | pgtrigger.Q(new__number_type__df=pgtrigger.F("old__number_type"))
    ),
)


class Origin(models.TextChoices):
    """How a number came to us, which sets its first quarantine."""

    ONBOARDED_NEW = "onboarded_new", "delivered, never in service before"
    ONBOARDED_USED = "onboarded_used", "delivered with an unknown past"


class PhoneNumber(models.Model):
    """One life of a number with us. Rows are never deleted; one that comes back after RETURNED gets a new row."""

    e164 = models.BigIntegerField(help_text="The E.164 digits, without the plus sign.")
    country = models.CharField(max_length=2)
    number_type = models.CharField(max_length=18, choices=NumberType)
    area_code = models.CharField(max_length=8, blank=True)
    region = models.CharField(max_length=64, blank=True)
    place = models.ForeignKey(
        Place, models.PROTECT, null=True, blank=True, db_index=False, db_constraint=False, related_name="+"
    )

    declared_capabilities = models.PositiveSmallIntegerField(help_text="Bitmask: what the provider says.")
    capabilities = models.PositiveSmallIntegerField(
        default=0, help_text="Bitmask: what the last full suite has proved; it is what we sell."
    )
    observed_capabilities = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="Bitmask: what came in that no test waited for."
    )
    observed_at = models.DateTimeField(null=True, blank=True, help_text="When something last came in.")
    waived_capabilities = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="Bitmask: declared, and not asked of it since staff accepted that it can't."
    )
    beta = models.BooleanField(default=False, help_text="New to the platform.")
    origin = models.CharField(max_length=14, choices=Origin, default=Origin.ONBOARDED_NEW)
    provider = models.ForeignKey(
        Provider, models.PROTECT, null=True, blank=True, db_index=False, db_constraint=False, related_name="numbers"
    )
    monthly_cost = models.DecimalField(max_digits=10, decimal_places=4, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)

    state = models.CharField(max_length=11, choices=State, default=State.SOURCED)
    state_since = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="When the clock of the present state runs out: hold, reclaim window, quarantine, retest.",
    )
    holder = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, db_index=False, related_name="held_numbers"
    )
    blocked = models.BooleanField(
        default=False, help_text="Carries at least one open block; kept by services/blocks.py."
    )
    passport_expires_at = models.DateTimeField(
        null=True, blank=True, help_text="The test passport is current until then."
    )
    tested_at = models.DateTimeField(null=True, blank=True, help_text="When the last full suite ended.")
    passed_tests = models.PositiveBigIntegerField(
        default=0, db_default=0, help_text="Bitmask: the tests that it passed then, as the lab numbers them."
    )
    mos = RealField(null=True, blank=True, help_text="Its estimated quality of calls (ITU-T G.107), 1 to 5.")
    post_dial_delay = RealField(null=True, blank=True, help_text="Seconds from dialling to ringing (RFC 6076).")
    cleared_at = models.DateTimeField(null=True, blank=True, help_text="The cleanliness verdict; none means not clean.")
    spread = RealField(db_default=Random(), help_text="A random place in the shop window; see docs/search.md.")
    created_at = models.DateTimeField(db_default=Now())

    objects = NumberQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = "number", "numbers"
        constraints = [
            models.UniqueConstraint(fields=["e164"], condition=~Q(state=State.RETURNED), name="number_one_live_row"),
            models.CheckConstraint(
                # E.164: one to fifteen digits, no leading zero; no country has fewer than seven in all.
                condition=Q(e164__gte=1_000_000, e164__lte=999_999_999_999_999),
                name="number_e164_digits",
            ),
            models.CheckConstraint(condition=Q(state__in=State.values), name="number_state_known"),
            models.CheckConstraint(condition=TYPE_IS_KNOWN, name="number_type_known"),
            models.CheckConstraint(condition=Q(origin__in=Origin.values), name="number_origin_known"),
            models.CheckConstraint(condition=COUNTRY_IS_ISO, name="number_country_iso"),
            models.CheckConstraint(
                condition=Q(currency="", monthly_cost__isnull=True)
                | (Q(monthly_cost__isnull=False, monthly_cost__gte=0) & CURRENCY_IS_ISO),
                name="number_cost_in_a_currency",
            ),
            models.CheckConstraint(
                condition=Q(
                    capabilities__lte=15,
                    declared_capabilities__lte=15,
                    observed_capabilities__lte=15,
                    waived_capabilities__lte=15,
                ),
                name="number_capabilities_mask",
            ),
            models.CheckConstraint(
                condition=Q(state__in=lifecycle.HELD, holder__isnull=False)
                | (~Q(state__in=lifecycle.HELD) & Q(holder__isnull=True)),
                name="number_held_iff_holder",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=lifecycle.SOLD_OR_SELLABLE)
                | Q(passport_expires_at__isnull=False, cleared_at__isnull=False),
                name="number_sold_only_with_both_papers",
            ),
            models.CheckConstraint(
                # One without would never be retested, lapse, or leave quarantine: no sweep would find it.
                condition=~Q(state__in=lifecycle.CLOCKED) | Q(due_at__isnull=False),
                name="number_clock_runs",
            ),
        ]
        indexes = [
            # the sweeps: whose clock has run out?
            models.Index(fields=["state", "due_at"], name="number_due", condition=Q(due_at__isnull=False)),
            # the lab's intake: of each kind, which number waits longest? Also the yard's late numbers
            models.Index(
                fields=["country", "number_type", "state_since"], name="number_intake", condition=Q(state=State.SOURCED)
            ),
            # the lab's queue and the yard's late numbers: who waits longest?
            models.Index(
                fields=["state", "state_since"],
                name="number_waiting",
                condition=Q(state__in=(State.TESTING, State.FAILED)),
            ),
            # the console's search for a number that had a life with us before; `number_one_live_row` finds the others
            models.Index(fields=["e164"], name="number_past_life", condition=Q(state=State.RETURNED)),
            # the console's search by the last digits, which are what people read out: 21 MB at a million numbers
            models.Index(MIRRORED, name="number_ends", condition=~Q(state=State.RETURNED)),
            # stock by kind and state: the yard, the console, the metrics; what a target has (services/stock_levels.py).
            # All are keys, none is included: only so does a B-tree keep equal ones together, at a tenth of the size
            models.Index(
                fields=["country", "number_type", "area_code", "state", "provider", "blocked"], name="number_stock"
            ),
            # stock levels by locality. 13 MB at a million numbers; what it adds to a move was lost in the noise
            models.Index(
                fields=["country", "number_type", "place", "state", "provider", "blocked"],
                name="number_stock_place",
                condition=Q(place__isnull=False),
            ),
            # the console's list: inventory/yard/listing.py reads it by drawers. The provider is in it twice, since
            # only what is a plain column can be read from an index alone
            models.Index(
                F("state"),
                F("country"),
                F("number_type"),
                Coalesce("provider", 0, output_field=models.BigIntegerField()),
                F("capabilities"),
                F("blocked"),
                F("state_since"),
                F("id"),
                include=["provider"],
                name="number_listed",
            ),
            # an account's holds and reclaimable numbers; its page of numbers in their order, and what it has of each
            # kind, are read from the index alone, also where 100,000 don't pass the filter
            models.Index(
                fields=["holder", "state", "e164"],
                include=["id", "country", "number_type", "capabilities", "provider"],
                name="number_of_holder",
                condition=Q(holder__isnull=False),
            ),
            # Search. `capabilities` and `beta` come before `spread`, so that a search probes each shelf that will do
            # and never wades through numbers that won't; what a walk reads is in the index (index-only).
            # any, and patterns so common that a walk soon meets a page of them
            models.Index(
                fields=["country", "number_type", "capabilities", "beta", "spread", "e164"],
                name="sale_shelf",
                condition=ON_SALE,
            ),
            # area code
            models.Index(
                fields=["country", "number_type", "area_code", "capabilities", "beta", "spread", "e164"],
                name="sale_area",
                condition=ON_SALE,
            ),
            # region
            models.Index(
                fields=["country", "number_type", "region", "capabilities", "beta", "spread", "e164"],
                name="sale_region",
                condition=ON_SALE,
            ),
            # passports: tested how lately, and which tests passed
            models.Index(
                fields=["country", "number_type", "capabilities", "passed_tests", "tested_at"],
                include=["beta", "spread", "e164"],
                name="sale_tested",
                condition=ON_SALE,
            ),
            # locality, postal code, rate centre, LATA, and (place by place) around a point
            models.Index(
                fields=["place", "number_type", "spread", "e164"],
                include=["capabilities", "beta"],
                name="sale_place",
                condition=ON_SALE,
            ),
            # the outage canary: which providers have good numbers where, and some of them at random
            models.Index(
                fields=["provider", "country", "number_type", "spread"], name="number_canary", condition=CANARY
            ),
            # patterns, looked up from the left: see inventory/search/digits.py
            models.Index(
                fields=["country", "number_type", "e164"],
                include=["spread", "capabilities", "beta"],
                name="sale_forward",
                condition=ON_SALE,
            ),
            # patterns, looked up from the right; "ends with"
            models.Index(
                F("country"),
                F("number_type"),
                MIRRORED,
                include=["e164", "spread", "capabilities", "beta"],
                name="sale_mirrored",
                condition=ON_SALE,
            ),
        ]
        triggers = [
            pgtrigger.FSM(name="lifecycle", field="state", transitions=lifecycle.PAIRS),
            BIRTH,
            TESTED_BEFORE_REUSE,
            RESTED,
            SAME_LAW,
            claimed(),
            of_capabilities(),
            *stays("number"),
            *references("provider", Provider),
            *references("place", Place),
        ]

    def __str__(self) -> str:
        return f"+{self.e164}"

    @property
    def number(self) -> E164:
        """The number as a value object."""
        return E164.from_int(self.e164)

    @property
    def asked_capabilities(self) -> int:
        """Bitmask: what a suite asks of it: all that is declared, but for what staff have waived."""
        return self.declared_capabilities & ~self.waived_capabilities
