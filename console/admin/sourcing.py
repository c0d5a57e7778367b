"""Where numbers come from and go back to: providers, orders, returns, and what we aim at and ask for."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Count, Max, Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.text import Truncator

from console import money
from console.admin.catalogue import STOP_VERBS
from console.catalogue import provider_panel, supply_panel
from console.kind_form import KindForm
from console.read_only import EditableAdmin, ReadOnlyAdmin, ReadOnlyLines, YesFilter
from console.verbs import EMERGENCY_VERBS, LISTENING_VERBS, PROVIDER_VERBS, VerbsAdmin
from inventory.levels.bare import bare_targets
from inventory.models import (
    Discrepancy,
    Provider,
    ProviderOrder,
    ProviderOrderLine,
    ProviderRelease,
    ReleaseState,
    StockTarget,
    Tariff,
)
from inventory.services.late_orders import late, unanswered
from numbering.countries import name_of

KEY_SHOWN = 12


class CountryFilter(admin.AllValuesFieldListFilter):
    """The countries of the rows, by name; the address carries the ISO 3166-1 alpha-2 code."""

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """Every choice but "All" is a code."""
        for choice in super().choices(changelist):
            yield choice | {"display": name_of(str(choice["display"]))}


class DiscrepancyInline(ReadOnlyLines):
    """What the last audit found; the first hundred of each kind."""

    model = Discrepancy
    fields = ("kind", "e164", "monthly_cost", "currency", "found_at")
    ordering = ("kind", "e164")


class DiscrepancyFilter(YesFilter):
    """Providers whose bill and our stock differ."""

    title = "differs from our stock"
    parameter_name = "differs"

    @staticmethod
    def condition() -> Q:
        """In any way."""
        return ~Q(orphans=0, ghosts=0, overdue=0)


@admin.register(Provider)
class ProviderAdmin(VerbsAdmin):
    """Who sells to us, and whether its bill agrees with our stock."""

    list_display = (
        *("name", "slug", "adapter", "is_active", "emergency_tests", "demo_aging"),
        *("found_orphans", "found_ghosts", "found_overdue", "audited_at"),
    )
    list_filter = ("is_active", DiscrepancyFilter)
    inlines = (DiscrepancyInline,)
    search_fields = ("name", "slug")
    verbs = PROVIDER_VERBS + EMERGENCY_VERBS + LISTENING_VERBS + STOP_VERBS
    change_form_outer_before_template = "console/catalogue/provider.html"

    @admin.display(description="orphans")
    def found_orphans(self, provider: Provider) -> str:
        """Of the last audit."""
        return _found(provider, provider.orphans)

    @admin.display(description="ghosts")
    def found_ghosts(self, provider: Provider) -> str:
        """Of the last audit."""
        return _found(provider, provider.ghosts)

    @admin.display(description="overdue")
    def found_overdue(self, provider: Provider) -> str:
        """Of the last audit."""
        return _found(provider, provider.overdue)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """With what is known of its catalogue, and of our orders."""
        context |= provider_panel.context(context["original"]) | supply_panel.context(context["original"])
        return super().render_change_form(request, context, *args, **kwargs)


def _found(provider: Provider, count: int) -> str:
    """No audit has found nothing, either."""
    return "-" if provider.audited_at is None else str(count)


class LineInline(ReadOnlyLines):
    """The numbers of an order."""

    model = ProviderOrderLine
    fields = ("e164", "state", "reason", "locality", "monthly_cost", "currency", "number")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProviderOrderLine]:
        """With the numbers: each line leads to one."""
        rows: QuerySet[ProviderOrderLine] = super().get_queryset(request)
        return rows.select_related("number")


class OpenErrorFilter(YesFilter):
    """Orders that are still open and had an error, or of which nobody knows whether they arrived."""

    title = "in trouble"
    parameter_name = "trouble"

    @staticmethod
    def condition() -> Q:
        """As `order_due` finds them."""
        return Q(next_attempt_at__isnull=False) & ~Q(last_error="") | unanswered(timezone.now())


class LateOrderFilter(YesFilter):
    """Open orders that should be here by now."""

    title = "late"
    parameter_name = "late"

    @staticmethod
    def condition() -> Q:
        """By what was agreed with the provider."""
        return late(timezone.now())


@admin.register(ProviderOrder)
class ProviderOrderAdmin(ReadOnlyAdmin):
    """Orders are intents: written down before the provider was called."""

    about = (
        "What we ordered: each order is written down before the provider is called, under a key that stays the same "
        "through all attempts, so nothing is bought twice."
    )
    list_display = (
        "short_key",
        "provider",
        "country",
        "number_type",
        "ordered",
        "cost",
        "shown_state",
        "attempts",
        "last_error",
        "created_at",
    )
    list_filter = ("state", OpenErrorFilter, LateOrderFilter, "provider", "number_type")
    list_select_related = ("provider",)
    search_fields = ("key", "provider_reference")
    ordering = ("-pk",)
    inlines = (LineInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProviderOrder]:
        """With what the lines of each come to; by the index of the lines' orders."""
        rows: QuerySet[ProviderOrder] = super().get_queryset(request)
        lines = ProviderOrderLine.objects.filter(order=OuterRef("pk")).order_by().values("order")
        of_lines = {
            "quantity": Count("pk"),
            "cost": Sum("monthly_cost"),
            "currency": Max("currency"),
            "other_currency": Min("currency"),
        }
        counted = lines.annotate(**{f"of_{name}": what for name, what in of_lines.items()})
        return rows.annotate(**{f"of_{name}": Subquery(counted.values(f"of_{name}")) for name in of_lines})

    @admin.display(description="numbers")
    def ordered(self, order: Any) -> int:
        """How many it has lines for."""
        return order.of_quantity or 0

    @admin.display(description="monthly cost")
    def cost(self, order: Any) -> str:
        """Of all its numbers, where one currency can say it."""
        is_told = order.of_currency and order.of_currency == order.of_other_currency
        return money.in_words(order.of_cost, order.of_currency) if is_told else "-"

    @admin.display(description="key", ordering="key")
    def short_key(self, order: ProviderOrder) -> str:
        """Enough to tell orders apart; the search box takes the whole."""
        return Truncator(order.key).chars(KEY_SHOWN)

    @admin.display(description="state", ordering="state")
    def shown_state(self, order: ProviderOrder) -> str:
        """The one word; what it means stands on the order's page."""
        return order.state.lower()


