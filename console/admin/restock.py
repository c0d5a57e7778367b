"""The restock nights: what they propose and why, the shelves they look after, what is asked for, terms of supply."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from console.admin.sourcing import CountryFilter
from console.kind_form import SkuForm, TermsForm, carries
from console.read_only import EditableAdmin, ReadOnlyAdmin, ReadOnlyLines, YesFilter
from console.restock import board, explained, projection
from console.sku_making import SkuMakingAdmin
from console.verbs import ReasonForm, Verb, VerbsAdmin
from inventory.levels.bare import bare_skus
from inventory.models import DemandEvent, ProviderOrder, RestockProposal, Sku, SupplyTerms
from inventory.models.restock_proposal import OPEN_PROPOSAL, ProposalStatus
from inventory.refusals import Refused
from inventory.shelves import deciding


class ApproveForm(ReasonForm):
    """Also says what it may cost, where that is not what the night expects."""

    budget = forms.DecimalField(
        required=False,
        min_value=0,
        max_digits=14,
        decimal_places=4,
        label="May cost at most",
        help_text=(
            "For an order, in the currency of the proposal; what is dearer is not ordered. Blank: what the night "
            "expects. It must be given where that is not known."
        ),
    )
    field_order: tuple[str, ...] = ("budget", "reason")


class CapForm(ApproveForm):
    """Also says how many."""

    units = forms.IntegerField(min_value=1, label="Numbers", help_text="No more than proposed, in whole lots.")
    field_order = ("units", "budget", "reason")


def _waits(proposal: RestockProposal) -> bool:
    return proposal.status == ProposalStatus.PROPOSED


def _may_be_stopped(proposal: RestockProposal) -> bool:
    return proposal.status in OPEN_PROPOSAL and not proposal.carried_out


def _said(given: Mapping[str, Any]) -> dict[str, Any]:
    return {"reason": given["reason"], "budget": given["budget"]}


VERBS = (
    Verb(
        "approve",
        "Approve",
        "What is proposed is ordered within seconds, or handed back: then the numbers leave the stock for good.",
        _waits,
        lambda proposal, given, actor: deciding.approve(proposal, actor=actor, **_said(given)),
        form=ApproveForm,
    ),
    Verb(
        "cap",
        "Approve fewer",
        "So many of it are ordered, or handed back. The next night looks at what is missing then.",
        _waits,
        lambda proposal, given, actor: deciding.cap(proposal, units=int(given["units"]), actor=actor, **_said(given)),
        form=CapForm,
    ),
    Verb(
        "reject",
        "Reject",
        "Nothing of it is done. The next night may propose the like again: its SKU says what the shelf must hold.",
        _may_be_stopped,
        lambda proposal, given, actor: deciding.reject(proposal, actor=actor, reason=given["reason"]),
    ),
)


def terms_in_words(terms: Mapping[str, Any]) -> SafeString:
    """A line for each symbol: its value and what it means."""
    rows = ((each.symbol, each.value, each.meaning) for each in explained.terms_of(terms))
    body = format_html_join("", "<tr><th>{}</th><td>{}</td><td>{}</td></tr>", rows)
    return format_html_join("", '<table class="ny-terms">{}</table>', [(body,)])


class OrderInline(ReadOnlyLines):
    """What was ordered because of it."""

    model = ProviderOrder
    fields = ("key", "state", "created_at")


@admin.register(RestockProposal)
class RestockProposalAdmin(VerbsAdmin):
    """One for each SKU and night at most; those that wait for staff say why."""

    verbs = VERBS
    about = (
        "What a night proposes: to order (above zero) or to hand back (below). Of itself it is done only up to the "
        "cost limit of its SKU. What a later night overtakes is not done any more."
    )
    list_display = ("day", "sku", "quantity", "provider", "cost", "currency", "status", "approval", "carried_out")
    list_filter = ("status", ("sku__country", CountryFilter), "sku__number_type", "provider")
    list_select_related = ("sku", "provider")
    search_fields = ("key",)
    ordering = ("-day", "-id")
    inlines = (OrderInline,)
    list_before_template = "console/restock/above_list.html"
    change_form_outer_before_template = "console/restock/proposal.html"
    fieldsets = (
        (None, {"fields": ("key", "sentence", "quantity", "provider", "chosen", "cost", "currency")}),
        ("Decision", {"fields": ("status", "approval", "allowed", "budget", "decided_by", "decided_at", "reason")}),
        ("Carrying out", {"fields": ("outcome", "carried_out", "attempts", "next_attempt_at", "last_error")}),
    )

    def get_urls(self) -> list[URLPattern]:
        """The page on which all that waits is decided."""
        ours = path("decide/", self.admin_site.admin_view(self.decide_view), name="inventory_restockproposal_decide")
        return [ours, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """With the way to what waits, for who may decide."""
        waits = len(board.lines()) if self.has_verb_permission(request) else 0
        return super().changelist_view(request, {"waits": waits, **(extra_context or {})})

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Above the row: why, in steps and in a picture, and the decision where it is still to be made."""
        row: RestockProposal = context["original"]
        line = board.Line(row, abs(row.quantity)) if _waits(row) and self.has_verb_permission(request) else None
        shown = {"line": line, "board": board.BoardForm(), "steps": explained.steps(row)}
        return super().render_change_form(
            request, context | shown | {"projection": projection.projection(row)}, *args, **kwargs
        )

    def decide_view(self, request: HttpRequest) -> HttpResponse:
        """What waits; by POST it is decided, several at once only after what they come to was seen."""
        if not self.has_verb_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return self._board(request, board.BoardForm())
        form, asked = board.BoardForm(request.POST), board.asked(request.POST)
        if not asked.lines:
            messages.error(request, "Nothing was done: choose at least one proposal that still waits.")
            return self._board(request, form)
        if not form.is_valid():
            return self._board(request, form)
        if not asked.is_one and "confirmed" not in request.POST:
            return self._asks(request, form, asked)
        return self._decide(request, asked, form.cleaned_data["reason"])

    def _board(self, request: HttpRequest, form: board.BoardForm) -> HttpResponse:
        context = {"title": "Proposals that wait", "opts": self.opts, "form": form, "lines": board.lines()}
        whole = self.admin_site.each_context(request) | context
        return TemplateResponse(request, "console/restock/board.html", whole)

    def _asks(self, request: HttpRequest, form: board.BoardForm, asked: board.Asked) -> HttpResponse:
        context = {
            "title": f"{board.VERBS[asked.verb]} {len(asked.lines)} proposals?",
            "opts": self.opts,
            "form": form,
            "asked": asked,
            "label": board.VERBS[asked.verb],
            "total": board.total(asked.lines),
        }
        return TemplateResponse(
            request, "console/restock/confirm.html", self.admin_site.each_context(request) | context
        )

    def _decide(self, request: HttpRequest, asked: board.Asked, reason: str) -> HttpResponse:
        """Each on its own, with a record of it; then back to what still waits."""
        label, decided = board.VERBS[asked.verb], 0
        for line in asked.lines:
            try:
                with transaction.atomic():
                    board.decide(asked.verb, line, actor=f"user:{request.user}"[:80], reason=reason)
                    self.log_change(request, line.proposal, f"{label}: {reason}")
            except Refused as refusal:
                messages.error(request, f"Nothing was done: {refusal}.")
            else:
                decided += 1
        if decided:
            messages.success(request, f"{label}: done for {decided} proposal{'' if decided == 1 else 's'}.")
        return HttpResponseRedirect(reverse("admin:inventory_restockproposal_decide"))


