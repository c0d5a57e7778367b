"""Quarantine: stays, what people said of them, fits, days of the feeds, reliefs in a shortage, limits that moved."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.timesince import timesince

from console import board
from console.admin.stock import OfNumber
from console.kind_form import KindForm
from console.read_only import ReadOnlyAdmin, YesFilter
from console.verbs import Verb, VerbsAdmin
from console.words import WORD_VERBS, word_on
from inventory.models import (
    AlphaRelief,
    FeedDay,
    FeedReport,
    LimitChange,
    Quarantine,
    QuarantineFitting,
    QuarantineModel,
    QuarantineOverride,
    UnwantedTraffic,
)
from inventory.quarantine import reliefs, versions
from inventory.refusals import NotARelief


class ReliefForm(KindForm):
    """Looks at the bounds as the service does, so that a refusal is told beside the form."""

    def clean(self) -> dict[str, Any]:
        """Raises ValidationError."""
        given = super().clean() or self.cleaned_data
        if all(given.get(name) for name in ("country", "number_type", "alpha", "expires_at")):
            try:
                reliefs.check((given["country"], given["number_type"]), given["alpha"], given["expires_at"])
            except NotARelief as refusal:
                raise forms.ValidationError(str(refusal)) from None
        return given


@admin.register(Quarantine)
class QuarantineAdmin(OfNumber, VerbsAdmin):
    """Stays in quarantine: since when, until when, under which rule, and how they ended."""

    about = (
        "A number that somebody had, or whose past is not known, rests here until it is clean. Each night the engine "
        "says from the traffic on its line whether to sell it, hold it or hand it back; the page of a stay says why."
    )
    list_display = ("number", "source", "entered_at", "earliest_at", "last_night", "predicted_on", "ended_at")
    list_filter = ("source", ("ended_at", admin.EmptyFieldListFilter))
    verbs = WORD_VERBS
    fieldsets = (
        (None, {"fields": ("number", "source", "entered_at", "earliest_at", "latest_at", "rule", "word")}),
        (
            "The last night",
            {
                "fields": (
                    *("last_night", "state_day", "likely", "released_below", "recent", "effective", "model"),
                    *("predicted_on", "predicted_range", "sentinel_since"),
                )
            },
        ),
        ("How it ended", {"fields": ("ended_at", "verdict")}),
    )

    def get_urls(self) -> list[URLPattern]:
        """The board, beside the list."""
        board = path("board/", self.admin_site.admin_view(self.board_view), name="inventory_quarantine_board")
        return [board, *super().get_urls()]

    def board_view(self, request: HttpRequest) -> HttpResponse:
        """Who leaves when."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        whole = self.admin_site.each_context(request) | {"title": "Quarantine board", "opts": self.opts}
        return TemplateResponse(request, "console/board.html", whole | board.context(request.GET))

    @admin.display(description="last night")
    def last_night(self, stay: Quarantine) -> str:
        """What the engine said, by which rule; nothing where no night has looked at it."""
        if not stay.action:
            return "-"
        share = "" if stay.likelihood is None else f", {100 * stay.likelihood:.0f} %"
        return f"{stay.get_action_display()}: {stay.get_action_rule_display()}{share}"

    @admin.display(description="likelihood")
    def likely(self, stay: Quarantine) -> str:
        """Of unwanted traffic in the next 30 days."""
        if stay.likelihood is None:
            return "-"
        return f"{100 * stay.likelihood:.2f} % of unwanted traffic in the next 30 days"

    @admin.display(description="released below")
    def released_below(self, stay: Quarantine) -> str:
        """The engine's alpha."""
        return "-" if stay.alpha is None else f"{100 * stay.alpha:g} % (alpha)"

    @admin.display(description="recent contacts")
    def recent(self, stay: Quarantine) -> str:
        """The engine's S."""
        return "-" if stay.recent_contacts is None else f"{stay.recent_contacts:.2f}, faded (S)"

    @admin.display(description="effective days")
    def effective(self, stay: Quarantine) -> str:
        """The engine's E."""
        return "-" if stay.effective_days is None else f"{stay.effective_days:.2f} observed, faded (E)"

    @admin.display(description="predicted between")
    def predicted_range(self, stay: Quarantine) -> str:
        """The days by which one in ten, and nine in ten, of such numbers are released; they need a fit."""
        if stay.predicted_lo is None or stay.predicted_hi is None:
            return "-"
        return f"{stay.predicted_lo} and {stay.predicted_hi}: eight in ten of such numbers are released then"

    @admin.display(description="a person's word")
    def word(self, stay: Quarantine) -> str:
        """What counts today, and from when on if the minimum stands before it."""
        said = word_on(stay)
        if said is None:
            return "none: the engine decides"
        waits = f", from {stay.earliest_at:%Y-%m-%d} on, when its minimum has passed" if not said.until else ""
        return f"{said.get_action_display()}{waits}, until {said.ends_on}, by {said.actor}: {said.reason}"


