"""Suite runs: what the lab tried, what it measured, and the evidence; stuck ones first."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db.models import OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.timesince import timesince

from console import spoken
from console.lab import evidence_page, scorecard_page
from console.lab.run_page import attempts
from console.searching import HELP, found
from console.verbs import RUN_VERBS, VerbsAdmin
from testing_lab.models import Evidence, Outcome, Recording, Result, RunState, SuiteRun

SHOWN_STUCK = 20
_FAILING = Result.objects.filter(run=OuterRef("pk"), attempt=OuterRef("attempt"), outcome=Outcome.FAIL).order_by("code")


@admin.register(SuiteRun)
class SuiteRunAdmin(VerbsAdmin):
    """Newest first, below a panel of those that only staff can help."""

    list_display = ("run", "number", "shown_state", "verdict", "failing", "why", "note", "opened", "took")
    list_filter = ("state", "passed", "purpose")
    list_select_related = ("number",)
    list_before_template = "console/stuck_runs.html"
    ordering = ("-pk",)
    search_fields = ("number__e164",)
    search_help_text = HELP
    verbs = RUN_VERBS

    def get_urls(self) -> list[URLPattern]:
        """The pages of what was kept, by its id; they are as much for staff as all others."""
        pages: dict[str, tuple[Callable[..., HttpResponse], str]] = {
            "scorecard/": (self.scorecard_view, "scorecard"),
            "evidence/<slug:sid>/": (self.evidence_view, "evidence"),
            "evidence/<slug:sid>/trace.txt": (self.trace_view, "trace"),
            "evidence/<slug:sid>/audio/<int:recording>.wav": (self.audio_view, "audio"),
        }
        ours = [
            path(route, self.admin_site.admin_view(view), name=f"testing_lab_suiterun_{name}")
            for route, (view, name) in pages.items()
        ]
        return [*ours, *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[SuiteRun]:
        """With the codes of the tests that failed."""
        rows: QuerySet[SuiteRun] = super().get_queryset(request)
        return rows.annotate(failing_codes=ArraySubquery(_FAILING.values("code")))

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
        context = {
            "run": run,
            "object": run,
            "attempts": attempts(run),
            "overrides": run.overrides.order_by("-pk"),
            "verbs": self.open_verbs(request, run),
        }
        return self._page(request, "console/lab/run.html", f"Suite run {run.pk}", context)

    def scorecard_view(self, request: HttpRequest) -> HttpResponse:
        """How each provider's numbers did."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return self._page(request, "console/lab/scorecard.html", "Scorecard", scorecard_page.context(request.GET))

    def evidence_view(self, request: HttpRequest, sid: str) -> HttpResponse:
        """What was said and heard in one exchange."""
        evidence = self._evidence(request, sid)
        title = f"{spoken.exchange(evidence.exchange)} of suite run {evidence.run_id}"
        return self._page(
            request, "console/lab/evidence.html", title, evidence_page.context(evidence) | {"object": evidence.run}
        )

    def trace_view(self, request: HttpRequest, sid: str) -> HttpResponse:
        """The dialogue as a file."""
        return evidence_page.trace_file(self._evidence(request, sid))

    def audio_view(self, request: HttpRequest, sid: str, recording: int) -> HttpResponse:
        """What was heard; that somebody listened is written down."""
        evidence = self._evidence(request, sid)
        try:
            kept = Recording.objects.select_related("evidence").get(evidence=evidence, pk=recording)
            answer = evidence_page.audio_file(kept)
        except ObjectDoesNotExist:
            raise Http404(f"no recording {recording} of {sid}") from None
        self.log_change(request, evidence.run, f"Listened: {kept} ({sid})")
        return answer

    def _evidence(self, request: HttpRequest, sid: str) -> Evidence:
        if not self.has_view_permission(request):
            raise PermissionDenied
        evidence = Evidence.objects.select_related("run__number").filter(sid=sid).first()
        if evidence is None:
            raise Http404(f"no evidence {sid}")
        return evidence

    def _page(self, request: HttpRequest, template: str, title: str, context: dict[str, Any]) -> HttpResponse:
        whole = self.admin_site.each_context(request) | {"title": title, "opts": self.opts} | context
        return TemplateResponse(request, template, whole)

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

    @admin.display(description="why", ordering="purpose")
    def why(self, run: SuiteRun) -> str:
        """In one word."""
        return run.purpose

    @admin.display(description="failing")
    def failing(self, run: SuiteRun) -> str:
        """The codes of the tests that failed in the last attempt."""
        codes: list[str] = getattr(run, "failing_codes", [])
        return ", ".join(codes)

    @admin.display(description="opened", ordering="pk")
    def opened(self, run: SuiteRun) -> str:
        """How long ago."""
        return render_to_string("components/ago.html", {"at": run.created_at})

    @admin.display(description="took")
    def took(self, run: SuiteRun) -> str:
        """From its first attempt to its verdict."""
        if run.started_at is None or run.finished_at is None:
            return "-"
        seconds = (run.finished_at - run.started_at).total_seconds()
        return f"{seconds:.0f} s" if seconds < 600 else timesince(run.started_at, run.finished_at)
