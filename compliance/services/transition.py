"""The only writer of a bundle's state: lock, check the table, change the row, write the ledger, in one transaction."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from compliance.lifecycle import MOVES, IllegalBundleMove
from compliance.models import Bundle, BundleEntry
from compliance.services import notices


def move(
    bundle: Bundle, verb: str, *, actor: str, reason: str = "", data: dict[str, Any] | None = None, **changes: Any
) -> Bundle:
    """Move the bundle and return it as it now is; `changes` are other columns to set with the state.

    A move ends the reviewer's claim, the review's clock and the approval's end unless they are among the changes.
    `reason` and `data` go to the ledger, so they must hold codes and SIDs only, no personal data. Whoever first looks
    at the bundle locks it (`locked`) in the same transaction. Raises IllegalBundleMove, Bundle.DoesNotExist.
    """
    step = MOVES[verb]
    with transaction.atomic():
        now = locked(bundle)
        if now.state not in step.sources:
            raise IllegalBundleMove(now.sid, verb, now.state)
        at = timezone.now()
        columns = {"claimed_by": None, "due_at": None, "valid_until": None, **changes}
        columns |= {"state": step.target, "state_since": at, "updated_at": at}
        entry = BundleEntry.objects.create(
            bundle=now, verb=verb, source=now.state, target=step.target, actor=actor, reason=reason, data=data or {}
        )
        for column, value in columns.items():
            setattr(now, column, value)
        now.save(update_fields=list(columns))
        notices.tell_of_move(now, entry)
    return now


def record_birth(bundle: Bundle, *, actor: str) -> None:
    """The first ledger row of a bundle that was just inserted. Call it in the inserting transaction."""
    BundleEntry.objects.create(bundle=bundle, verb="create", target=bundle.state, actor=actor)


def locked(bundle: Bundle) -> Bundle:
    """The bundle as it now is, locked until the transaction ends. Raises Bundle.DoesNotExist when it was deleted."""
    rows = Bundle.objects.select_for_update(no_key=True, of=("self",)).select_related("regulation", "account")
    return rows.get(pk=bundle.pk, deleted_at=None)


def at_hand(bundle_ids: Sequence[int]) -> list[int]:
    """Those of the bundles that nobody else has locked, locked until the transaction ends; a sweep comes again."""
    rows = Bundle.objects.filter(pk__in=bundle_ids).order_by("pk").select_for_update(skip_locked=True, no_key=True)
    return list(rows.values_list("pk", flat=True))


def note(bundle: Bundle, verb: str, *, actor: str, reason: str = "", data: dict[str, Any] | None = None) -> None:
    """A ledger row of what happened to a bundle without a move of it. The bundle is locked."""
    BundleEntry.objects.create(
        bundle=bundle, verb=verb, source=bundle.state, target=bundle.state, actor=actor, reason=reason, data=data or {}
    )
