"""Erasing a person's data (GDPR article 17): the texts, the files' keys, and every copy that rests elsewhere.

What stays has no personal data in it: SIDs, states, the ledger, evaluations (fields and codes), who held which number
when, and the proof. Backups are out of reach: see docs/privacy.md for how long they last and what a restore must do.
"""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

from django.db import models, transaction
from django.db.models import F, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from accounts.encryption import BlindIndex, EncryptedJson, EncryptedText
from compliance import forgetting, lifecycle, tenures
from compliance.models import Bundle, EndUser, Erasure, ItemAssignment, StoredFile, SupportingDocument
from compliance.refusals import ErasureFailed, PartOfABundle, ReasonTellsTooMuch, StillNeeded, UnderLegalHold
from compliance.services import belongings, holds, review, transition
from compliance.services.belongings import Belongings, Paper
from compliance.vault import objects

#: Columns that are no ciphertext and may tell of a person all the same.
_FREE_TEXT: dict[type[models.Model], tuple[str, ...]] = {
    Bundle: ("status_callback",),
}
#: How a bundle leaves the hands of the reviewers when its end user is erased.
_WAY_OUT = {
    lifecycle.BundleState.PENDING_REVIEW: "recall",
    lifecycle.BundleState.IN_REVIEW: "reject",
    lifecycle.BundleState.PROVISIONALLY_APPROVED: "reject",
}
_SHORTEST_TELLING = 4  # letters: shorter texts ("DE", "12") stand in any sentence


def erase(paper: Paper, *, actor: str, reason: str) -> Erasure:
    """Erase an end user with all that is only theirs, or one document, address or bundle; returns the proof.

    Bundles of an erased end user end. What somebody else needs too is left, and named in `kept`. Erasing what is erased
    already returns the proof of that. `reason` is kept for good: a case number, no names. Raises StillNeeded,
    UnderLegalHold, PartOfABundle, ReasonTellsTooMuch; ErasureFailed when something of it could still be read.
    """
    with transaction.atomic():
        theirs = belongings.held(paper)
        if paper.sid not in theirs.sids:
            return Erasure.objects.filter(account=paper.account, items__contains=[{"sid": paper.sid}]).latest("pk")
        _check(paper, theirs, actor, reason)
        for bundle in theirs.bundles:
            _end(bundle, actor)
        _take_from_drafts(theirs)
        items = [_blank(each) for each in theirs]
        forgetting.everywhere(paper.account, theirs.sids)
        _check_gone(theirs)
        return Erasure.objects.create(
            account=paper.account,
            subject_sid=paper.sid,
            actor=actor,
            reason=reason,
            items=items,
            kept=theirs.shared,
            checked=True,
        )


def _check(paper: Paper, theirs: Belongings, actor: str, reason: str) -> None:
    if holds.first_on([*theirs.sids, paper.account.sid]):
        raise UnderLegalHold(paper.sid)
    now = timezone.now()
    found = tenures.of([row.sid for row in theirs.bundles], [row.sid for row in theirs.addresses])
    if numbers := {tenure.number for tenure in found if not tenure.is_over(now)}:
        raise StillNeeded(paper.sid, len(numbers))
    if not isinstance(paper, EndUser) and _rested_on(theirs).exists():
        raise PartOfABundle(paper.sid)
    if not actor.startswith("sweep:") and _repeats(reason, theirs):
        raise ReasonTellsTooMuch


def _rested_on(theirs: Belongings) -> "models.QuerySet[ItemAssignment]":
    """Items of bundles beyond a customer's reach that are, or refer to, one of these."""
    papers = models.Q(document__in=theirs.documents) | models.Q(document__addresses__in=theirs.addresses)
    papers |= models.Q(bundle__in=theirs.bundles)
    live = ItemAssignment.objects.filter(ended_at=None, bundle__deleted_at=None)
    return live.filter(papers).exclude(bundle__state__in=lifecycle.EDITABLE)


def _repeats(reason: str, theirs: Belongings) -> bool:
    return any(text.casefold() in reason.casefold() for row in theirs for text in _texts(row))


