"""Trunks: the lab's routes to the world, what their owners allow, and what the daemons last saw of them."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.db import IntegrityError
from django.db.models import Count, Max, Q, QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from console.lab.trunk_form import TrunkForm
from console.lab.trunk_state import is_watched, state_of
from console.read_only import EditableAdmin
from testing_lab.admission import is_address
from testing_lab.models import Trunk
from testing_lab.trunks import rows

SECRET = "new_password"  # noqa: S105 - the name of a field
_UP = Q(seats__taken_at__isnull=False, seats__lease_until__gte=Now())


@admin.register(Trunk)
class TrunkAdmin(EditableAdmin):
    """In the order in which calls try them. A daemon heeds what is changed within ten seconds."""

    form = TrunkForm
    list_display = ("name", "shown_address", "preference", "answers", "since", "trouble", "calls", "watched")
    ordering = ("preference",)
    change_form_outer_before_template = "console/lab/trunk_state.html"
    fieldsets = (
        (None, {"fields": ("name", "active", "preference", "address", "options_interval")}),
        ("Credentials", {"fields": ("username", SECRET)}),
        ("What its owner allows", {"fields": ("calls_per_second", "most_calls", "messages_per_second")}),
        ("Quiet hours", {"fields": ("quiet_from", "quiet_until", "time_zone")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Trunk]:
        """With the calls that are up; without the passwords, which are not even read."""
        found: QuerySet[Trunk] = super().get_queryset(request)
        return found.defer("password").annotate(up=Count("seats", filter=_UP))

    def get_fieldsets(self, request: HttpRequest, obj: Trunk | None = None) -> Any:
        """Without the password for who may only look: there is nothing to see."""
        shown = super().get_fieldsets(request, obj)
        if self.has_change_permission(request, obj) if obj else self.has_add_permission(request):
            return shown
        return [
            (title, {**options, "fields": [name for name in options["fields"] if name != SECRET]})
            for title, options in shown
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Trunk | None = None) -> tuple[str, ...]:
        """Results and passports carry its name, so it stays."""
        return ("name",) if obj else ()

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A new one is the last to be tried."""
        last = Trunk.objects.aggregate(last=Max("preference"))["last"] or 0
        return {"preference": last + 1, **super().get_changeform_initial_data(request)}

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Others may take the name, the preference or the address after the form has looked and before it is written:
        then the form looks again, and says so in words."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except IntegrityError:
            return super().changeform_view(request, *args, **kwargs)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Above the form, what is known of the trunk now: of the row as it is saved, since a form that is refused
        leaves in `original` what it was given."""
        original = context.get("original")
        trunk = self.get_queryset(request).filter(pk=original.pk).first() if original else None
        return super().render_change_form(request, context | {"known": trunk and state_of(trunk)}, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Trunk, form: TrunkForm, change: bool) -> None:
        """Only what was changed: daemons write into the row, too."""
        written = form.written
        if change:
            rows.keep(obj, written)
        else:
            obj.save()
        for warning in _warnings(obj):
            messages.warning(request, warning)

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        """What it was and what it is, for the record; of a password only that it was given."""
        changes = [f"{name} {form.initial.get(name)} → {form.cleaned_data[name]}" for name in _plain(form)]
        if SECRET in form.changed_data:
            changes.append("password given")
        return f"{'Added' if add else 'Changed'}: {', '.join(changes) or 'nothing'}"

    @admin.display(description="address", ordering="address")
    def shown_address(self, trunk: Trunk) -> str:
        """Where it is, in either case."""
        return trunk.address or settings.LAB_TRUNK_ADDRESS

    @admin.display(description="state", ordering="is_up")
    def answers(self, trunk: Trunk) -> SafeString:
        """A badge."""
        return render_to_string("console/lab/trunk_badge.html", {"trunk": trunk})

    @admin.display(description="since", ordering="state_since")
    def since(self, trunk: Trunk) -> SafeString:
        """How long ago it came up, or went down."""
        return render_to_string("components/ago.html", {"at": trunk.state_since if trunk.active else None})

    @admin.display(description="calls up")
    def calls(self, trunk: Any) -> str:
        """Now, over all daemons."""
        return f"{trunk.up} of {trunk.most_calls}"

    @admin.display(description="used by a daemon", boolean=True)
    def watched(self, trunk: Trunk) -> bool:
        """Whether one asks it."""
        return is_watched(trunk)


def _plain(form: Any) -> Iterator[str]:
    return (name for name in form.changed_data if name != SECRET)


def _warnings(trunk: Trunk) -> Iterator[str]:
    """What staff may want, and should know."""
    if not Trunk.objects.filter(active=True).exists():
        yield "No trunk is in use now: the lab places no calls until one is switched on."
    host = (trunk.address or settings.LAB_TRUNK_ADDRESS).rpartition(":")[0]
    if not trunk.active or is_address(host):
        return
    if settings.LAB_CARRIER_SOURCES:
        yield f"{host} is a name: the lab hears it only from addresses that LAB_CARRIER_SOURCES names."
    else:
        yield f"{host} is a name, and LAB_CARRIER_SOURCES is empty: the lab listens to everybody until it is set."
