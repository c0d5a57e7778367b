"""Quarantine: stays, what people said of them, fits, days of the feeds, reliefs in a shortage, limits that moved."""

from typing import Any, ClassVar

from django.contrib import admin

from console.admin.stock import OfNumber
from console.verbs import VerbsAdmin
from console.words import WORD_VERBS, word_on
from inventory.models import Quarantine, QuarantineOverride


@admin.register(Quarantine)
class QuarantineAdmin(OfNumber, VerbsAdmin):
    """Stays in quarantine: since when, until when, under which rule, and how they ended."""

    list_display = ("number", "source", "entered_at", "earliest_at", "rule", "ended_at", "verdict")
    list_filter = ("source", ("ended_at", admin.EmptyFieldListFilter))
    verbs = WORD_VERBS

    def get_fields(self, request: Any, obj: Any = None) -> Any:
        """With what a person said of it."""
        return [*super().get_fields(request, obj), "word"]

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        """All."""
        return [*super().get_readonly_fields(request, obj), "word"]

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

    list_display = ("number", "action", "until", "expires_on", "actor", "reason", "withdrawn_at", "withdrawn_by")
    list_filter = ("action", ("withdrawn_at", admin.EmptyFieldListFilter))
    list_select_related: ClassVar[tuple[str, ...]] = ("stay__number",)
    ordering = ("-pk",)

    @admin.display(description="number")
    def number(self, said: QuarantineOverride) -> str:
        """Whose stay it is."""
        return str(said.stay.number)
