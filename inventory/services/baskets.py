"""What an account holds without having bought it, and what it held a moment ago."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from django.db.models import Q
from django.utils import timezone

from accounts.models import Account
from inventory.blockers import blockers
from inventory.lifecycle import State
from inventory.models import Hold, PhoneNumber, Reservation
from inventory.models.reservation import HoldEnd
from inventory.services.reservations import LONGEST, USUAL

#: So long is told that a hold ran out, and of the newest reservations only.
LATELY, NEWEST = timedelta(hours=2), 100


class Held(NamedTuple):
    """A number that is held. `beside`: how many others the same reservation holds, which end with it."""

    number: PhoneNumber
    reservation: Reservation
    beside: int

    @property
    def more(self) -> timedelta:
        """By how much longer it can be held; nothing: two hours in all are reached, or will be."""
        return _more(self.reservation)


def held_by(account: Account) -> list[Held]:
    """Everything that is held for the account now, however it was reserved; what ends first comes first."""
    now = timezone.now()
    mine = Hold.objects.filter(
        ended="", number__holder=account, number__state=State.RESERVED, number__due_at__gt=now
    ).select_related("number__place", "reservation")
    holds = list(mine.order_by("reservation__expires_at", "number__e164"))
    together = [hold.reservation_id for hold in holds]
    return [Held(hold.number, hold.reservation, together.count(hold.reservation_id) - 1) for hold in holds]


class Lapsed(NamedTuple):
    """A number whose hold ran out. `is_free`: whether the account can have it again."""

    number: PhoneNumber
    is_free: bool


def lapsed_lately(account: Account) -> list[Lapsed]:
    """Numbers whose hold ran out in the last two hours and that the account neither holds nor has since; the last one
    first. Who has them now is nobody else's business."""
    now = timezone.now()
    newest = list(Reservation.objects.filter(account=account).order_by("-pk").values_list("pk", flat=True)[:NEWEST])
    over = Q(ended=HoldEnd.LAPSED) | Q(ended="")
    ended = Hold.objects.filter(over, reservation__in=newest, reservation__expires_at__range=(now - LATELY, now))
    holds = ended.select_related("number__place", "reservation").order_by("-reservation__expires_at", "number__e164")
    numbers = {hold.number_id: hold.number for hold in holds}
    return [Lapsed(each, _is_free(account, each, now)) for each in numbers.values() if not _has(account, each, now)]


class Within(StrEnum):
    """Whether an account can have a number. `YOURS`: it has it, or may take it back; `HELD`: it is held for it; `FREE`:
    it can be reserved; `GONE`: it can't be had now, and why not is nobody else's business."""

    YOURS = "yours"
    HELD = "held"
    FREE = "free"
    GONE = "gone"


def reach_of(account: Account, e164: int) -> Within:
    """Whether the account can have that number, by one query or two."""
    number = PhoneNumber.objects.live().filter(e164=e164).first()
    now = timezone.now()
    if number is None:
        return Within.GONE
    if _has(account, number, now):
        return Within.HELD if number.state == State.RESERVED else Within.YOURS
    return Within.FREE if _is_free(account, number, now) else Within.GONE


def longer(reservation: Reservation) -> timedelta:
    """How long it is held from now on, if it is held a usual time longer, or as much of that as is allowed."""
    return reservation.expires_at - timezone.now() + _more(reservation)


def _more(reservation: Reservation) -> timedelta:
    """A second short of what is allowed: until it is asked for, a moment passes."""
    left = reservation.created_at + LONGEST - reservation.expires_at - timedelta(seconds=1)
    return max(timedelta(0), min(USUAL, left))


def _has(account: Account, number: PhoneNumber, now: datetime) -> bool:
    return number.holder_id == account.pk and not _is_overdue(number, now)


def _is_free(account: Account, number: PhoneNumber, now: datetime) -> bool:
    """On sale, or held no longer though the sweep has not come by yet."""
    return not blockers(number, now, buyer=account if _is_overdue(number, now) else None)


def _is_overdue(number: PhoneNumber, now: datetime) -> bool:
    return number.state == State.RESERVED and number.due_at is not None and number.due_at <= now
