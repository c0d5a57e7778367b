"""What has happened to numbers: the ledger, who held them, holds, quarantine, blocks."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.template.loader import render_to_string

from console import cells, spoken
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

    list_display = ("at", "number", "move", "shown_source", "shown_target", "actor", "reason")
    fields = ("number", "move", "shown_source", "shown_target", "actor", "reason", "rule", "shown_data", "at")

    @admin.display(description="what")
    def move(self, entry: LifecycleEntry) -> str:
        """The verb, in words."""
        return spoken.move(entry.verb)

    @admin.display(description="from")
    def shown_source(self, entry: LifecycleEntry) -> str:
        """The state before; a birth has none."""
        return entry.get_source_display() or "-"

    @admin.display(description="to")
    def shown_target(self, entry: LifecycleEntry) -> str:
        """The state after, with its shape."""
        context = {"state": entry.target, "label": entry.get_target_display()}
        return render_to_string("components/badge.html", context)

    @admin.display(description="data")
    def shown_data(self, entry: LifecycleEntry) -> str:
        """What the move kept of itself; nothing most of the time."""
        return ", ".join(f"{name.replace('_', ' ')}: {value}" for name, value in entry.data.items()) or "-"


@admin.register(Assignment)
class AssignmentAdmin(OfNumber):
    """Who held which number, from when to when."""

    list_display = fields = ("number", "account", "since", "until")
    list_select_related = ("number", "account")

    @admin.display(description="since")
    def since(self, assignment: Assignment) -> str:
        """The moment it was bought."""
        return cells.moment(assignment.valid.lower)

    @admin.display(description="until")
    def until(self, assignment: Assignment) -> str:
        """A dash while it is in service."""
        return cells.moment(assignment.valid.upper)


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
