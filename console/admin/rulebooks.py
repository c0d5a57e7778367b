"""Rulebooks: the versions of each country's rules, what one that waits would change, and activation."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, F, Max, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from compliance.models import RolloutPolicy, Rulebook
from compliance.services import rollout, rulebooks
from compliance.services.impact import impact_of
from console.read_only import ReadOnlyAdmin
from console.verbs import ReasonForm, Verb, VerbsAdmin

MOST = 200  # bundles that a page looks at; `manage.py rulebook_impact` looks at all


class ActivationForm(ReasonForm):
    """From which day on."""

    effective_from = forms.DateField(
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        label="In force from",
        initial=lambda: timezone.now().date(),
        help_text="Customers whose bundles lack something are told at once; their time begins on this day.",
    )
    field_order = ("effective_from", "reason")


def _waits(book: Rulebook) -> bool:
    """Whether it is still to be activated."""
    return rulebooks.waiting().filter(pk=book.pk).exists()


def _activate(book: Rulebook, given: Mapping[str, str], actor: str) -> object:
    return rulebooks.activate(book, effective_from=date.fromisoformat(str(given["effective_from"])), actor=actor)


VERBS = (
    Verb(
        "activate",
        "Activate",
        "The version is in force from the day that you give, for good: going back takes a newer version. Approved "
        "bundles that still comply go on under it. Those that lack something get an end, by the policy of the country, "
        "and their customers are told. No number in service is cut.",
        _waits,
        _activate,
        form=ActivationForm,
        is_grave=True,
    ),
)


class StateFilter(admin.SimpleListFilter):
    """Which versions still need somebody."""

    title, parameter_name = "state", "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Beside "all"."""
        return [("waiting", "Waits"), ("active", "Activated")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The rows that are left."""
        if self.value() == "waiting":
            return queryset.filter(pk__in=rulebooks.waiting().values("pk"))
        return queryset if self.value() is None else queryset.filter(effective_from__isnull=False)


@admin.register(Rulebook)
class RulebookAdmin(VerbsAdmin):
    """Those that wait first, then those that were activated last."""

    about = (
        "One version of the rules of a country. One that waits changes nothing: open it to see what it would "
        "change, and for whom, then activate it."
    )
    list_display = ("country", "version", "state", "snapshot_date", "effective_from", "activated_by", "loaded_at")
    list_filter = (StateFilter,)
    search_fields = ("country",)
    search_help_text = "A country's code"
    fields = readonly_fields = (
        *("country", "version", "snapshot_date", "loaded_at", "effective_from", "activated_at", "activated_by"),
        "digest",
    )
    change_form_outer_before_template = "console/rulebook.html"
    verbs = VERBS

    def get_queryset(self, request: HttpRequest) -> QuerySet[Rulebook]:
        """In their order; without the documents, which are long."""
        newest = Rulebook.objects.filter(country=OuterRef("country")).values("country").annotate(last=Max("version"))
        rows: QuerySet[Rulebook] = super().get_queryset(request)
        rows = rows.defer("document").annotate(newest=Subquery(newest.values("last")[:1]))
        return rows.order_by(F("activated_at").desc(nulls_first=True), "country", "-version")

    @admin.display(description="state")
    def state(self, book: Any) -> str:
        """In a word."""
        if book.effective_from is not None:
            return "in force" if book.effective_from <= timezone.now().date() else "begins"
        return "waits" if book.version == book.newest else "passed over"

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Above the row, what it changes: for one that waits also for which bundles, else what became of them."""
        book: Rulebook = context["original"]
        waits = book.effective_from is None
        on = _asked_day(request)
        known = {"waits": waits, "impact": impact_of(book, effective_from=on, most=MOST if waits else 0)}
        if waits:
            known |= _foreseen(book, on)
        if not waits:
            known["rechecked"] = book.rechecks.aggregate(
                all=Count("pk"), ended=Count("pk", filter=Q(valid_until__isnull=False))
            )
            known["left_to_staff"] = rollout.left_to_staff().filter(regulation__country=book.country)[:MOST]
        return super().render_change_form(request, context | known, *args, **kwargs)


def _asked_day(request: HttpRequest) -> date:
    """From which day on the rules are tried: `?on=2026-12-01`; today, if that is no day."""
    try:
        return date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        return timezone.now().date()


def _foreseen(book: Rulebook, on: date) -> dict[str, Any]:
    """When the approvals that lack something would end, and how long that is from now."""
    on = max(on, timezone.now().date())
    end = rollout.end_if_activated(book.country, on)
    return {"on": on, "end": end, "days_left": (end.date() - timezone.now().date()).days}


@admin.register(RolloutPolicy)
class RolloutPolicyAdmin(ReadOnlyAdmin):
    """How long customers have when rules change. Rows are added, with a day of their own, and never changed."""

    about = (
        "How long customers may go on under the old rules when rules change (days of grace), and what then becomes "
        "of approved bundles with numbers in service. No number is ever cut. A row for a country wins over the one "
        "for all. Rows are added, with a first day, and never changed."
    )
    list_display = ("country", "grace_days", "numbers_at_end", "valid_from", "set_by", "created_at")
    fields = ("country", "grace_days", "numbers_at_end", "valid_from", "set_by")
    readonly_fields = ("set_by",)
    ordering = ("country", "-valid_from", "-pk")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """For whom the rights say so."""
        return request.user.has_perm("compliance.add_rolloutpolicy")

    def save_model(self, request: HttpRequest, obj: RolloutPolicy, form: Any, change: bool) -> None:
        """Say who set it."""
        obj.set_by = f"user:{request.user}"[:80]
        super().save_model(request, obj, form, change)
