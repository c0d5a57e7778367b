"""Customers hear of a paper in an approved bundle before it expires."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone

from accounts.sweeping import go_on, take_batches
from compliance.evaluation.days import day_of
from compliance.lifecycle import BundleState
from compliance.models import ExpiryWarning, ItemAssignment, SupportingDocument
from compliance.services import notices
from compliance.services.transition import at_hand

WARN_BEFORE = timedelta(days=30)


def warn_due() -> int:
    """Go through the papers of approved bundles; their days are ciphertext, so each is opened. Returns how many."""
    return take_batches("expiring_papers", go_on("expiring_papers", _untold().only("pk")), warn)


def warn(item_ids: Sequence[int]) -> None:
    """Tell of the papers that expire soon and of which, as they are, nobody was told."""
    soon = _expiring(_untold().filter(pk__in=item_ids))
    if not soon:
        return
    with transaction.atomic():
        free = at_hand([item.bundle_id for item in soon])
        found = _expiring(_untold().filter(pk__in=[item.pk for item in soon], bundle__in=free))
        ExpiryWarning.objects.bulk_create(
            ExpiryWarning(bundle=item.bundle, document=item.document, revision=item.document.revision)
            for item in found
            if item.document
        )
        notices.tell([notices.Coming(item.bundle, day) for item, day in found.items()], "document_expires_soon")


def told() -> "QuerySet[ExpiryWarning]":
    """The warnings that still hold: a paper whose content changed, or that was replaced, is not among them."""
    live = ItemAssignment.objects.filter(bundle=OuterRef("bundle"), document=OuterRef("document"), ended_at=None)
    return ExpiryWarning.objects.filter(Exists(live), document__revision=F("revision"))


def last_day_of(paper: SupportingDocument) -> date | None:
    """The last day on which it is valid, as its customer wrote it; None: it has none."""
    return day_of(str(paper.attributes.get("expiration_date", "")))


def _expiring(items: "QuerySet[ItemAssignment]") -> dict[ItemAssignment, date]:
    today, found = timezone.now().date(), {}
    for item in items.select_related("document", "bundle__account", "bundle__regulation").order_by("pk"):
        day = last_day_of(item.document) if item.document else None
        if day is not None and today <= day <= today + WARN_BEFORE:
            found[item] = day
    return found


def _untold() -> "QuerySet[ItemAssignment]":
    warned = ExpiryWarning.objects.filter(
        bundle=OuterRef("bundle"), document=OuterRef("document"), revision=OuterRef("document__revision")
    )
    items = ItemAssignment.objects.filter(ended_at=None, document__isnull=False)
    return items.filter(~Exists(warned), bundle__state=BundleState.APPROVED, bundle__deleted_at=None)
