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
from console.review.deeds import DEEDS, Deed, user_of
from console.review.timer import timer

REVIEW = "compliance.review_bundle"

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
    list_before_template = "console/review/queue.html"

    def get_urls(self) -> list[URLPattern]:
        """One address for each thing that a reviewer does, beside the page itself."""
        ours = [
            path(f"<int:pk>/{name}/", self._posted(self._verb(deed)), name=f"compliance_bundle_{name}")
            for name, deed in DEEDS.items()
        ]
        sights = [
            path(f"<int:pk>/{name}/", self._posted(shown), name=f"compliance_bundle_{name}")
            for name, shown in {"file": self._file, "everything": self._everything}.items()
        ]
        site = self.admin_site
        more = [
            path("next/", site.admin_view(self.next_view), name="compliance_bundle_next"),
            path("claim-next/", site.admin_view(self.claim_next_view), name="compliance_bundle_claim_next"),
            path("<int:pk>/words/", site.admin_view(self.words_view), name="compliance_bundle_words"),
            path("<int:pk>/papers/<str:sid>/", site.admin_view(self.picture_view), name="compliance_bundle_picture"),
        ]
        return [*ours, *sights, *more, *super().get_urls()]

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

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The queue, with the decisions that can still be taken back."""
        held = {"held": bundle_page.held_by(user_of(request))} if self.has_view_permission(request) else {}
        return super().changelist_view(request, held | (extra_context or {}))

    def next_view(self, request: HttpRequest) -> HttpResponse:
        """To the bundle that this reviewer should look at next, after the one that they leave."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        left = request.GET.get("after", "")
        return self._go_on(request, after=self.get_object(request, left) if left.isdecimal() else None)

    def claim_next_view(self, request: HttpRequest) -> HttpResponse:
        """Claim the most urgent bundle, and open it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        try:
            with transaction.atomic():
                bundle = review.claim_next(user_of(request))
                self.log_change(request, bundle, "Claimed")
        except Refused as refusal:
            messages.info(request, f"{refusal}.")
            return HttpResponseRedirect(reverse("admin:compliance_bundle_changelist"))
        return HttpResponseRedirect(_page_of(bundle))

    def words_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The words of a reason, to be read and changed before they are given; they hold nothing of the bundle."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        wording = bundle_page.wording(request.GET.get("reject", ""), request.GET.get("reason", ""))
        if wording is None:
            raise Http404("no such reason")
        return TemplateResponse(request, "console/review/words.html", {"wording": wording, "bundle_id": pk})

    def picture_view(self, request: HttpRequest, pk: int, sid: str) -> HttpResponse:
        """The picture of a paper, for who has claimed the bundle; each one that leaves is a look, and written down."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        bundle = self.get_object(request, str(pk))
        if bundle is None:
            raise Http404(f"no bundle {pk}")
        return paper_file.picture(request, bundle, user_of(request), sid)

    def _go_on(self, request: HttpRequest, after: Bundle | None = None) -> HttpResponse:
        found = review.next_for(user_of(request), after=after)
        if found is None:
            messages.info(request, "Nothing else waits for you.")
        return HttpResponseRedirect(_page_of(found) if found else reverse("admin:compliance_bundle_changelist"))

    def _page(self, request: HttpRequest, bundle: Bundle, *, everything: bool = False) -> TemplateResponse:
        context = {
            "title": f"Bundle {bundle.sid}",
            "opts": self.opts,
            "object": bundle,
            "wording": bundle_page.wording(request.GET.get("reject", ""), request.GET.get("reason", "")),
        }
        page = bundle_page.context(bundle, user_of(request), everything=everything)
        whole = self.admin_site.each_context(request) | context | page
        return TemplateResponse(request, "console/review/bundle.html", whole)

    def _everything(self, bundle: Bundle, request: HttpRequest) -> HttpResponse:
        """The page with all that was given, this once: with a reason, a note and a record of it."""
        user = user_of(request)
        try:
            claims.refuse_own(bundle, user)
            reason, note = sight.why(request, bundle, user, noted=True)
        except Refused as refusal:
            messages.error(request, f"Nothing was shown: {refusal}.")
            return HttpResponseRedirect(_page_of(bundle))
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
            done = self._do(deed, bundle, request)
            if done and deed is DEEDS["decide"]:
                return self._go_on(request)
            return HttpResponseRedirect(_page_of(bundle))

        return act

    def _file(self, bundle: Bundle, request: HttpRequest) -> HttpResponse:
        """A paper's file; a refusal is a page of the console."""
        answer = paper_file.answer(request, bundle, user_of(request))
        if isinstance(answer, TemplateResponse):
            answer.context_data = self.admin_site.each_context(request) | (answer.context_data or {})
        return answer

    def _do(self, deed: Deed, bundle: Bundle, request: HttpRequest) -> bool:
        try:
            with transaction.atomic():  # nothing is done without a record of it
                done = deed(bundle, request)
                self.log_change(request, bundle, done)
        except (Refused, IllegalBundleMove) as refusal:
            messages.error(request, f"Nothing was done: {refusal}.")
            return False
        if deed is not DEEDS["decide"]:  # what is decided is said where it can be taken back
            messages.success(request, f"{done}.")
        return True

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
        return render_to_string("console/review/deadline.html", {"timer": timer(bundle.due_at)})

    @admin.display(description="waiting")
    def waited(self, bundle: Bundle) -> str:
        """Since its customer handed it in."""
        at = getattr(bundle, "submitted_at", None) if bundle.due_at else None
        return render_to_string("components/ago.html", {"at": at})

    @admin.display(description="with", ordering="claimed_by")
    def with_whom(self, bundle: Bundle) -> str:
        """Its reviewer."""
        return str(bundle.claimed_by or "-")


def _page_of(bundle: Bundle) -> str:
    return reverse("admin:compliance_bundle_change", args=[bundle.pk])


@admin.register(ReviewPolicy)
class ReviewPolicyAdmin(ReadOnlyAdmin):
    """How soon and by how many people. Rows are added, with a day of their own, and never changed."""

    about = (
        "How soon a bundle is decided, how long a reviewer keeps one untouched, and whether two people must "
        "approve it (four eyes). A row for a country wins over the one for all. Rows are added, with a first day, "
        "and never changed."
    )
    list_display = ("governs", "target_hours", "claim_hours", "four_eyes", "sight_four_eyes", "valid_from", "set_by")
    fields = ("country", "target_hours", "claim_hours", "four_eyes", "sight_four_eyes", "valid_from", "set_by")
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
