"""The time machine: a number as it was at one instant, from what was written down when it changed.

State from the ledger; holder from the assignments and reservations; capabilities and papers from the rows of the past.
Each is read by an index, and of each one row, so an old number costs what a young one does.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.db.models import Q, QuerySet

from accounts.models import Account
from inventory.history.holders import Holding, holding
from inventory.lifecycle import State
from inventory.models import LifecycleEntry, NumberBlock, PastCapabilities, PhoneNumber


class Abilities(NamedTuple):
    """What its provider said that it carries, and what the last full suite before had proved (bitmasks)."""

    declared: int
    tested: int
    tested_at: datetime | None
    passport_expires_at: datetime | None


class Moment(NamedTuple):
    """A number at an instant. `entry` is the move that had brought it there; `life` counts its lives with us, from 1.

    `abilities` None: the suite of that time left no trace. It was before traces were kept.
    """

    at: datetime
    number: PhoneNumber
    life: int
    entry: LifecycleEntry
    holding: Holding
    abilities: Abilities | None

    @property
    def state(self) -> State:
        """Where it was in its life."""
        return State(self.entry.target)

    def blocks(self) -> QuerySet[NumberBlock]:
        """The blocks that were open then, oldest first."""
        still = Q(cleared_at__isnull=True) | Q(cleared_at__gt=self.at)
        return NumberBlock.objects.filter(still, number=self.number, since__lte=self.at).order_by("since", "pk")


def moment(e164: int, at: datetime) -> Moment | None:
    """The number as it was at `at`, which is not in the future; None: we did not have it yet."""
    lives = _lives(e164)
    entry = _standing(_last_entries(lives, at))
    if entry is None:
        return None
    number = next(each for each in lives if each.pk == entry.number_id)
    return Moment(
        at=at,
        number=number,
        life=lives.index(number) + 1,
        entry=entry,
        holding=holding(entry, at),
        abilities=_abilities(number, at),
    )


def held_by(account: Account, of: Moment) -> bool:
    """Whether the account had it then: in service, reserved, or to be taken back."""
    return of.holding.account_sid == account.sid


def _lives(e164: int) -> list[PhoneNumber]:
    """Every row of the number, in the order of birth. Two questions: two partial indexes hold them."""
    rows = PhoneNumber.objects.filter(e164=e164).select_related("provider")
    return sorted([*rows.filter(state=State.RETURNED), *rows.live()], key=lambda each: each.pk)


def _last_entries(lives: Iterable[PhoneNumber], at: datetime) -> list[LifecycleEntry]:
    """The last move of each life before the instant."""
    moves = LifecycleEntry.objects.filter(number__in=list(lives), at__lte=at)
    return list(moves.order_by("number_id", "-at", "-pk").distinct("number_id"))


def _standing(entries: Iterable[LifecycleEntry]) -> LifecycleEntry | None:
    """Of the lives that had begun, the one that was not over; or the last. (A double that was delivered and went back
    at once is born RETURNED, in the middle of another life.)"""
    return max(entries, key=lambda each: (each.target != State.RETURNED, each.at, each.pk), default=None)


def _abilities(number: PhoneNumber, at: datetime) -> Abilities | None:
    traces = PastCapabilities.objects.filter(number=number)
    past = traces.filter(until__gt=at).order_by("until", "pk").first()
    if past:
        found = Abilities(past.declared, past.tested, past.tested_at, past.passport_expires_at)
    else:
        found = Abilities(
            number.declared_capabilities, number.capabilities, number.tested_at, number.passport_expires_at
        )
    is_later = found.tested_at is not None and found.tested_at > at
    return None if is_later and not traces.filter(until__lte=at).exists() else found