class RefusedFilter(YesFilter):
    """Returns that the provider refused to the end."""

    title = "in trouble"
    parameter_name = "trouble"

    @staticmethod
    def condition() -> Q:
        """Staff must ask them."""
        return Q(state=ReleaseState.FAILED)


class RetriedFilter(YesFilter):
    """Returns that are still open and had an error."""

    title = "had an error"
    parameter_name = "retried"

    @staticmethod
    def condition() -> Q:
        """As `release_due` finds them."""
        return Q(next_attempt_at__isnull=False) & ~Q(last_error="")


@admin.register(ProviderRelease)
class ProviderReleaseAdmin(ReadOnlyAdmin):
    """Numbers on their way back; confirmed only when the provider no longer bills them."""

    about = (
        "Numbers on their way back to their provider. A return is confirmed only when it no longer bills the number."
    )
    list_display = ("number", "state", "attempts", "last_error", "next_attempt_at", "created_at")
    list_filter = ("state", RefusedFilter, RetriedFilter)
    list_select_related = ("number",)
    ordering = ("-pk",)


class BareTargetFilter(YesFilter):
    """Targets of whose numbers none is on sale."""

    title = "nothing on sale"
    parameter_name = "bare"

    @staticmethod
    def condition() -> Q:
        """As the home page counts them."""
        return Q(pk__in=bare_targets())


@admin.register(StockTarget)
class StockTargetAdmin(EditableAdmin):
    """How many of a kind we want; the next sourcing sweep acts on it."""

    about = (
        "A quantity that is kept whatever the demand is, and refilled at any hour. Where the demand shall decide how "
        "many, make a SKU instead."
    )
    form = KindForm
    list_display = ("country", "number_type", "area_code", "quantity", "provider", "is_active")
    list_filter = ("is_active", BareTargetFilter, ("country", CountryFilter), "number_type")
    list_select_related = ("provider",)
    search_fields = ("country", "area_code")
    ordering = ("country", "number_type", "area_code")


@admin.register(Tariff)
class TariffAdmin(EditableAdmin):
    """What the customer pays for a kind of number."""

    form = KindForm
    list_display = ("country", "number_type", "provider", "setup_price", "monthly_price", "currency")
    list_filter = (("country", CountryFilter), "number_type", "currency")
    list_select_related = ("provider",)
    ordering = ("country", "number_type", "provider")
