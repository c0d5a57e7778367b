"""Requests to open papers outside a review: a second person lets the asker, or does not."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from compliance.models import SightRequest
from compliance.services import sights
from console.verbs import Verb, VerbsAdmin

GRANT = "compliance.grant_sight"


def _waits(request: SightRequest) -> bool:
    return request.decided_at is None


VERBS = (
    Verb(
        "grant",
        "Let them open it",
        "Within a day the asker may open this paper, for this reason. Each look is on record, and so is your name.",
        _waits,
        lambda request, given, actor: sights.decide(request, user=given["user"], grants=True),
        is_grave=True,
        permission=GRANT,
    ),
    Verb(
        "refuse",
        "Refuse",
        "The paper stays closed to the asker. They may ask again, with a better reason.",
        _waits,
        lambda request, given, actor: sights.decide(request, user=given["user"], grants=False),
        permission=GRANT,
    ),
)


@admin.register(SightRequest)
class SightRequestAdmin(VerbsAdmin):
    """The newest first."""

    about = (
        "Who asks to open a paper outside a review, where the review policy wants two people to look at that. Somebody "
        "else decides: never who asked."
    )
    list_display = ("paper", "asked_by", "reason", "note", "asked_at", "granted", "decided_by", "decided_at")
    list_filter = (("decided_at", admin.EmptyFieldListFilter), "reason")
    list_select_related = ("asked_by", "decided_by", "document")
    fields = ("paper", "asked_by", "reason", "note", "asked_at", "granted", "decided_by", "decided_at")
    ordering = ("-pk",)
    verbs = VERBS

    def get_queryset(self, request: HttpRequest) -> QuerySet[SightRequest]:
        """Of the paper nothing but its SID is read."""
        texts = ("friendly_name", "attributes", "reason_sentence", "fix_hint")
        rows: QuerySet[SightRequest] = super().get_queryset(request).select_related("document")
        return rows.defer(*(f"document__{name}" for name in texts))

    @admin.display(description="paper")
    def paper(self, request: SightRequest) -> str:
        """Its SID."""
        return request.document.sid