@admin.register(QuarantineOverride)
class QuarantineOverrideAdmin(VerbsAdmin):
    """What people said of stays, the last word first. It is said, and withdrawn, on the page of the stay."""

    about = (
        "What staff decided against the engine: to hold a number, to release it or to hand it back. It is said, and "
        "taken back, on the page of the stay or of the number. None shortens a minimum."
    )
    list_display = ("number", "action", "until", "expires_on", "actor", "reason", "withdrawn_at", "withdrawn_by")
    list_filter = ("action", ("withdrawn_at", admin.EmptyFieldListFilter))
    list_select_related: ClassVar[tuple[str, ...]] = ("stay__number",)
    ordering = ("-pk",)

    @admin.display(description="number")
    def number(self, said: QuarantineOverride) -> str:
        """Whose stay it is."""
        return str(said.stay.number)


@admin.register(FeedDay)
class FeedDayAdmin(ReadOnlyAdmin):
    """Which days were heard from beginning to end, the last first."""

    about = (
        "A day without a contact counts as observed only if the traffic feed was healthy all day: as the feeds tell it "
        "(docs/traffic.md), and the lab for providers whose idle numbers it hears. A day that is missing was not heard."
    )
    list_display = ("day", "whose", "healthy", "told_by")
    list_filter = ("healthy", "provider")
    list_select_related = ("provider",)
    ordering = ("-day", "provider")

    @admin.display(description="provider")
    def whose(self, row: FeedDay) -> str:
        """None stands for all that have no day of their own."""
        return str(row.provider or "all others")

    @admin.display(description="told by")
    def told_by(self, row: FeedDay) -> str:
        """Each feed, and what it said."""
        told = FeedReport.objects.filter(provider=row.provider, day=row.day).order_by("feed")
        return ", ".join(f"{each.feed} ({'healthy' if each.healthy else 'gap'})" for each in told)


class InForceFilter(YesFilter):
    """Reliefs that the next night heeds."""

    title = "in force"
    parameter_name = "in_force"

    @staticmethod
    def condition() -> Q:
        """Neither ended by somebody nor run out."""
        return Q(ended_at=None, expires_at__gt=timezone.now())


