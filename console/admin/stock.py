"""What has happened to numbers: the ledger, who held them, holds, quarantine, blocks."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest

from console.read_only import ReadOnlyAdmin
from console.searching import HELP, found
from console.verbs import Verb, VerbsAdmin
from inventory.models import Assignment, LifecycleEntry, NumberBlock, Reservation, SaleStop
from inventory.services import sale_stops


class OfNumber(ReadOnlyAdmin):
    """Rows about one number each, newest first, found by number."""

    list_select_related: ClassVar[tuple[str, ...]] = ("number",)
    ordering = ("-pk",)
    search_fields = ("number__e164",)
    search_help_text = HELP

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """Rows of the numbers that match."""
        if not search_term.strip():
            return queryset, False
        return queryset.filter(number__in=found(search_term)), False


@admin.register(LifecycleEntry)
class LedgerAdmin(OfNumber):
    """Every move of every number. No filters: a rare verb among millions would be looked for row by row."""

    list_display = ("at", "number", "verb", "source", "target", "actor", "reason")


@admin.register(Assignment)
class AssignmentAdmin(OfNumber):
    """Who held which number, from when to when."""

    list_display = ("number", "account", "since", "until")
    list_select_related = ("number", "account")

    @admin.display(description="since")
    def since(self, assignment: Assignment) -> Any:
        """The moment it was bought."""
        return assignment.valid.lower

    @admin.display(description="until")
    def until(self, assignment: Assignment) -> Any:
        """Empty while it is in service."""
        return assignment.valid.upper


@admin.register(NumberBlock)
class NumberBlockAdmin(OfNumber):
    """Why numbers may not be sold."""

    list_display = ("number", "reason", "note", "placed_by", "since", "cleared_by", "cleared_note", "cleared_at")
    list_filter = ("reason", ("cleared_at", admin.EmptyFieldListFilter))


@admin.register(SaleStop)
class SaleStopAdmin(VerbsAdmin):
    """Providers of which nothing is sold in a country; the newest first."""

    list_display = ("provider", "country", "reason", "placed_by", "since", "lifted_by", "lifted_note", "lifted_at")
    list_filter = (("lifted_at", admin.EmptyFieldListFilter),)
    list_select_related = ("provider",)
    ordering = ("-pk",)
    verbs = (
        Verb(
            "lift",
            "Lift",
            "The provider's numbers in this country are on sale again at once. An open incident stays open.",
            lambda stop: stop.lifted_at is None,
            lambda stop, given, actor: sale_stops.lift(stop=stop, actor=actor, note=given["reason"]),
            is_grave=True,
        ),
    )


@admin.register(Reservation)
class ReservationAdmin(ReadOnlyAdmin):
    """Baskets with a clock."""

    list_display = ("sid", "account", "created_at", "expires_at", "released_at")
    list_select_related = ("account",)
    search_fields = ("sid", "account__sid")
    ordering = ("-pk",)
