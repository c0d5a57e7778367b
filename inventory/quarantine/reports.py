"""Reports of unwanted traffic by new owners (design A4, last rule): written down once for each DID, for 30 days.

Who keeps the number teaches the next fit that its last stay ended too early (`lessons`). Who gives it back sends it to
quarantine as anybody does, with what was seen before and what was told (`returns`). A report moves no number.
"""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from inventory.models import Did, PhoneNumber, Quarantine, UnwantedKind, UnwantedTraffic
from inventory.models.unwanted_traffic import WINDOW
from inventory.refusals import NotInService, NotItsDay, TooLateToReport


@transaction.atomic
def report(
    *, did: Did, kind: UnwantedKind, a_day: int, since: date | None = None, note: str = ""
) -> tuple[UnwantedTraffic, bool]:
    """Write down what the owner of the DID tells, and whether that is new: the first report of a DID stays as it is.

    `since` is the first day of it (UTC), that of the purchase unless told; `a_day` is calls and messages a day.
    Raises NotInService, TooLateToReport, NotItsDay.
    """
    PhoneNumber.objects.select_for_update(no_key=True, of=("self",)).get(pk=did.number_id)
    if not Did.objects.filter(pk=did.pk, account=did.account_id, ended_at=None).exists():
        raise NotInService(f"{did.sid} is not in service in this account")
    if told := UnwantedTraffic.objects.filter(did=did).first():
        return told, False
    now, day = timezone.now(), since or did.created_at.date()
    _check(did, now, day)
    said = {"kind": kind, "a_day": a_day, "since": day, "note": note, "reported_at": now}
    whose = {"number_id": did.number_id, "account_id": did.account_id, "stay": last_stay(did.number_id)}
    return UnwantedTraffic.objects.create(did=did, had_since=did.created_at, **whose, **said), True


def last_stay(number_id: int) -> Quarantine | None:
    """The last one of the number that is over, by the index quarantine_past; one that was imported on sale has none."""
    return Quarantine.objects.filter(number=number_id, ended_at__isnull=False).order_by("-ended_at").first()


def _check(did: Did, now: datetime, day: date) -> None:
    if now > did.created_at + WINDOW:
        raise TooLateToReport(f"Unwanted traffic can be reported for {WINDOW.days} days after the purchase")
    if not did.created_at.date() <= day <= now.date():
        raise NotItsDay(f"{day} is not between the purchase, on {did.created_at.date()}, and today")
