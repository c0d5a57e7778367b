"""Returns to regulators: what was made, the file, and the numbers behind each figure."""

from itertools import islice
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path

from console.read_only import ReadOnlyAdmin
from inventory.filings import freezing
from inventory.filings.census import Category
from inventory.filings.utilisation import NoSuchFigure
from inventory.models import Filing
from numbering.e164 import E164

MOST_LINES = 200  # the file has all
MOST_NUMBERS = 10_000


@admin.register(Filing)
class FilingAdmin(ReadOnlyAdmin):
    """The newest day first."""

    about = (
        "What regulators are told, made from the ledger and never changed. Form 502 and the permanent disconnects make "
        "themselves when their day has passed; manage.py filing make makes any of them. Filing them is up to you."
    )
    list_display = ("file_name", "kind", "rows", "made_at", "made_by")
    list_filter = ("kind",)
    fields = readonly_fields = ("kind", "as_of", "rows", "digest", "made_by", "made_at")
    ordering = ("-as_of", "kind")
    change_form_outer_before_template = "console/filing.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Filing]:
        """Without the files, which are long."""
        rows: QuerySet[Filing] = super().get_queryset(request)
        return rows.defer("content")

    def get_urls(self) -> list[URLPattern]:
        """The file beside its page."""
        ours = path("<int:pk>/file.csv", self.admin_site.admin_view(self.file_view), name="inventory_filing_file")
        return [ours, *super().get_urls()]

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
        heading = freezing.heading(filing) or ["Number", "Given up on"]
        lines = list(islice(freezing.rows(filing), MOST_LINES))
        shown = {
            "heading": heading,
            "lines": [_cells(heading, line) for line in lines],
            "left_out": filing.rows - len(lines),
            "figure": _figure(request, filing),
        }
        return super().render_change_form(request, context | shown, *args, **kwargs)


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
