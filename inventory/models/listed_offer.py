"""A listed offer: a number that a provider's catalogue lists, as the last ingest read it (docs/catalogue.md)."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from inventory.models.conditions import COUNTRY_IS_ISO, CURRENCY_IS_ISO, TYPE_IS_KNOWN
from inventory.models.provider import Provider
from inventory.models.references import references
from numbering.types import NumberType

LISTED = Q(withdrawn_at__isnull=True)


class ListedOffer(models.Model):
    """One number of one provider. Ten million of them: what each ingest writes into every row, `seen_at`, is in no
    index, and the table's pages keep room for it (fillfactor, migration 0027), so that it touches no index either."""

    # Rows come by the million: see references.py.
    provider = models.ForeignKey(
        Provider, models.PROTECT, db_index=False, db_constraint=False, related_name="listed_offers"
    )
    e164 = models.BigIntegerField(help_text="The E.164 digits, without the plus sign.")
    country = models.CharField(max_length=2)
    number_type = models.CharField(max_length=18, choices=NumberType)
    area_code = models.CharField(max_length=8, blank=True, help_text="By our own reading of the number.")
    locality = models.CharField(max_length=120, blank=True, help_text="As the provider names it.")
    region = models.CharField(max_length=64, blank=True)
    capabilities = models.PositiveSmallIntegerField(help_text="Bitmask: what the provider says.")
    monthly_cost = models.DecimalField(max_digits=10, decimal_places=4)
    currency = models.CharField(max_length=3)
    first_seen_at = models.DateTimeField(db_default=Now())
    seen_at = models.DateTimeField(db_default=Now(), help_text="When an ingest last read it in the provider's list.")
    verified_at = models.DateTimeField(null=True, blank=True, help_text="When a sample last found it for sale indeed.")
    refused_at = models.DateTimeField(
        null=True, blank=True, help_text="When a sample found it listed and not for sale; none once it was found so."
    )
    withdrawn_at = models.DateTimeField(
        null=True, blank=True, help_text="When a list that was read to its end did not have it any more."
    )

    class Meta:
        verbose_name, verbose_name_plural = "offer", "offers"
        constraints = [
            # taking a page in, and asking for what is known of a page of offers, by their numbers
            models.UniqueConstraint(fields=["provider", "e164"], name="listed_offer_once"),
            models.CheckConstraint(
                condition=Q(e164__gte=1_000_000, e164__lte=999_999_999_999_999), name="listed_offer_e164_digits"
            ),
            models.CheckConstraint(condition=COUNTRY_IS_ISO, name="listed_offer_country_iso"),
            models.CheckConstraint(condition=TYPE_IS_KNOWN, name="listed_offer_type_known"),
            models.CheckConstraint(condition=Q(capabilities__lte=15), name="listed_offer_capabilities_mask"),
            models.CheckConstraint(
                condition=CURRENCY_IS_ISO & Q(monthly_cost__gte=0), name="listed_offer_cost_in_a_currency"
            ),
            models.CheckConstraint(condition=Q(seen_at__gte=F("first_seen_at")), name="listed_offer_seen_in_order"),
            models.CheckConstraint(
                condition=LISTED | Q(withdrawn_at__gte=F("seen_at")), name="listed_offer_withdrawn_after_seen"
            ),
        ]
        indexes = [
            # the end of an ingest: what of this kind was not seen? `purchasable`: what of this kind can be ordered,
            # of these providers? And the nightly sample: some of a provider's offers in a country, at random
            models.Index(
                fields=["country", "provider", "number_type", "area_code"],
                include=["id"],
                name="listed_offer_of_kind",
                condition=LISTED,
            ),
        ]
        triggers = references("provider", Provider)

    def __str__(self) -> str:
        return f"+{self.e164} of {self.provider}"