@admin.register(AlphaRelief)
class AlphaReliefAdmin(VerbsAdmin):
    """Reliefs in shortages, the newest first."""

    about = (
        "In a shortage, numbers of one kind may be released a little less clean for at most 60 days: below a higher "
        "likelihood of unwanted traffic, 0.30 at most. It shortens no minimum."
    )
    list_display = ("country", "number_type", "alpha", "expires_at", "actor", "reason", "ended_at", "ended_by")
    list_filter = (InForceFilter, ("ended_at", admin.EmptyFieldListFilter))
    fields = ("country", "number_type", "alpha", "expires_at", "reason", "actor", "ended_at", "ended_by", "ended_note")
    readonly_fields = ("actor", "ended_at", "ended_by", "ended_note")
    ordering = ("-pk",)
    form = ReliefForm
    verbs = (
        Verb(
            "end",
            "End",
            "From the next night on its numbers are released below their usual likelihood again.",
            lambda relief: relief.ended_at is None,
            lambda relief, given, actor: reliefs.end(relief=relief, actor=actor, note=given["reason"]),
        ),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        """For whom the rights say so."""
        return request.user.has_perm("inventory.add_alpharelief")

    def save_model(self, request: HttpRequest, obj: AlphaRelief, form: Any, change: bool) -> None:
        """By the service, which looks at the bounds and says who granted it. Pages of reliefs only add."""
        said = {name: getattr(obj, name) for name in ("country", "number_type", "alpha", "expires_at", "reason")}
        obj.pk = reliefs.grant(**said, actor=f"user:{request.user}").pk


@admin.register(QuarantineModel)
class QuarantineModelAdmin(VerbsAdmin):
    """The fits of the engine, the newest first."""

    about = (
        "Once a month the engine learns from the stays of the last 400 days. A fit comes into force by itself if it "
        "foretells stays that it has not seen no worse than the one before: its log loss is not higher. Otherwise you "
        "decide."
    )
    list_display = ("version", "is_current", "stays", "rows", "log_loss", "compared_log_loss", "fitted_at", "changed")
    fields = readonly_fields = list_display
    ordering = ("-pk",)
    verbs = (
        Verb(
            "activate",
            "Decide with this fit",
            "From the next night on the engine decides with it. The one before stays here and can be taken back.",
            lambda fit: not fit.is_current,
            lambda fit, given, actor: versions.activate(fit=fit, actor=actor, reason=given["reason"]),
            is_grave=True,
        ),
        Verb(
            "defaults",
            "Decide with the defaults",
            "From the next night on the engine decides as if it had never learnt anything.",
            lambda fit: fit.is_current,
            lambda fit, given, actor: versions.activate(fit=None, actor=actor, reason=given["reason"]),
            is_grave=True,
        ),
    )

    @admin.display(description="put in force by")
    def changed(self, fit: QuarantineModel) -> str:
        """Who did, the last time, and why."""
        change = fit.changes.order_by("-pk").first()
        return f"{change.actor}: {change.reason}" if change else ""


@admin.register(QuarantineFitting)
class QuarantineFittingAdmin(ReadOnlyAdmin):
    """Tries to learn, the last first: those that found nothing are here only."""

    about = (
        "When the engine tried to learn, and what came of it. One without an end is at it now, or was cut short: the "
        "next hour, or the next day, tries again. Of fewer than 1,000 finished stays nothing is learnt."
    )
    list_display = ("begun_at", "ended_at", "took", "finished", "came_to")
    fields = readonly_fields = list_display
    list_filter = (("fit", admin.EmptyFieldListFilter),)
    list_select_related = ("fit",)
    ordering = ("-pk",)

    @admin.display(description="took")
    def took(self, tried: QuarantineFitting) -> str:
        """How long."""
        return timesince(tried.begun_at, tried.ended_at) if tried.ended_at else "no end yet"

    @admin.display(description="fit")
    def came_to(self, tried: QuarantineFitting) -> str:
        """The fit that was found, with the way to it."""
        if tried.fit is None:
            return "nothing was learnt" if tried.ended_at else "-"
        where = reverse("admin:inventory_quarantinemodel_change", args=[tried.fit.pk])
        return format_html('<a class="ny-link" href="{}">{}</a>', where, tried.fit)


@admin.register(LimitChange)
class LimitChangeAdmin(ReadOnlyAdmin):
    """Limits of stays that followed the law, the last first."""

    about = (
        "When a rule of law changes, manage.py quarantine_limits shows which open stays differ, and applies it to "
        "them. A minimum only becomes longer."
    )
    list_display = ("number", "earliest_was", "earliest_is", "latest_was", "latest_is", "rule_is", "actor", "at")
    list_select_related = ("stay__number",)
    ordering = ("-pk",)

    @admin.display(description="number")
    def number(self, change: LimitChange) -> str:
        """Whose stay it is."""
        return str(change.stay.number)


@admin.register(UnwantedTraffic)
class UnwantedTrafficAdmin(OfNumber):
    """What new owners reported of their numbers, the last first."""

    about = (
        "In the first 30 days a customer may report calls and messages that are not for them. The fits learn from it "
        "that the stay before ended too early. If the number is given back, its next stay begins with what was known."
    )
    list_display = ("number", "account", "kind", "a_day", "since", "reported_at", "note", "fate")
    list_select_related = ("number", "account", "did")
    list_filter = ("kind",)

    @admin.display(description="kept")
    def fate(self, told: UnwantedTraffic) -> str:
        """Whether the customer has it still."""
        return "in service" if told.did.ended_at is None else f"given back on {told.did.ended_at:%Y-%m-%d}"
