"""The life of a bulk run up to its first number: dry run, reason, a second person where it gives many up, undo."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from accounts.models import User
from accounts.nudges import nudge
from inventory.bulk.deeds import CHOOSABLE, DEEDS
from inventory.models import BulkItem, BulkOutcome, BulkRun, BulkState, BulkVerb, PhoneNumber
from inventory.refusals import NotToBeBegun, NotUndoable, OwnRun

MOST = 10_000  # numbers of one run
#: A dry run says how things are; after an hour they may be otherwise.
DRAFT_LIFETIME = timedelta(hours=1)
#: What somebody gives up in small runs counts together.
COUNTS_FOR = timedelta(days=1)
_BATCH = 2_000


def draft(*, verb: BulkVerb, numbers: Sequence[int], user: User, asked: Mapping[str, str] | None = None) -> BulkRun:
    """A dry run over the numbers of these ids, `MOST` at most: what would be done to which, and which would be left.

    `asked` is what the list was asked for. Raises NotToBeBegun for none, and for a verb that only undoes.
    """
    if verb not in CHOOSABLE:
        raise NotToBeBegun("This can't be asked for")
    chosen = sorted(set(numbers))[:MOST]
    if not chosen:
        raise NotToBeBegun("There are no numbers to do it to")
    capped = len(set(numbers)) > MOST
    with transaction.atomic():
        run = BulkRun.objects.create(
            verb=verb, requested_by=user, asked=dict(asked or {}), numbers=len(chosen), is_capped=capped
        )
        for start in range(0, len(chosen), _BATCH):
            _write_items(run, chosen[start : start + _BATCH])
    return run


def _write_items(run: BulkRun, ids: Iterable[int]) -> None:
    why_not = DEEDS[BulkVerb(run.verb)].why_not
    found = PhoneNumber.objects.filter(pk__in=ids).only("state", "blocked").order_by("pk")
    items = [BulkItem(run=run, number=number, why=why_not(number)) for number in found]
    for item in items:
        item.outcome = BulkOutcome.LEFT if item.why else BulkOutcome.OPEN
    BulkItem.objects.bulk_create(items)


def confirm(*, run: BulkRun, user: User, reason: str, kind: str = "") -> BulkRun:
    """Begin it, or let it wait for a second person: see `asks_for_two`. `kind` is that of blocks to be placed.

    Raises NotToBeBegun when it is not this person's, no longer a dry run, too old, or about nothing.
    """
    with transaction.atomic():
        locked = _locked(run)
        if locked.requested_by_id != user.pk or locked.state != BulkState.DRAFT:
            raise NotToBeBegun("It is begun already, or somebody else's")
        if locked.created_at < timezone.now() - DRAFT_LIFETIME:
            raise NotToBeBegun("The dry run is more than an hour old: make it anew")
        if not open_items(locked):
            raise NotToBeBegun("It applies to none of these numbers")
        locked.reason, locked.kind = reason, kind if locked.verb == BulkVerb.BLOCK else ""
        locked.needs_approval = asks_for_two(locked)
        if locked.needs_approval:
            locked.state = BulkState.WAITING
            locked.save()
        else:
            _begin(locked)
    return locked


def open_items(run: BulkRun) -> int:
    """How many numbers are still to be done."""
    return run.items.filter(outcome=BulkOutcome.OPEN).count()


def asks_for_two(run: BulkRun) -> bool:
    """Whether somebody else must approve: it gives numbers up, and with what the same person gave up in bulk within a
    day these are more than BULK_RELEASES_ALONE."""
    if not DEEDS[BulkVerb(run.verb)].gives_up:
        return False
    lately = BulkRun.objects.filter(
        requested_by=run.requested_by_id,
        created_at__gt=timezone.now() - COUNTS_FOR,
        verb__in=[verb for verb, deed in DEEDS.items() if deed.gives_up],
        needs_approval=False,
        state__in=(BulkState.RUNNING, BulkState.DONE, BulkState.STOPPED),
    )
    given_up: int = lately.aggregate(numbers=Sum("numbers"))["numbers"] or 0
    return given_up + open_items(run) > settings.BULK_RELEASES_ALONE


def approve(*, run: BulkRun, user: User, remark: str) -> BulkRun:
    """A second person lets it begin. Raises OwnRun, NotToBeBegun."""
    with transaction.atomic():
        locked = _decided(run, user, remark)
        _begin(locked)
    return locked


def refuse(*, run: BulkRun, user: User, remark: str) -> BulkRun:
    """A second person does not. Raises OwnRun, NotToBeBegun."""
    with transaction.atomic():
        locked = _decided(run, user, remark)
        locked.state, locked.ended_at = BulkState.REFUSED, timezone.now()
        locked.save()
    return locked


def withdraw(*, run: BulkRun, user: User, remark: str) -> BulkRun:
    """Who asked for approval takes it back; nothing is done. Raises NotToBeBegun when it is not theirs, or decided."""
    with transaction.atomic():
        locked = _locked(run)
        if locked.state != BulkState.WAITING or locked.requested_by_id != user.pk:
            raise NotToBeBegun("It does not wait any more, or somebody else asked for it")
        locked.state, locked.ended_at, locked.remark = BulkState.DROPPED, timezone.now(), remark
        locked.save()
    return locked


def stop(*, run: BulkRun, remark: str) -> BulkRun:
    """Begin no further number; what is done stays done. Raises NotToBeBegun when it does not run."""
    with transaction.atomic():
        locked = _locked(run)
        if locked.state != BulkState.RUNNING:
            raise NotToBeBegun("It does not run")
        locked.state, locked.next_attempt_at, locked.ended_at = BulkState.STOPPED, None, timezone.now()
        locked.remark = remark
        locked.save()
    return locked


def undo(*, run: BulkRun, user: User, reason: str) -> BulkRun:
    """A run of its own that takes back what this one did, number by number. Raises NotUndoable."""
    with transaction.atomic():
        locked = _locked(run)
        back = way_back(locked)
        if back is None:
            raise NotUndoable("There is no way back, or it is taken already")
        done = list(locked.items.filter(outcome=BulkOutcome.DONE).order_by("number_id"))
        undoing = BulkRun.objects.create(
            verb=back, requested_by=user, numbers=len(done), undoes=locked, reason=reason, **_running()
        )
        BulkItem.objects.bulk_create(
            [BulkItem(run=undoing, number_id=item.number_id, blocks=item.blocks) for item in done], batch_size=_BATCH
        )
        nudge("inventory.tasks.bulk_stretch", undoing.pk)
    return undoing


def way_back(run: BulkRun) -> BulkVerb | None:
    """The verb that undoes it; None where nothing does, nothing was done, it still runs, or it was undone."""
    back = DEEDS[BulkVerb(run.verb)].undone_by
    if back is None or run.state not in (BulkState.DONE, BulkState.STOPPED):
        return None
    was = BulkRun.objects.filter(undoes=run).exists() or not run.items.filter(outcome=BulkOutcome.DONE).exists()
    return None if was else back


def _locked(run: BulkRun) -> BulkRun:
    return BulkRun.objects.select_for_update(no_key=True, of=("self",)).get(pk=run.pk)


def _decided(run: BulkRun, user: User, remark: str) -> BulkRun:
    locked = _locked(run)
    if locked.state != BulkState.WAITING:
        raise NotToBeBegun("It does not wait for anybody")
    if locked.requested_by_id == user.pk:
        raise OwnRun
    locked.decided_by, locked.decided_at, locked.remark = user, timezone.now(), remark
    return locked


def _begin(run: BulkRun) -> None:
    for column, value in _running().items():
        setattr(run, column, value)
    run.save()
    nudge("inventory.tasks.bulk_stretch", run.pk)


def _running() -> dict[str, Any]:
    now = timezone.now()
    return {"state": BulkState.RUNNING, "begun_at": now, "next_attempt_at": now}
