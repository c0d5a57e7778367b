"""Legal holds: who may not be erased for now, and who said so."""

from collections.abc import Collection
from datetime import datetime

from django.utils import timezone

from compliance.models import LegalHold


def place(subject_sid: str, *, actor: str, reason: str, until: datetime | None = None) -> LegalHold:
    """Keep an end user, a document, an address, a bundle or all of an account until `until`, or till it is lifted."""
    return LegalHold.objects.create(subject_sid=subject_sid, placed_by=actor, reason=reason, until=until)


def lift(hold: LegalHold, *, actor: str) -> None:
    """From now on it holds no more."""
    hold.lifted_at, hold.lifted_by = timezone.now(), actor
    hold.save(update_fields=["lifted_at", "lifted_by"])


def first_on(sids: Collection[str]) -> LegalHold | None:
    """A hold that holds now on one of these."""
    return LegalHold.objects.at(timezone.now()).filter(subject_sid__in=sids).first()
