"""Getting on the waitlist and off it."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Account
from accounts.nudges import nudge
from inventory.models import DemandKind, WaitlistEntry, WaitMode, WaitState
from inventory.refusals import AccountNotActive, NobodysAreaCode, NobodysCountry, TooManyWaiting
from inventory.search.criteria import Criteria, Whereabouts
from inventory.search.stock import search
from inventory.shelves import demand
from numbering.areas import may_have
from numbering.patterns import Pattern
from numbering.plan import country_code
from numbering.types import NumberType

#: What one account may wait for at a time: a long queue of one customer's would be everybody else's wait.
MOST_ENTRIES = 20
USUAL, LONGEST = timedelta(days=30), timedelta(days=90)


@dataclass(frozen=True)
class Wish:
    """What is wanted; blanks ask nothing. `contains` is a pattern as a search takes it."""

    country: str
    number_type: NumberType
    area_code: str = ""
    locality: str = ""
    contains: str = ""
    capabilities: int = 0


def wait(
    *,
    account: Account,
    wish: Wish,
    quantity: int = 1,
    mode: WaitMode = WaitMode.NOTIFY,
    lasting: timedelta = USUAL,
    status_callback: str = "",
) -> WaitlistEntry:
    """Put the account's wish at the end of the queue. What is not on sale now counts as demand that was not filled.

    Raises NobodysCountry, NobodysAreaCode, TooManyWaiting, AccountNotActive.
    """
    _check_possible(wish)
    entry = WaitlistEntry(
        account=account,
        **vars(wish),
        quantity=quantity,
        mode=mode,
        expires_at=timezone.now() + lasting,
        status_callback=status_callback,
    )
    with transaction.atomic():
        _check_room(account)
        criteria = criteria_of(entry)
        missing = quantity - len(search(criteria, account=account, size=quantity).rows)
        if missing > 0:
            units = missing + _waited_for_today(account, wish)
            if demand.not_enough(account, criteria, units, DemandKind.WAITLIST):
                entry.counted = missing
        entry.save(force_insert=True)
        if missing < quantity:  # else the sweep finds out when something comes
            nudge("inventory.tasks.serve_waitlist", entry.country, entry.number_type)
    entry.refresh_from_db()
    return entry


def cancel(entry: WaitlistEntry, *, actor: str, reason: str = "") -> None:
    """Take it off the queue; staff say why. What has ended stays as it ended."""
    waiting = WaitlistEntry.objects.filter(pk=entry.pk, state=WaitState.WAITING)
    waiting.update(state=WaitState.CANCELLED, ended_at=timezone.now(), ended_by=actor, reason=reason)


def expire_due(limit: int) -> int:
    """End up to `limit` entries whose time is over; how many that were."""
    due = WaitlistEntry.objects.filter(state=WaitState.WAITING, expires_at__lte=timezone.now()).order_by("expires_at")
    with transaction.atomic():
        ids = list(due.select_for_update(skip_locked=True).values_list("pk", flat=True)[:limit])
        return WaitlistEntry.objects.filter(pk__in=ids).update(state=WaitState.EXPIRED, ended_at=timezone.now())


def wish_of(entry: WaitlistEntry) -> Wish:
    """What the entry wants, whoever asked and however many."""
    return Wish(**{name: getattr(entry, name) for name in Wish.__dataclass_fields__})


def criteria_of(entry: WaitlistEntry) -> Criteria:
    """The search that the entry repeats."""
    return Criteria(
        country=entry.country,
        number_type=NumberType(entry.number_type),
        capabilities=entry.capabilities,
        pattern=Pattern.parse(entry.contains) if entry.contains else None,
        area_code=entry.area_code or None,
        whereabouts=Whereabouts(locality=entry.locality or None),
    )


def _check_possible(wish: Wish) -> None:
    """Nobody waits for what can never come."""
    if not country_code(wish.country):
        raise NobodysCountry(wish.country)
    if not may_have(wish.country, wish.number_type, wish.area_code):
        raise NobodysAreaCode(wish.country, wish.area_code)


def _waited_for_today(account: Account, wish: Wish) -> int:
    """How many the account's entries of this wish and UTC day lacked when they were made: its demand of one day is one
    event. Who cancels and waits again has not asked twice."""
    today = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    mine = WaitlistEntry.objects.filter(account=account, created_at__gte=today, **vars(wish))
    counted = mine.exclude(state=WaitState.CANCELLED).aggregate(units=Sum("counted", default=0))
    return int(counted["units"])


def _check_room(account: Account) -> None:
    """The account's lock makes its requests wait for each other, so that the cap holds in a race."""
    locked = Account.objects.select_related("parent").select_for_update(no_key=True, of=("self",)).get(pk=account.pk)
    if not locked.is_active:
        raise AccountNotActive(account.sid)
    if WaitlistEntry.objects.filter(account=account, state=WaitState.WAITING).count() >= MOST_ENTRIES:
        raise TooManyWaiting(_("An account may wait for %(most)s things at a time") % {"most": MOST_ENTRIES})
