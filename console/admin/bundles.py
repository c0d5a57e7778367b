"""Bundles: the reviewers' queue, a bundle's page, and the policies of review."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from compliance.lifecycle import IllegalBundleMove
from compliance.models import Bundle, ReviewPolicy
from compliance.refusals import Refused
from compliance.services import claims, review, rollout
from console.read_only import ReadOnlyAdmin, YesFilter
from console.review import bundle_page, paper_file, sight

REVIEW = "compliance.review_bundle"
LONGEST = 500  # characters of a sentence, as in the table

Deed = Callable[[Bundle, HttpRequest], str]
Act = Callable[[Bundle, HttpRequest], HttpResponse]


class OverdueFilter(YesFilter):
    """Bundles that a customer waits for too long."""

    title = "past its deadline"
    parameter_name = "late"

    @staticmethod
    def condition() -> Q:
        """Only what waits has a deadline."""
        return Q(due_at__lte=timezone.now())


class EndedFilter(YesFilter):
    """Approvals that go on past their end, for the sake of numbers in service."""

    title = "waits for staff after its end"
    parameter_name = "ended"

    @staticmethod
    def condition() -> Q:
        """As the rollout of new rules left them."""
        return Q(pk__in=rollout.left_to_staff().order_by().values("pk"))


@admin.register(Bundle)
class BundleAdmin(ReadOnlyAdmin):
    """What waits comes first, by deadline; then all others, the newest first."""

    about = (
        "What customers hand in for the numbers of a country: who uses them, with papers and addresses. Who reviews "
        "one claims it, judges each item, and decides."
    )
    list_display = ("bundle", "country", "kind", "shown_state", "deadline", "waited", "with_whom")
    list_filter = ("state", OverdueFilter, EndedFilter, "regulation__number_type", "regulation__end_user_type")
    list_select_related = ("regulation", "claimed_by")
    search_fields = ("sid__exact", "account__sid__exact", "regulation__country__exact")
    search_help_text = "The SID of a bundle or an account, or a country's two letters."

    def get_urls(self) -> list[URLPattern]:
        """One address for each thing that a reviewer does, beside the page itself."""
        ours = [
            path(f"<int:pk>/{name}/", self._posted(self._verb(deed)), name=f"compliance_bundle_{name}")
            for name, deed in _DEEDS.items()
        ]
        sights = [
            path(f"<int:pk>/{name}/", self._posted(shown), name=f"compliance_bundle_{name}")
            for name, shown in {"file": self._file, "everything": self._everything}.items()
        ]
        return [*ours, *sights, *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Bundle]:
        """With the time since which its customer waits."""
        waits = claims.submitted_at()
        rows: QuerySet[Bundle] = super().get_queryset(request).filter(deleted_at=None)
        return rows.annotate(submitted_at=waits).order_by(F("due_at").asc(nulls_last=True), "-pk")

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Reviewers only."""
        return request.user.has_perm(REVIEW)

    def has_view_permission(self, request: HttpRequest, obj: Bundle | None = None) -> bool:
        """Reviewers only: who may look at tables in general may not look at people's papers."""
        return request.user.has_perm(REVIEW)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The page. Who has the bundle sees what the customer gave, and that is written down."""
        user: Any = request.user
        if not self.has_view_permission(request):
            raise PermissionDenied
        bundle = self.get_object(request, object_id)
        if bundle is None:
            raise Http404(f"no bundle {object_id}")
        if sight.is_with(bundle, user):
            bundle_page.note_look(bundle, user, request.META.get("REMOTE_ADDR"))
        return self._page(request, bundle)

    def _page(self, request: HttpRequest, bundle: Bundle, *, everything: bool = False) -> TemplateResponse:
        context = {
            "title": f"Bundle {bundle.sid}",
            "opts": self.opts,
            "now": timezone.now(),
            "wording": bundle_page.wording(request.GET.get("reject", ""), request.GET.get("reason", "")),
        }
        page = bundle_page.context(bundle, _user(request), everything=everything)
        whole = self.admin_site.each_context(request) | context | page
        return TemplateResponse(request, "console/review/bundle.html", whole)

    def _everything(self, bundle: Bundle, request: HttpRequest) -> HttpResponse:
        """The page with all that was given, this once: with a reason, a note and a record of it."""
        user = _user(request)
        try:
            claims.refuse_own(bundle, user)
            reason, note = sight.why(request, bundle, user, noted=True)
        except Refused as refusal:
            messages.error(request, f"Nothing was shown: {refusal}.")
            return HttpResponseRedirect(reverse("admin:compliance_bundle_change", args=[bundle.pk]))
        seen_from = request.META.get("REMOTE_ADDR")
        bundle_page.note_look(bundle, user, seen_from, everything=True, reason=reason, note=note)
        return self._page(request, bundle, everything=True)

    def _posted(self, act: Act) -> Callable[..., HttpResponse]:
        """A view for reviewers, by POST only."""

        def view(request: HttpRequest, pk: int) -> HttpResponse:
            if not self.has_view_permission(request):
                raise PermissionDenied
            if request.method != "POST":
                return HttpResponseNotAllowed(["POST"])
            bundle = self.get_object(request, str(pk))
            if bundle is None:
                raise Http404(f"no bundle {pk}")
            return act(bundle, request)

        return self.admin_site.admin_view(view)

    def _verb(self, deed: Deed) -> Act:
        def act(bundle: Bundle, request: HttpRequest) -> HttpResponse:
            self._do(deed, bundle, request)
            return HttpResponseRedirect(reverse("admin:compliance_bundle_change", args=[bundle.pk]))

        return act

    def _file(self, bundle: Bundle, request: HttpRequest) -> HttpResponse:
        """A paper's file; a refusal is a page of the console."""
        answer = paper_file.answer(request, bundle, _user(request))
        if isinstance(answer, TemplateResponse):
            answer.context_data = self.admin_site.each_context(request) | (answer.context_data or {})
        return answer

    def _do(self, deed: Deed, bundle: Bundle, request: HttpRequest) -> None:
        try:
            with transaction.atomic():  # nothing is done without a record of it
                done = deed(bundle, request)
                self.log_change(request, bundle, done)
        except (Refused, IllegalBundleMove) as refusal:
            messages.error(request, f"Nothing was done: {refusal}.")
        else:
            messages.success(request, f"{done}.")

    @admin.display(description="bundle", ordering="pk")
    def bundle(self, bundle: Bundle) -> str:
        """Its SID."""
        return bundle.sid

    @admin.display(description="country", ordering="regulation__country")
    def country(self, bundle: Bundle) -> str:
        """Of the numbers that it is for."""
        return bundle.regulation.country

    @admin.display(description="type")
    def kind(self, bundle: Bundle) -> str:
        """Of number, and of end user."""
        return f"{bundle.regulation.get_number_type_display()}, {bundle.regulation.get_end_user_type_display().lower()}"

    @admin.display(description="state", ordering="state")
    def shown_state(self, bundle: Bundle) -> str:
        """A badge."""
        kinds = {"approved": "pass", "rejected": "fail"}
        badge = {"kind": kinds.get(bundle.state, "queued"), "label": bundle.get_state_display()}
        return render_to_string("components/badge.html", badge)

    @admin.display(description="deadline", ordering="due_at")
    def deadline(self, bundle: Bundle) -> str:
        """How long is left, or by how long it is overdue."""
        return render_to_string("console/review/deadline.html", {"due_at": bundle.due_at, "now": timezone.now()})

    @admin.display(description="waiting")
    def waited(self, bundle: Bundle) -> str:
        """Since its customer handed it in."""
        at = getattr(bundle, "submitted_at", None) if bundle.due_at else None
        return render_to_string("components/ago.html", {"at": at})

    @admin.display(description="with", ordering="claimed_by")
    def with_whom(self, bundle: Bundle) -> str:
        """Its reviewer."""
        return str(bundle.claimed_by or "-")


