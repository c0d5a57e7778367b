"""The waitlist: who waits for what, what it was served with, whether it was told, and what is waited for most."""

from typing import Any
from urllib.parse import urlsplit

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from console.admin.sourcing import CountryFilter
from console.read_only import ReadOnlyLines
from console.verbs import Verb, VerbsAdmin
from inventory.models import WaitlistEntry, WaitlistServing, WaitState
from inventory.waitlist import entries
from inventory.waitlist.letters import wish_in_words
from inventory.waitlist.wanted import waited_for_most

VERBS = (
    Verb(
        "cancel",
        "Cancel",
        "The customer waits no longer, and asks again if it still wants to. What it was served with stays its own.",
        lambda entry: entry.state == WaitState.WAITING,
        lambda entry, given, actor: entries.cancel(entry, actor=actor, reason=given["reason"]),
        is_grave=True,
    ),
)


class ServingInline(ReadOnlyLines):
    """What came, and whether the customer knows."""

    model = WaitlistServing
    fields = readonly_fields = ("at", "numbers", "reservation", "told")
    ordering = ("pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[WaitlistServing]:
        """With the numbers."""
        rows: QuerySet[WaitlistServing] = super().get_queryset(request)
        return rows.select_related("entry", "reservation").prefetch_related("offers__number")

    @admin.display(description="numbers")
    def numbers(self, serving: WaitlistServing) -> str:
        """In E.164."""
        return ", ".join(sorted(str(offer.number) for offer in serving.offers.all()))

    @admin.display(description="told")
    def told(self, serving: WaitlistServing) -> str:
        """By which way, and how far that is."""
        way = "by callback" if serving.entry.status_callback else "by e-mail"
        trouble = f": {serving.last_error}" if serving.last_error else ""
        if serving.done_at:
            return f"{way}, {serving.done_at:%Y-%m-%d %H:%M} UTC"
        if serving.given_up_at:
            return f"given up {way} after {serving.attempts} tries{trouble}"
        return f"to be told {way}, {serving.attempts} tries{trouble}" if serving.next_at else "has no address"


@admin.register(WaitlistEntry)
class WaitlistAdmin(VerbsAdmin):
    """One line for each wish, the newest first."""

    verbs = VERBS
    about = (
        "What customers wait for because it was not on sale, and are served with in the order in which they asked. "
        "What is missing counts as demand when it is asked for, so the restock nights know of it."
    )
    list_before_template = "console/waited_for.html"
    list_display = ("sid", "customer", "wish", "served", "mode", "state", "created_at", "tells")
    list_filter = ("state", "mode", ("country", CountryFilter), "number_type")
    list_select_related = ("account",)
    search_fields = ("=sid", "=account__sid")
    ordering = ("-pk",)
    exclude = ("status_callback",)
    readonly_fields = ("tells",)
    inlines = (ServingInline,)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Above the list, what is waited for most."""
        context = {**(extra_context or {}), "waited_for": waited_for_most()}
        return super().changelist_view(request, extra_context=context)

    @admin.display(description="account")
    def customer(self, entry: WaitlistEntry) -> str:
        """By name: the entry's page has the sid, and the search finds it."""
        return entry.account.friendly_name

    @admin.display(description="waits for")
    def wish(self, entry: WaitlistEntry) -> str:
        """In words."""
        return wish_in_words(entry)

    @admin.display(description="is told")
    def tells(self, entry: WaitlistEntry) -> str:
        """The host alone: a URL may carry a password."""
        if entry.status_callback:
            return f"by callback to {urlsplit(entry.status_callback).hostname}"
        return "by e-mail, if the account has an address"