def _texts(row: models.Model) -> Iterator[str]:
    """Every text of the row that was worth encrypting."""
    for name in _encrypted(row):
        yield from (text for text in _leaves(getattr(row, name)) if len(text) >= _SHORTEST_TELLING)


def _leaves(value: Any) -> Iterator[str]:
    match value:
        case dict():
            yield from (text for each in value.values() for text in _leaves(each))
        case list():
            yield from (text for each in value for text in _leaves(each))
        case str():
            yield value


def _encrypted(row: models.Model) -> list[str]:
    return [column.name for column in row._meta.concrete_fields if isinstance(column, EncryptedText)]


def _end(bundle: Bundle, actor: str) -> None:
    """Take it from the reviewers, and from its customer."""
    if bundle.deleted_at:
        return
    if verb := _WAY_OUT.get(lifecycle.BundleState(bundle.state)):
        moved = transition.move(bundle, verb, actor=actor, reason="erased")
        bundle.state, bundle.claimed_by, bundle.due_at = moved.state, moved.claimed_by, moved.due_at
        review.give_papers_back(moved)
    bundle.deleted_at = timezone.now()
    bundle.save(update_fields=["deleted_at"])


def _take_from_drafts(theirs: Belongings) -> None:
    """A draft, or a rejected bundle that is mended, goes on without the erased papers."""
    live = ItemAssignment.objects.filter(ended_at=None, bundle__deleted_at=None)
    papers = models.Q(document__in=theirs.documents) | models.Q(end_user__in=theirs.end_users)
    live.filter(papers, bundle__state__in=lifecycle.EDITABLE).update(ended_at=timezone.now())


def _blank(row: Any) -> dict[str, Any]:
    """Empty the row's texts and shred its file; what the proof says of it."""
    ciphertexts = _ciphertexts(row)
    for column in row._meta.concrete_fields:
        if isinstance(column, EncryptedText):
            setattr(row, column.name, {} if isinstance(column, EncryptedJson) else "")
    for name in _FREE_TEXT.get(type(row), ()):
        setattr(row, name, "")
    row.erased_at = row.updated_at = timezone.now()
    row.deleted_at = row.deleted_at or row.erased_at
    indexes = [column.name for column in row._meta.concrete_fields if isinstance(column, BlindIndex)]
    changed = [*ciphertexts, *indexes, *_FREE_TEXT.get(type(row), ()), "erased_at", "deleted_at", "updated_at"]
    row.save(update_fields=changed)
    return {"sid": row.sid, "columns": {name: _digest(text) for name, text in ciphertexts.items()}, **_shredded(row)}


def _ciphertexts(row: models.Model) -> dict[str, str]:
    """As they lie in the database."""
    columns = {f"raw_{name}": Cast(F(name), TextField()) for name in _encrypted(row)}
    raw = type(row)._base_manager.filter(pk=row.pk).annotate(**columns).values(*columns).get()
    return {name.removeprefix("raw_"): text for name, text in raw.items() if text is not None}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _shredded(row: Paper) -> dict[str, str]:
    file = row.file if isinstance(row, SupportingDocument) else None
    if file is None or file.erased_at:
        return {}
    objects.erase(file)
    return {"object": file.name, "object_digest": file.digest}


def _check_gone(theirs: Belongings) -> None:
    """Read everything back from the database. Raises ErasureFailed."""
    for row in theirs:
        again = type(row)._base_manager.get(pk=row.pk)
        left = [name for name in (*_encrypted(again), *_FREE_TEXT.get(type(again), ())) if getattr(again, name)]
        if left or again.erased_at is None:
            raise ErasureFailed(f"{again.sid}: {', '.join(left)}")
    files = [row.file_id for row in theirs.documents if row.file_id]
    if StoredFile.objects.filter(pk__in=files, key__isnull=False).exists():
        raise ErasureFailed("a file still has its key")


def proofs_of(sids: Sequence[str]) -> "models.QuerySet[Erasure]":
    """What was erased under these SIDs."""
    return Erasure.objects.filter(subject_sid__in=sids).order_by("pk")