def _claim(bundle: Bundle, request: HttpRequest) -> str:
    review.claim(bundle, _user(request))
    return "Claimed"


def _take_over(bundle: Bundle, request: HttpRequest) -> str:
    review.take_over(bundle, _user(request), reason=_given(request, "reason"))
    return "Taken over"


def _give_back(bundle: Bundle, request: HttpRequest) -> str:
    review.give_back(bundle, _user(request), reason=_given(request, "reason"))
    return "Given back"


def _judge(bundle: Bundle, request: HttpRequest) -> str:
    """One item: the button that was pressed says how."""
    item = next((each.item for each in review.standing(bundle) if each.item.sid == request.POST.get("item")), None)
    if item is None:
        raise Refused("the item is no longer in the bundle")
    approved = request.POST.get("verdict") == "approve"
    words = {} if approved else {name: _given(request, name) for name in ("reason", "sentence", "fix_hint")}
    review.judge(bundle, item, user=_user(request), approved=approved, **words)
    return f"{'Approved' if approved else 'Rejected'} {item.sid}"


def _decide(bundle: Bundle, request: HttpRequest) -> str:
    provisionally = request.POST.get("decision") == "provisionally"
    done = review.decide(bundle, _user(request), provisionally=provisionally, reason=_given(request, "reason")[:300])
    if done.state == bundle.state:
        return "Your approval is noted: a second person must confirm it"
    return f"The bundle is {done.get_state_display()}"


_DEEDS: dict[str, Deed] = {
    "claim": _claim,
    "take_over": _take_over,
    "give_back": _give_back,
    "judge": _judge,
    "decide": _decide,
}


def _user(request: HttpRequest) -> Any:
    return request.user


def _given(request: HttpRequest, name: str) -> str:
    return str(request.POST.get(name, "")).strip()[:LONGEST]


@admin.register(ReviewPolicy)
class ReviewPolicyAdmin(ReadOnlyAdmin):
    """How soon and by how many people. Rows are added, with a day of their own, and never changed."""

    about = (
        "How soon a bundle is decided, how long a reviewer keeps one untouched, and whether two people must "
        "approve it (four eyes). A row for a country wins over the one for all. Rows are added, with a first day, "
        "and never changed."
    )
    list_display = ("governs", "target_hours", "claim_hours", "four_eyes", "valid_from", "set_by")
    fields = ("country", "target_hours", "claim_hours", "four_eyes", "valid_from", "set_by")
    readonly_fields = ("set_by",)
    ordering = ("country", "-valid_from", "-pk")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """For whom the rights say so."""
        return request.user.has_perm("compliance.add_reviewpolicy")

    def save_model(self, request: HttpRequest, obj: ReviewPolicy, form: Any, change: bool) -> None:
        """Say who set it."""
        obj.set_by = f"user:{request.user}"[:80]
        super().save_model(request, obj, form, change)

    @admin.display(description="country", ordering="country")
    def governs(self, policy: ReviewPolicy) -> str:
        """Its country, or all others."""
        return policy.country or "all others"
