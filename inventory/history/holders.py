"""Who had a number by a move of its ledger, under which SID, and on which papers."""

from datetime import datetime
from typing import NamedTuple

from inventory.lifecycle import State
from inventory.models import Assignment, Did, LifecycleEntry, PastPapers, Reservation


class Holding(NamedTuple):
    """Blank where there was none: nobody held it, it was only reserved, or nobody asked for papers."""

    account_sid: str = ""
    did_sid: str = ""
    bundle_sid: str = ""
    address_sid: str = ""


def holding(entry: LifecycleEntry, at: datetime) -> Holding:
    """Who had the number at `at`, of which `entry` is the last move before."""
    if entry.target == State.RESERVED:
        return Holding(account_sid=_reserver(entry))
    if entry.target not in (State.IN_SERVICE, State.RELEASED):
        return Holding()
    did = Did.objects.select_related("account").get(sid=entry.data["did"])
    assignment = _assignment(did, entry)
    if entry.target == State.RELEASED:  # it may be taken back, on papers that are asked for then
        return Holding(assignment.account.sid, did.sid)
    return Holding(assignment.account.sid, did.sid, *_papers(did, assignment.account_id, at))


def _reserver(entry: LifecycleEntry) -> str:
    """A purchase reserves in its own name, everybody else by a reservation."""
    if sid := entry.data.get("reservation"):
        return Reservation.objects.values_list("account__sid", flat=True).get(sid=sid)
    return entry.actor.removeprefix("account:")


def _assignment(did: Did, entry: LifecycleEntry) -> Assignment:
    """The one that the move opened, which is written a moment after the ledger; of a release the one that it ended."""
    rows = Assignment.objects.select_related("account").filter(did=did)
    if entry.target == State.RELEASED:
        return rows.filter(valid__startswith__lte=entry.at).latest("valid")
    return rows.filter(valid__startswith__gte=entry.at).earliest("valid")


def _papers(did: Did, account_id: int, at: datetime) -> tuple[str, str]:
    """Bundle and address at `at`: of that account alone, so that a transfer never shows one's papers to the other."""
    past = PastPapers.objects.filter(did=did, account=account_id, until__gt=at).order_by("until", "pk").first()
    if past:
        return past.bundle_sid, past.address_sid
    return (did.bundle_sid, did.address_sid) if did.account_id == account_id else ("", "")
