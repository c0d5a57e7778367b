"""Ranges that a regulator has allocated to us, and how well their blocks are used."""

from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from console.kind_form import AllocationForm, carries
from console.verbs import ALLOCATION_VERBS, VerbsAdmin
from inventory.allocations import use
from inventory.models import Activation, Allocation

MOST_BLOCKS = 100  # on the page of a range; the opened ones before the others


@admin.register(Allocation)
class AllocationAdmin(VerbsAdmin):
    """Rows are added, and never changed: a wrong one is withdrawn."""

    about = (
        "Ranges that a regulator allocated to us. Their numbers are ordered like any provider's: opened blocks are "
        "filled before a new one. A wrong row is withdrawn, and the right one added."
    )
    verbs = ALLOCATION_VERBS
    list_display = (
        *("shown_range", "size", "country", "number_type", "rate_centre", "holder", "allocated_on", "shown_adoption"),
        "withdrawn_on",
    )
    list_filter = ("number_type", ("withdrawn_on", admin.EmptyFieldListFilter))
    search_fields = ("holder", "source", "rate_centre", "locality")
    ordering = ("first",)
    fields = (
        *("provider", "country", "number_type", "first", "size", "holder", "source", "allocated_on", "adopt_by"),
        *("rate_centre", "locality", "region", "capabilities", "monthly_cost", "currency", "withdrawn_on"),
    )
    form = AllocationForm
    readonly_fields = ("withdrawn_on",)
    change_form_outer_before_template = "console/allocation.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        """For whom the rights say so."""
        return request.user.has_perm("inventory.add_allocation")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Allocation]:
        """With whether a number of it was ever activated."""
        rows: QuerySet[Allocation] = super().get_queryset(request)
        return rows.annotate(adopted=Exists(Activation.objects.filter(allocation=OuterRef("pk"))))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Above the row, its blocks."""
        row: Allocation | None = context["original"]
        return super().render_change_form(request, context | (_shown(row) if row else {}), *args, **kwargs)

    @admin.display(description="range", ordering="first")
    def shown_range(self, allocation: Allocation) -> str:
        """From its first number to its last."""
        return str(allocation)

    @admin.display(description="adopted")
    def shown_adoption(self, allocation: Any) -> SafeString | str:
        """Whether a number of it was ever activated, or until when one must be."""
        if allocation.adopted or not allocation.adopt_by:
            return "yes" if allocation.adopted else "no"
        return render_to_string("console/adopt_by.html", {"day": allocation.adopt_by})


def _shown(allocation: Allocation) -> dict[str, Any]:
    blocks = use.blocks_of(allocation)
    first = sorted(blocks, key=lambda block: (not block.is_open, block.first))[:MOST_BLOCKS]
    return {
        "blocks": sorted(first, key=lambda block: block.first),
        "left_out": len(blocks) - len(first),
        "whole": use.whole(blocks),
        "carries": carries(allocation.capabilities),
    }
