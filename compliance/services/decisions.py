"""Decisions that can be taken back: held for half a minute, then carried out, whatever became of who made them.

Until then the bundle waits on with its reviewer: its customer is told nothing, and nobody judges, takes or decides it.
The row is the queue: a process that dies within the half minute leaves the decision to the sweep, which carries it out.
All that write such a row hold the lock of its bundle.
"""

from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from accounts.sweeping import take_each
from compliance.lifecycle import BundleState, IllegalBundleMove
from compliance.models import Bundle, Decided, HeldDecision, HeldEnd
from compliance.refusals import NothingHeld, Refused
from compliance.services import claims, review, transition

#: For so long a decision can be taken back (design/doors.md: undo for 30 seconds).
HELD_FOR = timedelta(seconds=30)
_COMES_TO = {
    BundleState.APPROVED: Decided.APPROVE,
    BundleState.PROVISIONALLY_APPROVED: Decided.APPROVE_PROVISIONALLY,
    BundleState.REJECTED: Decided.REJECT,
}


def hold(bundle: Bundle, user: User, *, provisionally: bool = False, reason: str = "") -> HeldDecision:
    """Decide as `review.decide` does, but only when HELD_FOR is over. What it would refuse is refused at once.

    Raises as `review.decide`, and DecisionHeld where there is a decision already.
    """
    with transaction.atomic():
        now = claims.in_hand(bundle, user)
        decided = _rehearsed(now, user, provisionally=provisionally, reason=reason)
        at = timezone.now()
        return HeldDecision.objects.create(
            bundle=now, decided_by=user, decided=decided, reason=reason, decided_at=at, takes_effect_at=at + HELD_FOR
        )


def take_back(held: HeldDecision, user: User) -> HeldDecision:
    """As if it had not been made. It may be late, as long as nothing was carried out. Raises NothingHeld."""
    with transaction.atomic():
        now = _locked(held)
        if not now.is_open or now.decided_by_id != user.pk:
            raise NothingHeld(f"The decision on {now.bundle.sid} can't be taken back: it has taken effect already")
        _end(now, HeldEnd.TAKEN_BACK)
    return now


def carry_out(held_id: int) -> None:
    """Do what was decided; where that is no longer possible, note it and leave the bundle with its reviewer."""
    with transaction.atomic():
        held = _locked(HeldDecision.objects.get(pk=held_id))
        if not held.is_open:
            return
        try:
            with transaction.atomic():
                _end(held, HeldEnd.CARRIED_OUT)  # first: what is held is decided by nobody
                review.decide(held.bundle, held.decided_by, provisionally=_is_provisional(held), reason=held.reason)
        except (Refused, IllegalBundleMove):
            _end(held, HeldEnd.REFUSED)


def carry_out_due() -> int:
    """All whose time has come; returns how many there were."""
    due = HeldDecision.objects.filter(ended_at=None, takes_effect_at__lte=timezone.now()).order_by("takes_effect_at")
    return take_each("decide", due.values_list("pk", flat=True), carry_out)


def of_reviewer(user: User) -> QuerySet[HeldDecision]:
    """Those that this reviewer may take back, the newest first."""
    rows = HeldDecision.objects.filter(decided_by=user, ended_at=None)
    return rows.select_related("bundle__regulation").order_by("-pk")


def _rehearsed(bundle: Bundle, user: User, *, provisionally: bool, reason: str) -> Decided:
    """What the decision would come to now: it is made, and undone at once. Of two people the first moves nothing."""
    with transaction.atomic():
        done = review.decide(bundle, user, provisionally=provisionally, reason=reason)
        transaction.set_rollback(True)
    return Decided.FIRST_APPROVAL if done.state == bundle.state else _COMES_TO[BundleState(done.state)]


def _is_provisional(held: HeldDecision) -> bool:
    return held.decided == Decided.APPROVE_PROVISIONALLY


def _locked(held: HeldDecision) -> HeldDecision:
    """The decision as it now is, under the lock of its bundle."""
    transition.locked(held.bundle)
    return HeldDecision.objects.select_related("bundle", "decided_by").get(pk=held.pk)


def _end(held: HeldDecision, end: HeldEnd) -> None:
    HeldDecision.objects.filter(pk=held.pk).update(end=end, ended_at=timezone.now())
