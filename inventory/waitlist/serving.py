"""Serving one who waits; a number serves one of them.

One entry of a kind (country and type) is looked at at a time, behind an advisory lock: what was on sale when two rounds
began goes to whoever asked first, whichever round comes to it.

One entry is one transaction: what it was served with and that it was are written together, so whoever is killed leaves
it served or waiting, nothing between.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.nudges import nudge
from accounts.services.memberships import address_of
from inventory.models import (
    PhoneNumber,
    Reservation,
    WaitlistEntry,
    WaitlistOffer,
    WaitlistServing,
    WaitMode,
    WaitState,
)
from inventory.refusals import HeldTooLong, Refused
from inventory.search.stock import search
from inventory.services import reservations
from inventory.waitlist.entries import criteria_of

#: So long a number that somebody was told of is told to nobody else: a head start, since it is held for nobody.
HEAD_START = timedelta(minutes=15)
_ALONE = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"
SPARE = 20  # rows that are read beyond what is wanted: some were told of just now
STRETCH = 500  # rows that are read at a time when those were not enough
TRIES = 10  # baskets that are put together anew without what the account has held for too long


def serve(entry: WaitlistEntry) -> int | None:
    """Give the entry what is on sale, it was not told of, and nobody was told of just now, up to what it still wants;
    how many numbers. None: there is nothing on sale that would do."""
    with transaction.atomic():
        _alone(entry)
        locked = WaitlistEntry.objects.select_for_update(of=("self",), no_key=True).select_related("account__parent")
        row = locked.get(pk=entry.pk)
        if row.state != WaitState.WAITING or row.expires_at <= timezone.now() or not row.account.is_active:
            return 0
        wanted = row.quantity - row.served
        if row.mode == WaitMode.RESERVE:
            wanted = min(wanted, reservations.room(row.account))
        if not wanted:
            return 0
        looked = _Looked(row)
        numbers, basket = _taken(looked, wanted)
        if numbers:
            _write(row, numbers, basket)
    return len(numbers) if looked.saw_any else None


def _alone(entry: WaitlistEntry) -> None:
    """Until the transaction ends nobody else serves this kind, so what was told of just now is written."""
    with connection.cursor() as cursor:
        cursor.execute(_ALONE, [f"inventory.waitlist:{entry.country}:{entry.number_type}"])


class _Looked:
    """What is on sale for an entry: read on while what was read is not enough. `saw_any`: that would do at all."""

    def __init__(self, entry: WaitlistEntry) -> None:
        self.entry, self.saw_any = entry, False

    def free(self, wanted: int, without: set[int]) -> list[PhoneNumber]:
        """Up to so many, locked, none of them of these ids."""
        found: list[PhoneNumber] = []
        for digits in self._stretches(wanted + SPARE):
            rows = _untold(self.entry).filter(e164__in=digits).exclude(pk__in=without).order_by("pk")
            locked = rows.select_for_update(skip_locked=True, no_key=True, of=("self",))
            found += locked[: wanted - len(found)]
            if len(found) == wanted:
                break
        return found

    def _stretches(self, size: int) -> Iterator[list[int]]:
        """E.164 digits, from the account's place in the shop window on until all of it was seen."""
        after = None
        while True:
            page = search(criteria_of(self.entry), account=self.entry.account, size=size, after=after)
            self.saw_any = self.saw_any or bool(page.rows)
            yield [row.e164 for row in page.rows]
            after, size = page.following, STRETCH
            if after is None:
                return


def _untold(entry: WaitlistEntry) -> QuerySet[PhoneNumber]:
    told = WaitlistOffer.objects.filter(number=OuterRef("pk"))
    told = told.filter(Q(at__gt=timezone.now() - HEAD_START) | Q(serving__entry=entry))
    return PhoneNumber.objects.sellable(timezone.now()).exclude(Exists(told))


def _taken(looked: _Looked, wanted: int) -> tuple[list[PhoneNumber], Reservation | None]:
    """Those that are the entry's now. What its account has held for as long as it may, it can't have: others may do."""
    without: set[int] = set()
    for _ in range(TRIES):
        numbers = looked.free(wanted, without)
        if not numbers or looked.entry.mode == WaitMode.NOTIFY:
            return numbers, None
        try:
            with transaction.atomic():
                basket = reservations.reserve(account=looked.entry.account, numbers=[number.e164 for number in numbers])
        except HeldTooLong as refusal:
            without |= {number.pk for number in numbers if number.number in refusal.numbers}
        except Refused:  # it holds as much as it may: it is looked at again, and nobody else's turn is held up
            break
        else:
            return numbers, basket
    return [], None


def _write(entry: WaitlistEntry, numbers: Sequence[PhoneNumber], basket: Reservation | None) -> None:
    now = timezone.now()
    is_told = bool(entry.status_callback or address_of(entry.account))
    serving = WaitlistServing.objects.create(entry=entry, reservation=basket, next_at=now if is_told else None)
    WaitlistOffer.objects.bulk_create(WaitlistOffer(serving=serving, number=number) for number in numbers)
    changes: dict[str, object] = {"served": F("served") + len(numbers)}
    if entry.served + len(numbers) == entry.quantity:
        changes |= {"state": WaitState.SERVED, "ended_at": now}
    WaitlistEntry.objects.filter(pk=entry.pk).update(**changes)
    if is_told:
        nudge("inventory.tasks.sweep_waitlist_callbacks")
