"""Trunks: the lab's routes to the world, what their owners allow, and what the daemons last saw of them."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q
from django.http import HttpRequest

from console.read_only import ReadOnlyAdmin
from testing_lab.models import Trunk


@admin.register(Trunk)
class TrunkAdmin(ReadOnlyAdmin):
    """In the order in which calls try them; `docs/trunks.md` says how they are changed."""

    list_display = ("name", "address", "preference", "active", "is_up", "state_since", "trouble", "calls", "most_calls")
    exclude = ("password",)
    readonly_fields = ("is_up", "state_since", "heard_at", "trouble")

    def get_queryset(self, request: HttpRequest) -> Any:
        """With the calls that are up."""
        return super().get_queryset(request).annotate(up=Count("seats", filter=Q(seats__taken_at__isnull=False)))

    @admin.display(description="calls up")
    def calls(self, trunk: Any) -> int:
        """Now, over all daemons."""
        return int(trunk.up)
