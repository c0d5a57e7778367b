"""Numbers: the list over millions, and a number's page."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.utils.html import format_html

from console import number_page
from console.admin.bulk import ASK, make
from console.number_list import FILTERS, LIST_FILTERS, NumberList
from console.searching import HELP, found
from console.verbs import NUMBER_VERBS, VerbsAdmin
from console.words import WORD_VERBS
from inventory.bulk.deeds import CHOOSABLE
from inventory.models import BulkVerb, PhoneNumber
from numbering.types import capability_names


def _dry_run(verb: BulkVerb) -> Callable[[Any, HttpRequest, QuerySet[PhoneNumber]], HttpResponse]:
    """An action of the list: it makes the dry run and leads to it."""

    def action(_: Any, request: HttpRequest, __: QuerySet[PhoneNumber]) -> HttpResponse:
        ticked = request.POST.getlist(ACTION_CHECKBOX_NAME)
        return make(request, [int(pk) for pk in ticked if pk.isdecimal()], verb, {})

    return action


@admin.register(PhoneNumber)
class NumberAdmin(VerbsAdmin):
    """Those first that moved last; found by number, state, time in it, country, type, provider, what they carry."""

    list_display = (
        "shown_number",
        "shown_state",
        "country",
        "number_type",
        "shown_place",
        "carries",
        "provider",
        "since",
    )
    list_filter = LIST_FILTERS
    list_before_template = "console/number_list.html"
    list_select_related = ("provider", "place")
    ordering = ("-state_since", "-pk")
    search_fields = ("e164",)
    search_help_text = HELP
    verbs = NUMBER_VERBS + WORD_VERBS

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[NumberList]:
        """Of the drawers."""
        return NumberList

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """A dry run of each verb for the numbers that are ticked."""
        if not request.user.has_perm(ASK):
            return {}
        return {verb.value: (_dry_run(verb), verb.value, f"{verb.label}…") for verb in CHOOSABLE}

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """With what may be done to all that it lists."""
        verbs = CHOOSABLE if request.user.has_perm(ASK) else ()
        return super().changelist_view(request, {"bulk_verbs": verbs, **(extra_context or {})})

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """The filters and nothing else: any other would read the stock."""
        return lookup in FILTERS

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[PhoneNumber], search_term: str
    ) -> tuple[QuerySet[PhoneNumber], bool]:
        """By digits, whatever stands between them."""
        return (queryset.filter(pk__in=found(search_term)) if search_term.strip() else queryset), False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A number's page: its life, its papers, and what may be done."""
        number = self.get_object(request, object_id)
        if not self.has_view_permission(request, number):
            raise PermissionDenied
        if number is None:
            raise Http404(f"no number {object_id}")
        context = number_page.context(number, request.GET) | {
            "verbs": self.open_verbs(request, number),
            "opts": self.opts,
            "object": number,
        }
        whole = self.admin_site.each_context(request) | {"title": number.number.international_format} | context
        return TemplateResponse(request, "console/number.html", whole)

    @admin.display(description="number", ordering="e164")
    def shown_number(self, number: PhoneNumber) -> str:
        """As written abroad."""
        return format_html('<span class="ny-digits">{}</span>', number.number.international_format)

    @admin.display(description="state", ordering="state")
    def shown_state(self, number: PhoneNumber) -> str:
        """A badge, with a shape for each state."""
        label = number.get_state_display() + (" · blocked" if number.blocked else "")
        return render_to_string("components/badge.html", {"state": number.state, "label": label})

    @admin.display(description="place")
    def shown_place(self, number: PhoneNumber) -> str:
        """The town, or the area code where none is known."""
        return number.place.name if number.place else number.area_code

    @admin.display(description="carries")
    def carries(self, number: PhoneNumber) -> str:
        """What it is sold for; what was declared while the lab has not confirmed it."""
        return ", ".join(capability_names(number.capabilities or number.declared_capabilities))

    @admin.display(description="since", ordering="state_since")
    def since(self, number: PhoneNumber) -> str:
        """How long it has been in its state."""
        return render_to_string("components/ago.html", {"at": number.state_since})
