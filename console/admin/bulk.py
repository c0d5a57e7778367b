"""Bulk runs: asked for at the list of numbers, looked at as a dry run, begun, approved, followed, stopped, undone."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from console import bulk_page
from console.admin.stock import OfNumber
from console.verbs import BlockForm, ReasonForm, Verb, VerbsAdmin
from inventory.bulk import runs
from inventory.models import BulkItem, BulkRun, BulkState, BulkVerb
from inventory.refusals import Refused

ASK, APPROVE = "inventory.add_bulkrun", "inventory.approve_bulkrun"


def _is(*states: BulkState) -> Any:
    return lambda run: run.state in states


def _begin(run: BulkRun, given: Mapping[str, Any], actor: str) -> object:
    return runs.confirm(run=run, user=given["user"], reason=given["reason"], kind=given.get("kind", ""))


VERBS = (
    Verb(
        "begin",
        "Begin",
        "It is done to one number after the other.",
        lambda run: run.state == BulkState.DRAFT and run.verb != BulkVerb.BLOCK,
        _begin,
        permission=ASK,
    ),
    Verb(
        "begin_blocking",
        "Begin",
        "The numbers are blocked, one after the other.",
        lambda run: run.state == BulkState.DRAFT and run.verb == BulkVerb.BLOCK,
        _begin,
        form=BlockForm,
        permission=ASK,
    ),
    Verb(
        "approve",
        "Approve",
        "It begins at once. Your name is kept with it.",
        _is(BulkState.WAITING),
        lambda run, given, actor: runs.approve(run=run, user=given["user"], remark=given["reason"]),
        is_grave=True,
        permission=APPROVE,
    ),
    Verb(
        "refuse",
        "Refuse",
        "Nothing of it is done.",
        _is(BulkState.WAITING),
        lambda run, given, actor: runs.refuse(run=run, user=given["user"], remark=given["reason"]),
        permission=APPROVE,
    ),
    Verb(
        "withdraw",
        "Withdraw",
        "Nobody decides on it any more, and nothing of it is done.",
        _is(BulkState.WAITING),
        lambda run, given, actor: runs.withdraw(run=run, user=given["user"], remark=given["reason"]),
        permission=ASK,
    ),
    Verb(
        "stop",
        "Stop",
        "No further number is begun. What is done stays done.",
        _is(BulkState.RUNNING),
        lambda run, given, actor: runs.stop(run=run, remark=given["reason"]),
        permission=ASK,
    ),
    Verb(
        "undo",
        "Undo all of it",
        "A run of its own takes back what this one did, number by number; what others did since stays.",
        lambda run: runs.way_back(run) is not None,
        lambda run, given, actor: runs.undo(run=run, user=given["user"], reason=given["reason"]),
        permission=ASK,
    ),
)


@admin.register(BulkRun)
class BulkRunAdmin(VerbsAdmin):
    """The newest first. A run begins at the list of numbers."""

    about = (
        "One thing done to many numbers. Choose numbers in the list of numbers, or all that its filters leave: you see "
        "what would be done to how many before anything is."
    )
    list_display = ("shown_run", "numbers", "shown_state", "reason", "requested_by", "decided_by", "created_at")
    list_display_links = ("shown_run",)
    list_filter = ("state", "verb")
    list_select_related = ("requested_by", "decided_by")
    ordering = ("-pk",)
    verbs = VERBS

    def get_urls(self) -> list[URLPattern]:
        """Also where one is made, and how far one is."""
        wrap = self.admin_site.admin_view
        return [
            path("new/", wrap(self.new_view), name="inventory_bulkrun_new"),
            path("<int:pk>/progress/", wrap(self.progress_view), name="inventory_bulkrun_progress"),
            *super().get_urls(),
        ]

    def new_view(self, request: HttpRequest) -> HttpResponse:
        """A dry run over all that a list of numbers shows on all its pages."""
        if not request.user.has_perm(ASK):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseRedirect(reverse("admin:inventory_phonenumber_changelist"))
        asked = bulk_page.asked_for(request.POST.dict())
        return make(request, bulk_page.ids_of(asked), request.POST.get("verb", ""), asked)

    def progress_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What the page of a run asks for while it runs."""
        run = self._run(request, str(pk))
        return TemplateResponse(request, "console/bulk/progress.html", bulk_page.progress(run))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A run: dry, waiting, running, or over."""
        run = self._run(request, object_id)
        forms = [(verb, _form(verb)) for verb in self.open_verbs(request, run)]
        own = run.requested_by_id == request.user.pk
        theirs = [(verb, form) for verb, form in forms if _may(verb.name, own=own)]
        title = f"Dry run: {run.get_verb_display()}" if run.state == BulkState.DRAFT else str(run)
        page = bulk_page.context(run) | {
            "title": title,
            "forms": theirs,
            "is_own": own,
            "opts": self.opts,
            "object": run,
        }
        return TemplateResponse(request, "console/bulk/run.html", self.admin_site.each_context(request) | page)

    def said(self, row: Any, verb: Verb) -> str:
        """What was begun, or who has to look at it first."""
        now = BulkRun.objects.get(pk=row.pk).state
        if verb.name.startswith("begin") and now == BulkState.WAITING:
            return f"Nothing has begun yet: {row} waits for a second person. They find it on the yard's page."
        begun = verb.name.startswith("begin") or verb.name == "approve"
        return f"Begun: {row}." if begun else super().said(row, verb)

    def _run(self, request: HttpRequest, pk: str) -> BulkRun:
        run: BulkRun | None = self.get_object(request, pk)
        if not self.has_view_permission(request, run):
            raise PermissionDenied
        if run is None:
            raise Http404(f"no bulk run {pk}")
        return run

    @admin.display(description="what")
    def shown_run(self, run: BulkRun) -> str:
        """The verb."""
        return run.get_verb_display()

    @admin.display(description="state")
    def shown_state(self, run: BulkRun) -> str:
        """In words."""
        return run.get_state_display()


def _form(verb: Verb) -> ReasonForm:
    """Its fields have ids of their own: there may be two forms on a page."""
    form = verb.form()
    form.auto_id = f"id_{verb.name}_%s"
    return form


def _may(verb: str, *, own: bool) -> bool:
    """Whose forms the page shows; the services refuse what it does not."""
    if verb in ("begin", "begin_blocking", "withdraw"):
        return own
    return not own if verb in ("approve", "refuse") else True


def make(request: HttpRequest, ids: list[int], verb: str, asked: Mapping[str, str]) -> HttpResponse:
    """Make the dry run and lead to its page; back to the list where there is nothing to do it to."""
    user: Any = request.user
    try:
        run = runs.draft(verb=BulkVerb(verb), numbers=ids, user=user, asked=asked)
    except (Refused, ValueError) as refusal:
        said = refusal if isinstance(refusal, Refused) else "choose what is to be done"
        messages.error(request, f"No dry run was made: {said}.")
        return HttpResponseRedirect(reverse("admin:inventory_phonenumber_changelist"))
    return HttpResponseRedirect(reverse("admin:inventory_bulkrun_change", args=[run.pk]))


@admin.register(BulkItem)
class BulkItemAdmin(OfNumber):
    """What became of each number."""

    list_display = ("number", "run", "outcome", "why", "done_at")
    list_select_related = ("number", "run")
    list_filter = ("outcome",)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Also those of one run."""
        return lookup == "run__id__exact" or super().lookup_allowed(lookup, value, request)
