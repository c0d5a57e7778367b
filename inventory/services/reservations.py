"""Reservations: hold up to a hundred numbers while the customer makes up its mind. All of them, or none."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Sum
from django.db.models.functions import Least
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Account
from inventory.lifecycle import State
from inventory.models import Hold, PhoneNumber, Reservation
from inventory.models.reservation import HoldEnd
from inventory.refusals import (
    AccountNotActive,
    HeldTooLong,
    NotAvailable,
    ReservationEnded,
    ReservationTooLong,
    TooManyHeld,
)
from inventory.services import holds
from inventory.services.stock_rows import locked_in_order
from inventory.services.testing import retest_clock
from inventory.services.transition import move_each, move_locked
from inventory.shelves import demand
from numbering.e164 import E164

MAX_NUMBERS = 100
MAX_HELD = 300  # by one account: what is held is withheld from all others, and costs its holder nothing
USUAL = timedelta(minutes=15)
LONGEST = timedelta(hours=2)
DAY = timedelta(hours=24)  # in which an account may hold a number for LONGEST, in however many reservations


def reserve(*, account: Account, numbers: Sequence[int], lasting: timedelta = USUAL) -> Reservation:
    """Hold these numbers (E.164 digits) for the account, all or none, until now + `lasting`.

    Numbers that somebody has locked in this moment count as taken: no waiting, so two baskets can't deadlock. Raises
    NotAvailable naming every number that can't be had, AccountNotActive, ReservationTooLong, TooManyHeld, HeldTooLong.
    """
    if lasting > LONGEST:
        raise ReservationTooLong(_("Numbers may be held for two hours at most"))
    try:
        return _reserve(account, set(numbers), lasting)
    except NotAvailable as refusal:
        demand.refused_basket(account, [number.digits for number in refusal.numbers if isinstance(number, E164)])
        raise


@transaction.atomic
def _reserve(account: Account, wanted: set[int], lasting: timedelta) -> Reservation:
    _check_holder(account, len(wanted))
    _lapse_overdue(wanted)
    reservation = Reservation.objects.create(account=account, expires_at=timezone.now() + lasting)
    held = _hold(wanted, reservation)
    if missing := sorted(wanted - {number.e164 for number in held}):
        raise NotAvailable(*map(E164.from_int, missing))
    _check_turn(reservation, held, lasting)
    Hold.objects.bulk_create([Hold(reservation=reservation, number=number) for number in held])
    return reservation


def extend(*, reservation: Reservation, lasting: timedelta) -> Reservation:
    """Hold until now + `lasting`, at most two hours after the reservation was made.

    Raises ReservationTooLong, ReservationEnded, HeldTooLong.
    """
    until = timezone.now() + lasting
    with transaction.atomic():
        locked = Reservation.objects.select_for_update().get(pk=reservation.pk)
        if until > locked.created_at + LONGEST:
            raise ReservationTooLong(_("Numbers may be held for two hours in all"))
        held = _locked_holdings(locked)
        if locked.released_at or locked.expires_at <= timezone.now() or not held:
            raise ReservationEnded(_("Reservation %(sid)s has ended") % {"sid": locked.sid})
        _check_turn(locked, held, until - locked.created_at)
        PhoneNumber.objects.filter(pk__in=[number.pk for number in held]).update(due_at=until)
        locked.expires_at = until
        locked.save(update_fields=["expires_at"])
    return locked


def release(*, reservation: Reservation) -> None:
    """Put what it still holds back on sale. Doing it twice does no harm."""
    now = timezone.now()
    with transaction.atomic():
        locked = Reservation.objects.select_for_update().get(pk=reservation.pk)
        held = _locked_holdings(locked)
        actor = f"account:{reservation.account.sid}"
        move_locked(held, "lapse", actor=actor, reason="the hold was given up", changes=retest_clock())
        holds.end(held, HoldEnd.RELEASED, now)
        if locked.released_at is None:
            locked.released_at = now
            locked.save(update_fields=["released_at"])


def room(account: Account) -> int:
    """How many more numbers the account may hold now."""
    return max(0, MAX_HELD - _held(account))


def lapse_due(*, limit: int) -> int:
    """Put up to `limit` numbers whose hold ran out back on sale; how many that were."""
    now = timezone.now()
    with transaction.atomic():
        overdue = PhoneNumber.objects.due(State.RESERVED, now)
        why = "the hold ran out"
        lapsed = move_each(overdue, "lapse", limit=limit, actor=holds.SWEEP, reason=why, changes=retest_clock())
        holds.end(lapsed, HoldEnd.LAPSED, now)
    return len(lapsed)


def _check_holder(account: Account, more: int) -> None:
    """The account as it is now. The lock makes its baskets wait for each other, so that the cap holds in a race, and
    meets the one of `closing`: whichever comes second sees what the first one did."""
    locked = Account.objects.select_related("parent").select_for_update(no_key=True, of=("self",)).get(pk=account.pk)
    if not locked.is_active:
        raise AccountNotActive(account.sid)
    held = _held(locked)
    if held + more > MAX_HELD:
        said = _("An account may hold %(most)s numbers at a time; %(held)s are held already")
        raise TooManyHeld(said % {"most": MAX_HELD, "held": held})


def _held(account: Account) -> int:
    return PhoneNumber.objects.filter(holder=account, state=State.RESERVED, due_at__gt=timezone.now()).count()


def _check_turn(reservation: Reservation, numbers: Sequence[PhoneNumber], lasting: timedelta) -> None:
    """Whoever lets a number go and takes it again, and again, withholds it from all others: holds without a purchase
    count together. The sweep may have come late; a hold has not lasted longer than it was to."""
    past = Hold.objects.filter(number__in=numbers, ended_at__gt=timezone.now() - DAY).exclude(ended=HoldEnd.BOUGHT)
    lasted = Least("ended_at", "reservation__expires_at") - F("reservation__created_at")
    held = past.filter(reservation__account=reservation.account_id).values("number__e164").annotate(held=Sum(lasted))
    if over := held.filter(held__gt=LONGEST - lasting).order_by("number__e164").values_list("number__e164", flat=True):
        raise HeldTooLong(*map(E164.from_int, over))


def _locked_holdings(reservation: Reservation) -> list[PhoneNumber]:
    """What the reservation holds, locked.

    Its holds are read once more behind the locks: while we waited for one, it may have lapsed and the number gone into
    somebody else's basket, which the row of the number alone does not tell.
    """
    active = Hold.objects.filter(reservation=reservation, ended="").values("number")
    locked = locked_in_order(PhoneNumber.objects.filter(state=State.RESERVED, pk__in=active))
    still = set(active.filter(number__in=locked).values_list("number", flat=True))
    return [number for number in locked if number.pk in still]


def _lapse_overdue(wanted: set[int]) -> None:
    """Holds that ran out but were not swept yet do not stand in the way."""
    now = timezone.now()
    overdue = PhoneNumber.objects.filter(e164__in=wanted, state=State.RESERVED, due_at__lte=now).order_by("pk")
    if found := list(overdue.select_for_update(skip_locked=True, no_key=True, of=("self",))):
        holds.lapse(found, now)


def _hold(wanted: set[int], reservation: Reservation) -> list[PhoneNumber]:
    return move_each(
        PhoneNumber.objects.sellable(timezone.now()).filter(e164__in=wanted),
        "reserve",
        limit=MAX_NUMBERS,
        actor=f"account:{reservation.account.sid}",
        changes={"holder": reservation.account, "due_at": reservation.expires_at},
        data={"reservation": reservation.sid},
    )
