"""What providers charge us, and what of it is wrong: by month and kind, in money, down to the line of their file."""

import re
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from console import money
from console.invoice_upload import BadInvoice, UploadForm
from console.read_only import ReadOnlyAdmin, YesFilter
from inventory.invoices import report
from inventory.models import Invoice, Misbilling, MisbillingKind
from numbering.e164 import MAX_DIGITS, MIN_DIGITS


class CurrentFilter(YesFilter):
    """Invoices that no other file has replaced."""

    title = "current"
    parameter_name = "current"

    @staticmethod
    def condition() -> Q:
        """One for each provider and month."""
        return Q(replaced_at=None)


class WrongFilter(YesFilter):
    """Invoices to talk to the provider about."""

    title = "differs from our stock"
    parameter_name = "differs"

    @staticmethod
    def condition() -> Q:
        """As the last comparison counted."""
        return Q(misbilled__gt=0)


@admin.register(Invoice)
class InvoiceAdmin(ReadOnlyAdmin):
    """The newest month first; the page of one has its totals."""

    about = (
        "What a provider charged for a month: brought in here or with manage.py import_invoice, and compared with our "
        "stock every day while it is the provider's newest."
    )
    list_display = ("provider", "month", "line_count", "misbilled", "compared_at", "imported_at", "replaced_at")
    list_filter = (CurrentFilter, WrongFilter, "provider")
    list_select_related = ("provider",)
    ordering = ("-period", "provider", "-pk")
    change_form_before_template = "console/invoice.html"
    list_before_template = "console/invoice_list.html"

    def get_urls(self) -> list[URLPattern]:
        """The page that takes a file, beside the list."""
        ours = path("bring-in/", self.admin_site.admin_view(self.bring_in_view), name="inventory_invoice_bring_in")
        return [ours, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """With the way to bring one in, for who may."""
        return super().changelist_view(request, {"may_add": _may_add(request), **(extra_context or {})})

    def bring_in_view(self, request: HttpRequest) -> HttpResponse:
        """Ask for a file, or take it in: the whole of it, or nothing and why not."""
        if not _may_add(request):
            raise PermissionDenied
        form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
        bad: BadInvoice | None = None
        if request.method == "POST" and form.is_valid():
            try:
                return self._bring_in(request, form)
            except BadInvoice as error:
                bad = error
        context = {"title": "Bring an invoice in", "opts": self.opts, "form": form, "bad": bad}
        whole = self.admin_site.each_context(request) | context
        return TemplateResponse(request, "console/invoice_upload.html", whole)

    def _bring_in(self, request: HttpRequest, form: UploadForm) -> HttpResponse:
        imported = form.bring_in(f"user:{request.user}"[:80])
        invoice = imported.invoice
        if imported.is_new:
            self.log_addition(request, invoice, f"Brought in from {invoice.file_name}"[:200])
            messages.success(request, f"{invoice}: {invoice.line_count} lines, compared with our stock.")
        else:
            messages.info(request, f"This very file was here already: {invoice.line_count} lines. Nothing was changed.")
        return HttpResponseRedirect(reverse("admin:inventory_invoice_change", args=[invoice.pk]))

    @admin.display(description="month")
    def month(self, invoice: Invoice) -> str:
        """As the command is told it."""
        return f"{invoice.period:%Y-%m}"

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """An invoice's page: what it charges, and what of it is wrong."""
        invoice = self.get_object(request, object_id)
        totals = _totals(invoice) if invoice else {}
        return super().change_view(request, object_id, form_url, {**totals, **(extra_context or {})})


def _may_add(request: HttpRequest) -> bool:
    return request.user.has_perm("inventory.add_invoice")


def _totals(invoice: Invoice) -> dict[str, Any]:
    wrong = [(MisbillingKind(total.what), total, _in_words(total)) for total in report.misbilled(invoice)]
    return {"charges": [(total, _in_words(total)) for total in report.charges(invoice)], "misbilled": wrong}


def _in_words(total: report.Total) -> str:
    return money.in_words(total.amount, total.currency)


class OpenFilter(YesFilter):
    """Those that are still so."""

    title = "open"
    parameter_name = "open"

    @staticmethod
    def condition() -> Q:
        """As the last comparison left them."""
        return Q(resolved_at=None)


@admin.register(Misbilling)
class MisbillingAdmin(ReadOnlyAdmin):
    """Each with the line of the file that it is from; the newest first."""

    about = (
        "What is wrong in the invoices, with what is at stake. What a later comparison finds right again is resolved."
    )
    list_display = (
        *(
            "shown_number",
            "kind",
            "amount",
            "currency",
            "agreed",
            "agreed_currency",
            "invoice",
            "line_number",
            "found_at",
            "resolved_at",
        ),
    )
    list_filter = (OpenFilter, "kind", "currency", "invoice__provider")
    list_select_related = ("invoice__provider", "line")
    ordering = ("-pk",)
    search_fields = ("e164",)
    search_help_text = "A whole number: +1 415 555 0123"

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[QuerySet[Any], bool]:
        """Those of one number."""
        if not search_term.strip():
            return queryset, False
        digits = re.sub(r"[^0-9]", "", search_term)
        is_number = MIN_DIGITS <= len(digits) <= MAX_DIGITS
        return (queryset.filter(e164=int(digits)) if is_number else queryset.none()), False

    @admin.display(description="number", ordering="e164")
    def shown_number(self, misbilling: Misbilling) -> str:
        """As dialled."""
        return f"+{misbilling.e164}"

    @admin.display(description="line")
    def line_number(self, misbilling: Misbilling) -> int | None:
        """Its place in the provider's file."""
        return misbilling.line.line if misbilling.line else None
