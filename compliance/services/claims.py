"""Who has which bundle: the queue of those that wait, and the claims of the reviewers."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from accounts.models import User
from compliance.lifecycle import WAITING, BundleState, IllegalBundleMove
from compliance.models import Bundle, BundleEntry, HeldDecision, ItemVerdict
from compliance.refusals import ClaimedByAnother, DecisionHeld, NotClaimed, NothingWaits, OwnBundle
from compliance.services import transition
from compliance.services.deadlines import policy_for

FIRST_APPROVAL = "first_approval"  # of two people, as the ledger calls it
_TRIES = 20  # bundles that are tried before somebody hears that there is none


def queue() -> QuerySet[Bundle]:
    """What waits for a reviewer or is with one, by deadline, so what is overdue comes first.

    Each with `submitted_at`: since when its customer waits.
    """
    rows = Bundle.objects.filter(state__in=WAITING, deleted_at=None)
    return (
        rows.annotate(submitted_at=submitted_at())
        .select_related("regulation", "account", "claimed_by")
        .order_by("due_at", "pk")
    )


def next_for(user: User, *, after: Bundle | None = None) -> Bundle | None:
    """The bundle that this reviewer should look at now, theirs or nobody's, the most urgent first.

    `after`: the one that they leave; behind it in the queue first, then from the beginning. Left out is what they may
    not decide: bundles of their own accounts, those that wait for a second person after them, and held decisions.
    """
    rows = _open_to(user)
    if after is None or after.due_at is None:
        return rows.first()
    behind = rows.filter(Q(due_at__gt=after.due_at) | Q(due_at=after.due_at, pk__gt=after.pk))
    return behind.first() or rows.exclude(pk=after.pk).first()


def claim_next(user: User) -> Bundle:
    """Claim the most urgent bundle that this reviewer may have, or go on with theirs. Raises NothingWaits."""
    for bundle in _open_to(user)[:_TRIES]:
        try:
            return claim(bundle, user)
        except (ClaimedByAnother, IllegalBundleMove):  # somebody was quicker
            continue
    raise NothingWaits("No bundle waits that nobody has")


def submitted_at() -> Subquery:
    """Of each bundle, when it was last handed in."""
    submissions = BundleEntry.objects.filter(bundle=OuterRef("pk"), verb="submit").order_by("-at", "-pk")
    return Subquery(submissions.values("at")[:1])


def claim(bundle: Bundle, user: User) -> Bundle:
    """Take up a bundle that nobody has; again by who has it changes nothing.

    Raises IllegalBundleMove, OwnBundle, ClaimedByAnother.
    """
    with transaction.atomic():
        now = transition.locked(bundle)
        refuse_own(now, user)
        if now.state == BundleState.PENDING_REVIEW:
            return transition.move(now, "claim", actor=actor_of(user), due_at=now.due_at, claimed_by=user)
        _refuse_unless_in_review(now, "claim")
        if now.claimed_by_id not in (None, user.pk):
            raise ClaimedByAnother(f"{now.sid} is with {now.claimed_by}")
        return now if now.claimed_by_id else _take(now, user, "take_up")


def take_over(bundle: Bundle, user: User, *, reason: str = "") -> Bundle:
    """Take a bundle from another reviewer: with a reason, or because nobody has touched it for the policy's hours.

    Raises IllegalBundleMove, OwnBundle, ClaimedByAnother.
    """
    with transaction.atomic():
        now = transition.locked(bundle)
        refuse_own(now, user)
        _refuse_unless_in_review(now, "take over")
        _refuse_decided(now)
        if now.claimed_by_id == user.pk:
            return now
        if now.claimed_by_id and not reason and not is_stale(now, timezone.now()):
            raise ClaimedByAnother(f"{now.sid} is with {now.claimed_by}, who has worked on it lately: give a reason")
        return _take(now, user, "take_over", reason)


def give_back(bundle: Bundle, user: User, *, reason: str = "") -> Bundle:
    """Let go of one's own claim: the bundle stays in review, and anybody may take it up. Raises NotClaimed."""
    with transaction.atomic():
        now = in_hand(bundle, user)
        transition.note(now, "give_back", actor=actor_of(user), reason=reason)
        return let_go(now)


def in_hand(bundle: Bundle, user: User) -> Bundle:
    """The bundle, locked, for who has it: only its claimer works on it, or any reviewer once approved provisionally.

    Nobody does while a decision about it is held. Raises NotClaimed, OwnBundle, DecisionHeld.
    """
    now = transition.locked(bundle)
    refuse_own(now, user)
    _refuse_decided(now)
    if now.state == BundleState.PROVISIONALLY_APPROVED:
        return now
    if now.state != BundleState.IN_REVIEW or now.claimed_by_id != user.pk:
        raise NotClaimed(f"{now.sid} is not with you: claim it first")
    return now


def is_stale(bundle: Bundle, at: datetime) -> bool:
    """Whether its claimer has not touched it for as long as the policy leaves a claim alone."""
    hours = policy_for(bundle.regulation.country, at).claim_hours
    return touched_at(bundle) <= at - timedelta(hours=hours)


def touched_at(bundle: Bundle) -> datetime:
    """When somebody last did something with it."""
    verdicts = ItemVerdict.objects.filter(item__bundle=bundle).aggregate(last=Max("at"))["last"]
    entries = bundle.ledger.aggregate(last=Max("at"))["last"]
    return max(at for at in (verdicts, entries, bundle.state_since) if at)


def let_go(bundle: Bundle) -> Bundle:
    """Without its claim, which has done its work."""
    bundle.claimed_by = None
    bundle.save(update_fields=["claimed_by"])
    return bundle


def refuse_own(bundle: Bundle, user: User) -> None:
    """Nobody reviews what an account gives that they act for. Raises OwnBundle."""
    theirs = Q(account=bundle.account_id) | Q(account=bundle.account.parent_id)
    if user.memberships.filter(theirs).exists():
        raise OwnBundle(f"{bundle.sid} is of an account that you belong to: somebody else reviews it")


def actor_of(user: User) -> str:
    """As ledgers name them."""
    return f"user:{user}"[:80]


def _open_to(user: User) -> QuerySet[Bundle]:
    """What they may decide on now, by deadline. What is approved provisionally waits for the customer."""
    held = HeldDecision.objects.filter(bundle=OuterRef("pk"), ended_at=None)
    first = BundleEntry.objects.filter(
        bundle=OuterRef("pk"), verb=FIRST_APPROVAL, data__by=user.pk, at__gte=OuterRef("state_since")
    )
    theirs = user.memberships.values("account")
    rows = queue().exclude(state=BundleState.PROVISIONALLY_APPROVED)
    rows = rows.filter(Q(claimed_by=None) | Q(claimed_by=user)).exclude(account__in=theirs)
    return rows.exclude(account__parent__in=theirs).filter(~Exists(held), ~Exists(first))


def _refuse_decided(bundle: Bundle) -> None:
    """What is decided waits for its half minute to pass, or to be taken back."""
    if bundle.held_decisions.filter(ended_at=None).exists():
        raise DecisionHeld(f"{bundle.sid} is decided: only who decided may take that back, until it takes effect")


def _refuse_unless_in_review(bundle: Bundle, verb: str) -> None:
    if bundle.state != BundleState.IN_REVIEW:
        raise IllegalBundleMove(bundle.sid, verb, bundle.state)


def _take(bundle: Bundle, user: User, verb: str, reason: str = "") -> Bundle:
    transition.note(bundle, verb, actor=actor_of(user), reason=reason)
    bundle.claimed_by = user
    bundle.save(update_fields=["claimed_by"])
    return bundle
