"""Reference data that decides: aging rules, address requirements, places, limits of the lab. Loaded from files, shown
here; of the limits staff may add rows."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from compliance.models import AgingRule, NumberTypeRule
from console.read_only import ReadOnlyAdmin
from numbering.models import Place
from testing_lab.models import Limit


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


@admin.register(Limit)
class LimitAdmin(ReadOnlyAdmin):
    """What a number must keep to pass. Rows are added, with a day of their own, and never changed."""

    list_display = ("code", "quantity", "value", "unit", "country", "number_type", "scope", "effective_from", "source")
    list_filter = ("code", "number_type", "scope")
    search_fields = ("code", "quantity", "country")
    fields = (
        *("code", "quantity", "unit", "value", "country", "number_type", "scope", "effective_from", "source"),
        "added_by",
    )
    readonly_fields = ("added_by",)
    ordering = ("code", "quantity", "country", "number_type", "scope", "-effective_from")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """For whom the rights say so."""
        return request.user.has_perm("testing_lab.add_limit")

    def save_model(self, request: HttpRequest, obj: Limit, form: Any, change: bool) -> None:
        """Say who added it."""
        obj.added_by = f"user:{request.user}"[:80]
        super().save_model(request, obj, form, change)
