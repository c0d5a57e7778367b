"""The only writer of a number's state: lock, check the table, change the row, write the ledger, in one transaction."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from inventory.lifecycle import HELD, MOVES, IllegalMove, Move
from inventory.models import LifecycleEntry, PhoneNumber
from inventory.querysets import NumberQuerySet


def move(number_id: int, verb: str, *, actor: str, reason: str = "", **details: Any) -> PhoneNumber:
    """Move one number and return it as it now is.

    `details` may carry `rule` and `data` (for the ledger) and `changes`, a dict of other columns to set with the state.
    A move clears `due_at` (each state has its own clock) and, outside the held states, `holder`, unless told otherwise.
    A change may be an expression, which the instance then carries as Django's own do: read it again to know the value.
    Raises IllegalMove when the number is not in a state that the verb starts from, PhoneNumber.DoesNotExist.
    """
    step = MOVES[verb]
    with transaction.atomic():
        locked = PhoneNumber.objects.select_for_update(no_key=True, of=("self",)).get(pk=number_id)
        if locked.state not in step.sources:
            raise IllegalMove(str(locked), verb, locked.state)
        _write([locked], verb, step, actor=actor, reason=reason, **details)
    return locked


def move_locked(locked: Sequence[PhoneNumber], verb: str, *, actor: str, reason: str = "", **details: Any) -> None:
    """Move numbers that the caller's transaction has read with FOR UPDATE: for verbs that first look at the row.

    Raises IllegalMove, having moved none, when one is not in a state that the verb starts from.
    """
    step = MOVES[verb]
    for number in locked:
        if number.state not in step.sources:
            raise IllegalMove(str(number), verb, number.state)
    _write(locked, verb, step, actor=actor, reason=reason, **details)


def move_each(
    numbers: NumberQuerySet, verb: str, *, limit: int, actor: str, reason: str = "", **details: Any
) -> list[PhoneNumber]:
    """Move up to `limit` of these numbers in one transaction, passing over rows that somebody else has locked.

    Numbers that are no longer in a state the verb starts from are left alone: a sweep takes what it finds.
    """
    step = MOVES[verb]
    with transaction.atomic():
        waiting = numbers.filter(state__in=step.sources).select_for_update(skip_locked=True, no_key=True, of=("self",))
        locked = list(waiting[:limit])
        _write(locked, verb, step, actor=actor, reason=reason, **details)
    return locked


def _write(
    locked: Sequence[PhoneNumber],
    verb: str,
    step: Move,
    *,
    actor: str,
    reason: str,
    rule: str = "",
    data: dict[str, Any] | None = None,
    changes: dict[str, Any] | None = None,
) -> None:
    """Change rows that this transaction has locked, and say so in the ledger."""
    if not locked:
        return
    entries = [
        LifecycleEntry(
            number=number,
            verb=verb,
            source=number.state,
            target=step.target,
            actor=actor,
            reason=reason,
            rule=rule,
            data=data or {},
        )
        for number in locked
    ]
    columns = _columns(step, changes or {})
    PhoneNumber.objects.filter(pk__in=[number.pk for number in locked]).update(**columns)
    for number in locked:
        for column, value in columns.items():
            setattr(number, column, value)
    LifecycleEntry.objects.bulk_create(entries)


def _columns(step: Move, changes: dict[str, Any]) -> dict[str, Any]:
    columns: dict[str, Any] = {"state": step.target, "state_since": timezone.now(), "due_at": None}
    if step.target not in HELD:
        columns["holder"] = None
    return columns | changes


def record_birth(numbers: Iterable[PhoneNumber], *, actor: str, reason: str) -> None:
    """The first ledger row of numbers just inserted: SOURCED, or RETURNED for a double that goes back at once.

    Call it in the inserting transaction.
    """
    LifecycleEntry.objects.bulk_create(
        [
            LifecycleEntry(number=number, verb="source", source="", target=number.state, actor=actor, reason=reason)
            for number in numbers
        ]
    )
