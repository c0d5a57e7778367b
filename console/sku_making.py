"""Many SKUs at once: what stock and demand call for is counted first, and made when staff say so."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.models import ADDITION, LogEntry
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from console.read_only import EditableAdmin
from inventory.models.sku import ServiceClass
from inventory.shelves import making
from inventory.shelves.making import Found, Terms, Worth


class MakingForm(forms.Form):
    """From how much an area code has a shelf of its own, and what the new SKUs have in common."""

    held = forms.IntegerField(min_value=1, initial=Worth().held, label="Numbers held, at least")
    asked = forms.IntegerField(
        min_value=1,
        initial=Worth().asked,
        label="Or asked for in a year, at least",
        help_text="An area code with fewer of both lies on the shelf of its country and type.",
    )
    service_class = forms.ChoiceField(choices=ServiceClass.choices, initial=ServiceClass.DEFAULT, label="Class")
    is_listed = forms.BooleanField(
        required=False, initial=True, label="Never sold out by plan", help_text="Their least reorder point is 2."
    )
    cost_limit = forms.DecimalField(
        min_value=0, max_digits=12, decimal_places=4, initial=Terms().cost_limit, help_text="An order above it waits."
    )
    currency = forms.RegexField(
        "^[A-Z]{3}$", required=False, help_text="Such as USD. Empty: in each market the one that was last paid."
    )

    def __init__(self, data: Any = None) -> None:
        """Without data, with what is usual."""
        usual = {name: field.initial for name, field in self.base_fields.items()}
        super().__init__(data or usual, label_suffix="")

    @property
    def found(self) -> list[Found]:
        """What they call for; nothing while they are not valid."""
        return making.found(Worth(self.cleaned_data["held"], self.cleaned_data["asked"])) if self.is_valid() else []

    @property
    def terms(self) -> Terms:
        """Of a valid one."""
        return Terms(**{name: self.cleaned_data[name] for name in Terms._fields})


class SkuMakingAdmin(EditableAdmin):
    """Adds `make/` to the pages of SKUs: GET counts, POST makes."""

    list_before_template = "console/sku_list.html"

    def get_urls(self) -> list[URLPattern]:
        """The page beside the list."""
        view = self.admin_site.admin_view(self.making_view)
        return [path("make/", view, name="inventory_sku_make"), *super().get_urls()]

    def making_view(self, request: HttpRequest) -> HttpResponse:
        """Show what would be made, or make it. Raises PermissionDenied."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = MakingForm(request.POST or request.GET)
        found = form.found
        if request.method == "POST" and form.is_valid():
            return self._make(request, found, form.terms)
        context = {
            "title": "Make SKUs from stock and demand",
            "form": form,
            "markets": _by_market(found),
            "missing": sum(not each.exists for each in found),
            "opts": self.opts,
        }
        return TemplateResponse(request, "console/sku_making.html", self.admin_site.each_context(request) | context)

    def _make(self, request: HttpRequest, found: list[Found], terms: Terms) -> HttpResponse:
        made = making.make((each.shelf for each in found), terms)
        who = request.user.pk or 0  # nobody who has not signed in comes here
        LogEntry.objects.log_actions(who, made, ADDITION, "Made from stock and demand.")
        messages.success(request, f"{len(made)} SKUs made. The next night decides on them: within ten minutes.")
        return redirect("admin:inventory_sku_changelist")


def _by_market(found: list[Found]) -> list[dict[str, Any]]:
    """The counts of each country and type, in their order."""
    markets: dict[tuple[str, ...], dict[str, Any]] = {}
    for each in found:
        shelf = each.shelf
        told = markets.setdefault(
            shelf[:2],
            {"country": shelf.country, "number_type": shelf.number_type}
            | dict.fromkeys(("missing", "existing", "held", "asked"), 0),
        )
        told["existing" if each.exists else "missing"] += 1
        told["held"] += each.held
        told["asked"] += each.asked
    return list(markets.values())
