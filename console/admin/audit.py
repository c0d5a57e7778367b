"""The audit log: its page, its filters, and the file for an auditor."""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from accounts.models import User
from console import audit
from console.audit import KINDS, Asked, Deed
from console.read_only import ReadOnlyAdmin

AFTER, AS_CSV = "after", "csv"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def _day() -> forms.DateField:
    return forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}))


class AuditForm(forms.Form):
    """What to show."""

    person = forms.ModelChoiceField(queryset=User.objects.none(), required=False, empty_label="Anybody")
    kind = forms.ChoiceField(choices=[("", "Anything"), *KINDS.items()], required=False, label="What")
    since = _day()
    until = _day()
    about = forms.CharField(
        required=False, max_length=200, label="Of what", help_text="A number such as +14155550100, a SID, an address."
    )

    def __init__(self, data: Any) -> None:
        super().__init__(data, label_suffix="")
        people = cast("forms.ModelChoiceField[User]", self.fields["person"])
        people.queryset = (
            User.objects.filter(Q(is_staff=True) | Q(role_changes__isnull=False)).distinct().order_by("email")
        )

    def asked(self) -> Asked:
        """The filter. Raises IncorrectLookupParameters."""
        if not self.is_valid():
            raise IncorrectLookupParameters(self.errors)
        given = self.cleaned_data
        return Asked(**{**given, "about": given["about"].strip()})


@admin.register(LogEntry)
class LogEntryAdmin(ReadOnlyAdmin):
    """Every verb with its reason, every edit of a target or tariff; and the audit log, which has more."""

    list_display = ("action_time", "user", "object_repr", "shown_change")
    list_select_related = ("user", "content_type")
    search_fields = ("object_repr", "change_message")
    fields = ("action_time", "user", "content_type", "object_repr", "shown_change")
    ordering = ("-pk",)

    def get_urls(self) -> list[URLPattern]:
        """Beside the list, the audit log."""
        return [
            path("audit/", self.admin_site.admin_view(self.audit_view), name="admin_logentry_audit"),
            *super().get_urls(),
        ]

    @admin.display(description="change")
    def shown_change(self, entry: LogEntry) -> Any:
        """In words."""
        return entry.get_change_message()

    def audit_view(self, request: HttpRequest) -> HttpResponseBase:
        """A page of it, or the whole of it as a file. Raises PermissionDenied."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form, after = AuditForm(request.GET), request.GET.get(AFTER, "")
        try:
            asked = form.asked()
            if AS_CSV in request.GET:
                return _file(request, asked)
            deeds = audit.page(asked, after)
        except (IncorrectLookupParameters, ValueError):
            return HttpResponseRedirect(reverse("admin:admin_logentry_audit"))
        return self._page(request, form, deeds, after)

    def _page(self, request: HttpRequest, form: AuditForm, deeds: list[Deed], after: str) -> HttpResponse:
        context = {
            "title": "Audit log",
            "form": form,
            "deeds": deeds,
            "older_than": after,
            "first_url": _url(request, {}),
            "next_url": _url(request, {AFTER: deeds[-1].place}) if len(deeds) == audit.PAGE else "",
            "csv_url": _url(request, {AS_CSV: "1"}),
            "opts": self.opts,
        }
        return TemplateResponse(request, "console/audit.html", self.admin_site.each_context(request) | context)


def _url(request: HttpRequest, more: Mapping[str, str]) -> str:
    query = request.GET.copy()
    for name in (AFTER, AS_CSV):
        query.pop(name, None)
    query.update(more)
    return f"{reverse('admin:admin_logentry_audit')}?{query.urlencode()}"


def _file(request: HttpRequest, asked: Asked) -> StreamingHttpResponse:
    """All of it, which is on record itself, as it leaves the house."""
    LogEntry.objects.create(
        user=cast(User, request.user),
        object_repr="audit log",
        action_flag=CHANGE,
        change_message=f"Exported as CSV: {request.GET.urlencode()}",
    )
    name = f"audit-{timezone.now():%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingHttpResponse(_lines(asked), content_type="text/csv; charset=utf-8", headers=headers)


def _lines(asked: Asked) -> Iterator[str]:
    yield _line("when (UTC)", "who", "kind", "of what", "what and why")
    for deed in audit.every(asked):
        yield _line(deed.at.isoformat(), deed.who, deed.kind, deed.about, deed.what)


def _line(*cells: str) -> str:
    """One line; no cell is taken for a formula by a spreadsheet."""
    said = io.StringIO()
    csv.writer(said).writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells])
    return said.getvalue()
