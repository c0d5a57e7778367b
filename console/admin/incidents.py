"""Incidents: what the outage canary found, with its evidence; staff may close one, or note what they know."""

from typing import Any

from django.contrib import admin
from django.db.models import F
from django.http import HttpRequest

from console.read_only import ReadOnlyLines
from console.verbs import Verb, VerbsAdmin
from testing_lab.models import Incident, IncidentEntry
from testing_lab.services import outages

VERBS = (
    Verb(
        "close",
        "Close",
        "Of an outage: the provider's numbers in this country are on sale again, and those that failed meanwhile are "
        "tested again. Of a route: what fails over it counts against the number again. If they still fail, the canary "
        "opens another one.",
        lambda incident: incident.closed_at is None,
        lambda incident, given, actor: outages.close(incident, actor=actor, note=given["reason"]),
        is_grave=True,
    ),
    Verb(
        "remark",
        "Note",
        "Goes into its history; nothing else happens.",
        lambda incident: True,
        lambda incident, given, actor: outages.remark(incident, actor=actor, what=given["reason"]),
    ),
)


class History(ReadOnlyLines):
    """What happened, oldest first."""

    model = IncidentEntry
    fields = readonly_fields = ("at", "actor", "what")
    ordering = ("pk",)
    verbose_name_plural = "history"


@admin.register(Incident)
class IncidentAdmin(VerbsAdmin):
    """Open ones first, then the newest."""

    list_display = ("incident", "opened_at", "statistic", "closed_at", "closed_by", "closed_note")
    list_filter = ("kind", "country", ("closed_at", admin.EmptyFieldListFilter))
    list_select_related = ("provider",)
    inlines = (History,)
    verbs = VERBS

    def get_queryset(self, request: HttpRequest) -> Any:
        """In their order."""
        return super().get_queryset(request).order_by(F("closed_at").desc(nulls_first=True), "-pk")

    @admin.display(description="incident")
    def incident(self, incident: Incident) -> str:
        """Of whom, and where."""
        return str(incident)
