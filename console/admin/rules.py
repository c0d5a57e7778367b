"""Reference data that decides: aging rules, address requirements, places. Loaded from files, shown here."""

from django.contrib import admin

from compliance.models import AgingRule, NumberTypeRule
from console.read_only import ReadOnlyAdmin
from numbering.models import Place


@admin.register(AgingRule)
class AgingRuleAdmin(ReadOnlyAdmin):
    """How long a number must rest."""

    list_display = ("country", "previous_use", "minimum_days", "maximum_days", "valid_from", "confidence", "source")
    list_filter = ("previous_use", "confidence")
    search_fields = ("country",)
    ordering = ("country", "previous_use", "-valid_from")


@admin.register(NumberTypeRule)
class NumberTypeRuleAdmin(ReadOnlyAdmin):
    """Which kinds of number need an address."""

    list_display = ("country", "number_type", "address_requirement", "enforced", "valid_from", "confidence")
    list_filter = ("number_type", "address_requirement", "enforced")
    search_fields = ("country",)
    ordering = ("country", "number_type", "-valid_from")


@admin.register(Place)
class PlaceAdmin(ReadOnlyAdmin):
    """Where numbers belong."""

    list_display = ("name", "region", "country", "granularity", "source", "rate_centre", "lata", "synthetic")
    list_filter = ("granularity", "source")
    search_fields = ("normalised_name",)
    raw_id_fields = ("nearest",)
    list_select_related = ("nearest",)
    ordering = ("pk",)
