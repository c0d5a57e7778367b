"""Returns to regulators: what was made, the file, and the numbers behind each figure."""

from datetime import date
from itertools import islice
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from console.filing_making import MakingForm
from console.read_only import ReadOnlyAdmin
from inventory.filings import freezing
from inventory.filings.census import Category
from inventory.filings.utilisation import NoSuchFigure
from inventory.models import Filing, FilingKind
from inventory.refusals import Refused
from numbering.e164 import E164

MOST_LINES = 200  # the file has all
MOST_NUMBERS = 10_000


@admin.register(Filing)
class FilingAdmin(ReadOnlyAdmin):
    """The newest day first."""

    about = (
        "What regulators are told, made from the ledger and never changed. Form 502 and the permanent disconnects make "
        "themselves when their day has passed; any of them can be made here. Filing them is up to you."
    )
    list_display = ("file_name", "kind", "rows", "made_at", "made_by")
    list_filter = ("kind",)
    fields = readonly_fields = ("kind", "as_of", "rows", "digest", "made_by", "made_at")
    ordering = ("-as_of", "kind")
    change_form_outer_before_template = "console/filing.html"
    list_before_template = "console/filing_list.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Filing]:
        """Without the files, which are long."""
        rows: QuerySet[Filing] = super().get_queryset(request)
        return rows.defer("content")

    def get_urls(self) -> list[URLPattern]:
        """The file beside its page, and the page that makes one."""
        site = self.admin_site
        return [
            path("<int:pk>/file.csv", site.admin_view(self.file_view), name="inventory_filing_file"),
            path("make/", site.admin_view(self.make_view), name="inventory_filing_make"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """With the way to make one, for who may."""
        return super().changelist_view(request, {"may_add": _may_add(request), **(extra_context or {})})

    def make_view(self, request: HttpRequest) -> HttpResponse:
        """Ask which, show what it would say, or make it: by POST, the last only where `freeze` is said."""
        if not _may_add(request):
            raise PermissionDenied
        form = MakingForm(request.POST or None)
        context: dict[str, Any] = {"title": "Make a return", "opts": self.opts, "form": form}
        if request.method == "POST" and form.is_valid():
            kind, last_day = form.chosen
            try:
                if "freeze" in request.POST:
                    return self._freeze(request, kind, last_day)
                context |= _shown(freezing.rehearse(kind, last_day=last_day)) | {"last_day": last_day}
            except Refused as refusal:
                form.add_error(None, f"{refusal}.")
        whole = self.admin_site.each_context(request) | context
        return TemplateResponse(request, "console/filing_making.html", whole)

    def _freeze(self, request: HttpRequest, kind: FilingKind, last_day: date) -> HttpResponse:
        with transaction.atomic():
            filing = freezing.freeze(kind, last_day=last_day, actor=f"user:{request.user}")
            self.log_addition(request, filing, "Made and frozen")
        messages.success(request, f"{filing.file_name}: {filing.rows} lines, frozen. Filing it is up to you.")
        return HttpResponseRedirect(reverse("admin:inventory_filing_change", args=[filing.pk]))

    def file_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The file as it was made."""
        filing = Filing.objects.filter(pk=pk).first()
        if not self.has_view_permission(request, filing):
            raise PermissionDenied
        if filing is None:
            raise Http404(f"no filing {pk}")
        named = {"Content-Disposition": f'attachment; filename="{filing.file_name}"'}
        return HttpResponse(bytes(filing.content), content_type="text/csv; charset=utf-8", headers=named)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Above the row, the lines of the file, and the numbers behind the figure that was asked for."""
        filing: Filing = context["original"]
        shown = _shown(filing) | {"figure": _figure(request, filing)}
        return super().render_change_form(request, context | shown, *args, **kwargs)


def _may_add(request: HttpRequest) -> bool:
    return request.user.has_perm("inventory.add_filing")


def _shown(filing: Filing) -> dict[str, Any]:
    """The first lines of a file, for a page."""
    heading = freezing.heading(filing) or ["Number", "Given up on"]
    lines = list(islice(freezing.rows(filing), MOST_LINES))
    return {
        "filing": filing,
        "heading": heading,
        "lines": [_cells(heading, line) for line in lines],
        "left_out": filing.rows - len(lines),
    }


def _cells(heading: list[str], line: list[str]) -> list[tuple[str, str, str]]:
    """Of each cell its column, its text, and the category behind which numbers stand."""
    return [(column, text, _category(column, text)) for column, text in zip(heading, line, strict=True)]


def _category(column: str, text: str) -> str:
    is_figure = column.lower() in set(Category) and text not in ("", "0")
    return column.lower() if is_figure else ""


def _figure(request: HttpRequest, filing: Filing) -> dict[str, Any] | None:
    """What `?line=2&category=aging` asks for."""
    line, category = request.GET.get("line", ""), request.GET.get("category", "")
    if not line.isdecimal() or category not in set(Category):
        return None
    try:
        found = freezing.trace(filing, int(line), Category(category))
    except NoSuchFigure:
        return None
    numbers = [str(E164.from_int(digits)) for digits in found.numbers[:MOST_NUMBERS]]
    return {"line": line, "category": category, "told": found.told, "numbers": numbers, "all": len(found.numbers)}
