"""What providers list: runs that read it, offers, and of whom nothing is ordered."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from console.read_only import ReadOnlyAdmin, ReadOnlyLines
from console.verbs import ReasonForm, Verb, VerbsAdmin
from inventory.catalogue import offers, stops, withdrawing
from inventory.models import CatalogueRun, ListedOffer, PriceChange, Provider, RunEnd, SourcingStop
from numbering.countries import name_of
from numbering.e164 import parse_digits
from numbering.types import capability_names


class StopForm(ReasonForm):
    """A stop is of one country."""

    country = forms.RegexField(r"^[A-Z]{2}$", label="Country", help_text="Two letters, ISO 3166-1: US.")
    field_order = ("country", "reason")


STOP_VERBS = (
    Verb(
        "stop_sourcing",
        "Stop sourcing in a country",
        "Nothing is ordered from the provider there, and its offers there are hidden, until staff lift the stop. What "
        "is ordered comes in, and its numbers stay on sale.",
        lambda provider: bool(provider.adapter),
        lambda provider, given, actor: stops.place(
            provider=provider, country=given["country"], actor=actor, reason=given["reason"]
        ),
        form=StopForm,
    ),
)
RUN_VERBS = (
    Verb(
        "confirm",
        "Confirm: withdraw what is missing",
        "What this run did not see, and no later one either, is no longer listed. It comes back when it is seen again.",
        lambda run: run.state == RunEnd.HELD,
        lambda run, given, actor: withdrawing.confirm(run=run, actor=actor, reason=given["reason"]),
        is_grave=True,
    ),
    Verb(
        "discard",
        "Discard: the list was wrong",
        "Nothing is withdrawn. What was not seen counts for nothing until a run sees it again.",
        lambda run: run.state == RunEnd.HELD,
        lambda run, given, actor: withdrawing.discard(run=run, actor=actor, reason=given["reason"]),
    ),
)


class Prices(ReadOnlyLines):
    """What became dearer or cheaper."""

    model = PriceChange
    fields = readonly_fields = ("cost_before", "currency_before", "monthly_cost", "currency", "numbers")
    ordering = ("-numbers",)


@admin.register(CatalogueRun)
class CatalogueRunAdmin(VerbsAdmin):
    """The newest first; those that are held wait for staff."""

    about = (
        "Each reading of what a provider lists of a kind. Where too much is missing at once the run is held: nothing "
        "counts as withdrawn until staff confirm it."
    )
    list_display = (
        *("run", "shown_state", "seen", "expected", "covered", "new", "changed", "missing", "withdrawn", "error"),
        *("began_at", "ended_at"),
    )
    list_filter = ("state", "provider", "number_type")
    list_select_related = ("provider",)
    ordering = ("-pk",)
    inlines = (Prices,)
    verbs = RUN_VERBS

    @admin.display(description="run")
    def run(self, run: CatalogueRun) -> str:
        """Whose list, and of what."""
        return str(run)

    @admin.display(description="state", ordering="state")
    def shown_state(self, run: CatalogueRun) -> str:
        """The one word; what it means stands on the run's page."""
        return run.state.lower()

    @admin.display(description="coverage")
    def covered(self, run: CatalogueRun) -> str:
        """Seen, of what was expected."""
        return "-" if run.coverage is None else f"{100 * run.coverage:.0f} %"


class ShownFilter(admin.SimpleListFilter):
    """What may be ordered, unless staff ask for the rest."""

    title = "may be ordered"
    parameter_name = "shown"
    _SETS: ClassVar[dict[str, str]] = {"hidden": "No: hidden", "withdrawn": "No: withdrawn"}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Beside what may be."""
        return list(self._SETS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The offers of that set."""
        if self.value() == "withdrawn":
            return queryset.filter(withdrawn_at__isnull=False)
        return queryset & (offers.hidden() if self.value() == "hidden" else offers.purchasable())


@admin.register(ListedOffer)
class ListedOfferAdmin(ReadOnlyAdmin):
    """What could be ordered, by the catalogues."""

    about = (
        "What providers list and we may order: seen lately, and not of a provider that rests in that country for its "
        "dishonesty. The filter shows what is hidden, and what is not listed any more."
    )
    list_display = (
        *("offer", "provider", "nation", "number_type", "area_code", "locality", "carries", "monthly_cost", "currency"),
        *("seen_at", "verified_at", "refused_at"),
    )
    list_filter = (ShownFilter, "provider", "number_type")
    list_select_related = ("provider",)
    ordering = ("-pk",)
    search_fields = ("e164",)
    search_help_text = "The whole number, with its country code."

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """The number at each provider: a lookup for each in the index of provider and number."""
        if not search_term.strip():
            return queryset, False
        try:
            digits = parse_digits(f"+{search_term.strip().removeprefix('+')}")
        except ValueError:
            return queryset.none(), False
        providers = list(Provider.objects.values_list("pk", flat=True))
        return queryset.filter(provider__in=providers, e164=digits), False

    @admin.display(description="offer")
    def offer(self, offer: ListedOffer) -> str:
        """The number."""
        return f"+{offer.e164}"

    @admin.display(description="country")
    def nation(self, offer: ListedOffer) -> str:
        """By name."""
        return name_of(offer.country)

    @admin.display(description="carries")
    def carries(self, offer: ListedOffer) -> str:
        """As the provider says."""
        return ", ".join(capability_names(offer.capabilities))


@admin.register(SourcingStop)
class SourcingStopAdmin(VerbsAdmin):
    """Providers from which nothing is ordered in a country; the newest first."""

    about = (
        "Where too few of the numbers that a provider lists can be bought indeed, nothing is ordered from it in that "
        "country. Staff place a stop on the provider's page, and lift one here."
    )
    list_display = (
        *("provider", "country", "automatic", "reason", "placed_by", "since"),
        *("lifted_by", "lifted_note", "lifted_at", "overridden_until"),
    )
    list_filter = (("lifted_at", admin.EmptyFieldListFilter), "automatic")
    list_select_related = ("provider",)
    ordering = ("-pk",)
    verbs = (
        Verb(
            "override",
            "Lift: trust it",
            "The provider is asked again in this country, and its offers are shown. For a week its score places no new "
            "stop.",
            lambda stop: stop.lifted_at is None,
            lambda stop, given, actor: stops.override(stop=stop, actor=actor, reason=given["reason"]),
        ),
    )
