"""Suite runs: what the lab tried, what it measured, and the evidence; stuck ones first."""

from itertools import groupby
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse

from console.number_page import titles
from console.searching import HELP, found
from console.verbs import RUN_VERBS, VerbsAdmin
from testing_lab.models import RunState, SuiteRun

SHOWN_STUCK = 20


@admin.register(SuiteRun)
class SuiteRunAdmin(VerbsAdmin):
    """Newest first, below a panel of those that only staff can help."""

    list_display = ("run", "number", "shown_state", "verdict", "attempt", "note", "created_at", "finished_at")
    list_filter = ("state", "passed")
    list_select_related = ("number",)
    list_before_template = "console/stuck_runs.html"
    ordering = ("-pk",)
    search_fields = ("number__e164",)
    search_help_text = HELP
    verbs = RUN_VERBS

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """Runs of the numbers that match."""
        if not search_term.strip():
            return queryset, False
        return queryset.filter(number__in=found(search_term)), False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, with what is stuck."""
        stuck = SuiteRun.objects.filter(state=RunState.STUCK).select_related("number").order_by("pk")[:SHOWN_STUCK]
        return super().changelist_view(request, {"stuck": stuck, **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A run's page: results and evidence of each attempt, latest first."""
        run = self.get_object(request, object_id)
        if not self.has_view_permission(request, run):
            raise PermissionDenied
        if run is None:
            raise Http404(f"no suite run {object_id}")
        context = {"run": run, "attempts": attempts(run), "verbs": self.open_verbs(request, run), "opts": self.opts}
        whole = self.admin_site.each_context(request) | {"title": f"Suite run {run.pk}"} | context
        return TemplateResponse(request, "console/run.html", whole)

    @admin.display(description="run", ordering="pk")
    def run(self, run: SuiteRun) -> int:
        """Its id."""
        return run.pk

    @admin.display(description="state", ordering="state")
    def shown_state(self, run: SuiteRun) -> str:
        """A badge."""
        return render_to_string("components/badge.html", {"kind": run.state.lower(), "label": run.state.lower()})

    @admin.display(description="verdict", ordering="passed")
    def verdict(self, run: SuiteRun) -> str:
        """Passed, failed, or not yet."""
        if run.passed is None:
            return "-"
        word = ("fail", "failed") if not run.passed else ("pass", "passed")
        return render_to_string("components/badge.html", {"kind": word[0], "label": word[1]})


def attempts(run: SuiteRun) -> list[dict[str, Any]]:
    """Results and evidence by attempt, latest first; two queries."""
    evidence = list(run.evidence.order_by("exchange"))
    names, results = titles(), run.results.order_by("-attempt", "code")
    found = {
        attempt: {
            "attempt": attempt,
            "results": [(result, names.get(result.code, "")) for result in group],
            "evidence": [kept for kept in evidence if kept.attempt == attempt],
        }
        for attempt, group in groupby(results, key=lambda result: result.attempt)
    }
    return list(found.values())
