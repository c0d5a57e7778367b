"""Serving those who wait, in the order in which they asked; a number serves one of them.

Every sweep begins with who asked first, and one entry of a kind (country and type) is looked at at a time, behind an
advisory lock: what was on sale when two sweeps began goes to whoever asked first, whichever sweep comes to it.

One entry is one transaction: what it was served with and that it was are written together, so whoever is killed leaves
it served or waiting, nothing between.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from accounts.nudges import nudge
from accounts.sweeping import take_each
from inventory.models import (
    PhoneNumber,
    Reservation,
    WaitlistEntry,
    WaitlistOffer,
    WaitlistServing,
    WaitMode,
    WaitState,
)
from inventory.refusals import Refused
from inventory.search.criteria import Criteria
from inventory.search.stock import search
from inventory.services import reservations
from inventory.waitlist.entries import criteria_of

#: So long a number that somebody was told of is told to nobody else: a head start, since it is held for nobody.
HEAD_START = timedelta(minutes=15)
AT_ONCE = 500  # entries of one kind at a sweep
_ALONE = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"
SPARE = 20  # rows that are read beyond what is wanted: some were told of just now


def serve_due() -> int:
    """Serve what can be served of every kind that somebody waits for; how many entries got something."""
    return sum(_serve_kind(country, number_type) for country, number_type in _kinds())


def _kinds() -> list[tuple[str, str]]:
    waiting = WaitlistEntry.objects.filter(state=WaitState.WAITING, expires_at__gt=timezone.now())
    return list(waiting.order_by().values_list("country", "number_type").distinct())


def _serve_kind(country: str, number_type: str) -> int:
    """Of what an earlier one found nothing on sale, a later one finds nothing either, and is not asked about."""
    waiting = WaitlistEntry.objects.filter(state=WaitState.WAITING, country=country, number_type=number_type)
    bare: set[Criteria] = set()
    served: list[int] = []

    def look(entry_id: int) -> None:
        entry = WaitlistEntry.objects.get(pk=entry_id)
        if (wanted := criteria_of(entry)) in bare:
            return
        found = serve(entry)
        if found is None:
            bare.add(wanted)
        elif found:
            served.append(entry_id)

    take_each("waitlist", list(waiting.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]), look)
    return len(served)


def serve(entry: WaitlistEntry) -> int | None:
    """Give the entry what is on sale and nobody was told of just now, up to what it still wants; how many numbers.
    None: there is nothing on sale that would do."""
    with transaction.atomic():
        _alone(entry)
        locked = WaitlistEntry.objects.select_for_update(of=("self",), no_key=True).select_related("account__parent")
        row = locked.get(pk=entry.pk)
        if row.state != WaitState.WAITING or row.expires_at <= timezone.now() or not row.account.is_active:
            return 0
        candidates = _candidates(row)
        numbers, basket = _taken(row, candidates)
        if numbers:
            _write(row, numbers, basket)
    return len(numbers) if candidates else None


def _alone(entry: WaitlistEntry) -> None:
    """Until the transaction ends nobody else serves this kind."""
    with connection.cursor() as cursor:
        cursor.execute(_ALONE, [f"inventory.waitlist:{entry.country}:{entry.number_type}"])


def _candidates(entry: WaitlistEntry) -> list[int]:
    """E.164 digits."""
    wanted = entry.quantity - entry.served
    rows = search(criteria_of(entry), account=entry.account, size=wanted + SPARE).rows
    return [row.e164 for row in rows]


def _taken(entry: WaitlistEntry, candidates: Sequence[int]) -> tuple[list[PhoneNumber], Reservation | None]:
    """Those that are the entry's now: locked, not told of to anybody just now, and never before to this one."""
    free = _free(entry, candidates)[: entry.quantity - entry.served]
    if not free or entry.mode == WaitMode.NOTIFY:
        return free, None
    try:
        with transaction.atomic():
            basket = reservations.reserve(account=entry.account, numbers=[number.e164 for number in free])
    except Refused:  # it holds as much as it may: it is looked at again, and nobody else's turn is held up
        return [], None
    return free, basket


def _free(entry: WaitlistEntry, candidates: Iterable[int]) -> list[PhoneNumber]:
    """The lock makes whoever looks at the number next see what is written of it here."""
    on_sale = PhoneNumber.objects.sellable(timezone.now()).filter(e164__in=list(candidates)).order_by("pk")
    locked = list(on_sale.select_for_update(skip_locked=True, no_key=True, of=("self",)))
    told = WaitlistOffer.objects.filter(number__in=locked)
    just_now = told.filter(at__gt=timezone.now() - HEAD_START) | told.filter(serving__entry=entry)
    kept = set(just_now.values_list("number", flat=True))
    return [number for number in locked if number.pk not in kept]


def _write(entry: WaitlistEntry, numbers: Sequence[PhoneNumber], basket: Reservation | None) -> None:
    now = timezone.now()
    serving = WaitlistServing.objects.create(
        entry=entry, reservation=basket, next_at=now if entry.status_callback else None
    )
    WaitlistOffer.objects.bulk_create(WaitlistOffer(serving=serving, number=number) for number in numbers)
    changes: dict[str, object] = {"served": F("served") + len(numbers)}
    if entry.served + len(numbers) == entry.quantity:
        changes |= {"state": WaitState.SERVED, "ended_at": now}
    WaitlistEntry.objects.filter(pk=entry.pk).update(**changes)
    if entry.status_callback:
        nudge("inventory.tasks.sweep_waitlist_callbacks")