class BareFilter(YesFilter):
    """SKUs of which a customer finds nothing."""

    title = "sold out"
    parameter_name = "bare"

    @staticmethod
    def condition() -> Q:
        """As the home page counts them."""
        return Q(pk__in=bare_skus())


@admin.register(Sku)
class SkuAdmin(SkuMakingAdmin):
    """A kind of number that the nights keep on the shelf; what kind it is stays once it is made."""

    about = (
        "A SKU is a kind of number that the shelf is to hold; a number, and what is asked for, belongs to the "
        "narrowest one that it fits. Each night the engine looks at what was asked for and what is coming, and "
        "proposes what to order or to hand back. Stock targets stand beside: a quantity that you fix, whatever is "
        "asked for."
    )
    form = SkuForm
    list_display = ("code", "service_class", "is_listed", "reorder_point", "last_night", "provider", "is_active")
    list_filter = ("is_active", BareFilter, ("country", CountryFilter), "number_type", "service_class")
    list_select_related = ("state", "provider")
    search_fields = ("country", "area_code")
    ordering = ("country", "number_type", "area_code", "pk")
    raw_id_fields = ("place",)

    def get_fieldsets(self, request: Any, obj: Any = None) -> Any:
        """Its kind first; of one that is there, also what the last night made of it."""
        kind = ("country", "number_type", "area_code", "place", "shown_capabilities" if obj else "capabilities")
        kept = ("service_class", "level", "floor", "is_listed", "cost_limit", "currency", "provider", "is_active")
        shown = [("The last night", {"fields": ("last_night", "terms")})] if obj else []
        return [("What it is", {"fields": kind}), ("How it is kept", {"fields": kept}), *shown]

    def get_readonly_fields(self, request: Any, obj: Any = None) -> tuple[str, ...]:
        """Its proposals speak of its kind."""
        if not obj:
            return ()
        return ("country", "number_type", "area_code", "place", "shown_capabilities", "last_night", "terms")

    @admin.display(description="capabilities")
    def shown_capabilities(self, sku: Sku) -> str:
        """In words."""
        return carries(sku.capabilities)

    @admin.display(description="terms")
    def terms(self, sku: Sku) -> SafeString | str:
        """Every symbol of the decision."""
        return terms_in_words(sku.state.terms) if hasattr(sku, "state") else "-"

    @admin.display(description="reorder point")
    def reorder_point(self, sku: Sku) -> int | None:
        """Of the last night."""
        return sku.state.s if hasattr(sku, "state") else None

    @admin.display(description="last night")
    def last_night(self, sku: Sku) -> str:
        """In a sentence."""
        return f"{sku.state.as_of}: {sku.state.sentence}" if hasattr(sku, "state") else "not decided yet"


@admin.register(DemandEvent)
class DemandEventAdmin(ReadOnlyAdmin):
    """What was asked for with the intent to have it, filled or not."""

    about = (
        "What customers bought, and what they asked for and did not get. From it the nights learn how many to order."
    )
    list_display = ("at", "country", "number_type", "area_code", "carries", "kind", "units_requested", "units_filled")
    list_filter = ("kind", ("country", CountryFilter), "number_type")
    ordering = ("-pk",)

    @admin.display(description="capabilities")
    def carries(self, event: DemandEvent) -> str:
        """In words."""
        return carries(event.capabilities)


@admin.register(SupplyTerms)
class SupplyTermsAdmin(EditableAdmin):
    """What a provider asks for a kind and how soon it delivers, as agreed."""

    about = "What a provider asks for a kind of number, how many at once, and how soon it delivers, as agreed with it."
    form = TermsForm
    list_display = ("provider", "country", "number_type", "lot", "setup_cost", "monthly_cost", "currency", "lead_days")
    list_filter = ("provider", ("country", CountryFilter), "number_type")
    list_select_related = ("provider",)
    ordering = ("provider", "country", "number_type")
