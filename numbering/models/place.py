"""A place that telephone numbers belong to: a town, a region where the plan says no more, or a country."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from numbering.models.stays import stays


class Granularity(models.TextChoices):
    """How finely a place is known."""

    LOCALITY = "locality", "Locality"
    REGION = "region", "Region"
    COUNTRY = "country", "Country"


class PlaceSource(models.TextChoices):
    """Where we know a place from."""

    LIBPHONENUMBER = "libphonenumber", "libphonenumber geodata"
    INFERRED_NEAREST = "inferred_nearest", "GeoNames town, served by the nearest known place"


class Place(models.Model):
    """One row of the shipped reference data; only `load_places` writes it.

    The id is derived from country, region, name and granularity (`numbering.naming.place_id`), so it survives
    a rebuild of the data and numbers may refer to it.
    """

    id = models.BigIntegerField(primary_key=True)
    country = models.CharField(max_length=2, help_text="ISO 3166-1 alpha-2")
    name = models.CharField(max_length=120)
    normalised_name = models.CharField(max_length=120, help_text="Lower case, no diacritics, no punctuation")
    other_names = ArrayField(
        models.CharField(max_length=120),
        default=list,
        help_text="Normalised names in the country's own languages",
    )
    region = models.CharField(
        max_length=80,
        help_text="US and CA: the postal code of the state (CA, ON); else the region's name, or empty",
    )
    region_name = models.CharField(max_length=80)
    postal_code = models.CharField(max_length=10, null=True, help_text="US only: one ZIP code of the place")  # noqa: DJ001 - null is "not known", the API says null
    latitude = models.FloatField(null=True, help_text="Degrees north, WGS 84")
    longitude = models.FloatField(null=True, help_text="Degrees east, WGS 84")
    granularity = models.CharField(max_length=8, choices=Granularity)
    source = models.CharField(max_length=16, choices=PlaceSource)
    nearest = models.ForeignKey(
        "self",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Inferred: whose prefixes serve it",
    )
    distance_km = models.FloatField(null=True, help_text="Inferred: how far away `nearest` is")
    population = models.PositiveIntegerField(null=True)
    timezone = models.CharField(max_length=40, help_text="IANA name, or empty")
    rate_centre = models.CharField(max_length=10, null=True, help_text="US and CA only; synthetic")  # noqa: DJ001 - as postal_code
    lata = models.CharField(max_length=5, null=True, help_text="US and CA only; synthetic")  # noqa: DJ001 - as postal_code
    synthetic = models.BooleanField(
        default=False, help_text="Rate centre and LATA are made up: no open source has them"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["country", "region", "normalised_name", "granularity"], name="place_natural_key"
            ),
            models.CheckConstraint(condition=Q(country__regex=r"^[A-Z]{2}$"), name="place_country_is_alpha2"),
            models.CheckConstraint(condition=Q(granularity__in=Granularity.values), name="place_granularity_known"),
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(latitude__isnull=False, longitude__isnull=False)  # a check passes what it can't compare
                & Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="place_point_whole_and_on_earth",
            ),
            models.CheckConstraint(
                condition=Q(source=PlaceSource.LIBPHONENUMBER, nearest__isnull=True, distance_km__isnull=True)
                | Q(source=PlaceSource.INFERRED_NEAREST, nearest__isnull=False, distance_km__isnull=False)
                & Q(distance_km__gte=0),
                name="place_inferred_iff_nearest",
            ),
            models.CheckConstraint(
                condition=Q(rate_centre__isnull=True, lata__isnull=True, synthetic=False)
                | Q(rate_centre__isnull=False, lata__isnull=False, synthetic=True),
                name="place_rate_centre_marked_synthetic",
            ),
            models.CheckConstraint(condition=~Q(nearest=F("id")), name="place_not_its_own_nearest"),
        ]
        indexes = [
            models.Index(fields=["country", "normalised_name"], name="place_by_name"),  # InLocality
            GinIndex(fields=["other_names"], name="place_by_other_name"),  # InLocality=München
            models.Index(fields=["country", "postal_code"], name="place_by_postal_code"),  # InPostalCode
            models.Index(fields=["country", "lata", "rate_centre"], name="place_by_rate_centre"),  # InRateCenter
            models.Index(fields=["country", "latitude", "longitude"], name="place_by_point"),  # NearLatLong
        ]
        triggers = stays("place")  # numbers refer to them, without a foreign key

    def __str__(self) -> str:
        return ", ".join(part for part in (self.name, self.region, self.country) if part)
