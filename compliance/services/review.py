"""Review: what is decided about a bundle, by a person or, where the data lets it, by nobody.

Every verb is one transaction under the lock of the bundle, so of two reviewers one is first, and a crash leaves
either all of a decision or nothing of it.
"""

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from compliance.evaluation.outcome import Code
from compliance.lifecycle import WAITING, BundleState
from compliance.models import (
    Address,
    Bundle,
    BundleEntry,
    DocumentStatus,
    Evaluation,
    ItemAssignment,
    SupportingDocument,
)
from compliance.refusals import NoLongerCompliant, NotAllJudged, ReasonNeeded, SecondPersonNeeded
from compliance.services import evaluations, locks, notices, rulebooks, transition
from compliance.services.claims import (
    FIRST_APPROVAL,
    actor_of,
    claim,
    claim_next,
    give_back,
    in_hand,
    let_go,
    next_for,
    queue,
    take_over,
)
from compliance.services.deadlines import due_at, policy_for
from compliance.services.verdicts import Judged, judge, reasons, standing

__all__ = [
    "claim",
    "claim_next",
    "consider",
    "decide",
    "due_at",
    "give_back",
    "give_papers_back",
    "judge",
    "next_for",
    "queue",
    "reasons",
    "standing",
    "take_over",
]

AUTOMATIC = "review:automatic"
_UNBLAMED = {"reason": "", "reason_sentence": "", "fix_hint": ""}


def consider(bundle: Bundle) -> Bundle:
    """Decide at once what needs no reviewer; returns the bundle as it then is. Call it when it was just submitted.

    A test bundle is rejected. One whose regulation is reviewed automatically is approved if its evaluation left
    nothing for a person to look at. All others wait.
    """
    if bundle.state != BundleState.PENDING_REVIEW:
        return bundle
    if bundle.is_test:
        return _reject_test(bundle)
    evaluation = bundle.evaluations.select_related("version").order_by("-pk").first()
    if evaluation and evaluation.hard_passed and _is_automatic(bundle, evaluation):
        return _approve_automatically(bundle, evaluation)
    return bundle


def decide(bundle: Bundle, user: User, *, provisionally: bool = False, reason: str = "") -> Bundle:
    """Reject the bundle if one of its items is rejected, else approve it; returns it as it then is.

    It is evaluated once more: what no longer meets the rules in force can't be approved. `reason` is needed where the
    rules are not confirmed, and for a provisional approval. Where the policy wants four eyes, the first approval is
    noted and the bundle let go, still in review, for a second person to claim and decide.
    Raises NotClaimed, OwnBundle, NotAllJudged, NoLongerCompliant, ReasonNeeded, SecondPersonNeeded, IllegalBundleMove.
    """
    with transaction.atomic():
        now = in_hand(bundle, user)
        locks.content_of(now)
        judged = standing(now)
        if missing := [each for each in judged if each.verdict is None]:
            raise NotAllJudged(f"{len(missing)} of {len(judged)} items of {now.sid} have no verdict")
        if any(each.is_rejected for each in judged):
            return _reject(now, judged, user)
        evaluation = _evaluated_again(now, reason)
        if provisionally:
            return _approve_provisionally(now, evaluation, user, reason)
        if policy_for(now.regulation.country, timezone.now()).four_eyes and not _confirms(now, judged, user):
            return _note_first(now, judged, user, reason)
        return _approve(now, evaluation, user, reason)


def give_papers_back(bundle: Bundle) -> None:
    """Those that nobody has judged are drafts again, unless another bundle that waits has them too."""
    others = ItemAssignment.objects.filter(bundle__state__in=WAITING, bundle__deleted_at=None, ended_at=None)
    elsewhere = others.exclude(bundle=bundle).filter(document__isnull=False).values("document")
    waiting = _papers(bundle).filter(status=DocumentStatus.PENDING_REVIEW).exclude(pk__in=elsewhere)
    waiting.update(status=DocumentStatus.DRAFT, updated_at=timezone.now())


def _reject(bundle: Bundle, judged: list[Judged], user: User) -> Bundle:
    """What was approved stays approved."""
    _mark_approved(bundle, DocumentStatus.APPROVED)
    blamed = {each.item: each.verdict for each in judged if each.verdict and each.is_rejected}
    for item, verdict in blamed.items():
        _papers(bundle).filter(assignments=item).update(
            status=DocumentStatus.REJECTED,
            reason=verdict.reason,
            reason_sentence=verdict.sentence,
            fix_hint=verdict.fix_hint,
            updated_at=timezone.now(),
        )
    codes = {item.sid: verdict.reason for item, verdict in blamed.items()}
    said = ", ".join(sorted(set(codes.values())))[:300]
    return transition.move(bundle, "reject", actor=actor_of(user), reason=said, data={"items": codes})


def _approve(bundle: Bundle, evaluation: Evaluation, user: User, reason: str) -> Bundle:
    """A reviewer has seen its addresses on its papers."""
    _mark_approved(bundle, DocumentStatus.APPROVED)
    Address.objects.filter(pk__in=_papers(bundle).values("addresses")).update(verified=True)
    return transition.move(
        bundle,
        "approve",
        actor=actor_of(user),
        reason=reason,
        data=evaluations.summary(evaluation),
        approved_under=evaluation.version,
    )


def _approve_provisionally(bundle: Bundle, evaluation: Evaluation, user: User, reason: str) -> Bundle:
    if not reason:
        raise ReasonNeeded("Say what is still to be proved")
    bundle = transition.move(
        bundle,
        "approve_provisionally",
        actor=actor_of(user),
        reason=reason,
        data=evaluations.summary(evaluation),
        due_at=bundle.due_at,
    )
    _mark_approved(bundle, DocumentStatus.PROVISIONALLY_APPROVED)
    return bundle


def _evaluated_again(bundle: Bundle, reason: str) -> Evaluation:
    """Held against the rules in force now: a paper may have expired in the queue."""
    evaluation = evaluations.run(bundle)
    faults = evaluations.failures(evaluation)
    if any(fault["reason"] != Code.REGULATION_NOT_CONFIRMED for fault in faults):
        said = " ".join(fault["sentence"] for fault in faults)
        raise NoLongerCompliant(f"{bundle.sid} does not meet its regulation now: {said}")
    if faults and not reason:
        raise ReasonNeeded(f"The rules for {bundle.regulation} are not confirmed: say why it may be approved")
    return evaluation


def _confirms(bundle: Bundle, judged: list[Judged], user: User) -> bool:
    """Whether somebody else has approved just these verdicts. Raises SecondPersonNeeded when it was the same person."""
    first = _first_approval(bundle, judged)
    if first and first.data["by"] == user.pk:
        raise SecondPersonNeeded(f"You have approved {bundle.sid} already: a second person must confirm it")
    return first is not None


def _first_approval(bundle: Bundle, judged: list[Judged]) -> BundleEntry | None:
    """The one that still holds: made since the bundle came to where it is, and of the verdicts that count."""
    made = bundle.ledger.filter(verb=FIRST_APPROVAL, source=bundle.state, at__gte=bundle.state_since)
    last = made.order_by("-pk").first()
    return last if last and last.data["verdicts"] == _ids(judged) else None


def _note_first(bundle: Bundle, judged: list[Judged], user: User, reason: str) -> Bundle:
    data = {"by": user.pk, "verdicts": _ids(judged)}
    transition.note(bundle, FIRST_APPROVAL, actor=actor_of(user), reason=reason, data=data)
    return let_go(bundle)


def _ids(judged: list[Judged]) -> list[int]:
    return sorted(each.verdict.pk for each in judged if each.verdict)


def _is_automatic(bundle: Bundle, evaluation: Evaluation) -> bool:
    """Whether the confirmed rules that it was evaluated by say so."""
    rules = rulebooks.rules_of(evaluation.version).of(bundle.regulation.number_type)
    return rules.enforced and rules.review_mode == "auto"


def _approve_automatically(bundle: Bundle, evaluation: Evaluation) -> Bundle:
    """Its addresses stay unverified: nobody has seen them on a paper."""
    bundle = transition.move(bundle, "claim", actor=AUTOMATIC, due_at=bundle.due_at)
    _mark_approved(bundle, DocumentStatus.APPROVED)
    data = evaluations.summary(evaluation)
    return transition.move(
        bundle, "approve", actor=AUTOMATIC, reason="every check passed", data=data, approved_under=evaluation.version
    )


def _reject_test(bundle: Bundle) -> Bundle:
    bundle = transition.move(bundle, "claim", actor=AUTOMATIC, due_at=bundle.due_at)
    give_papers_back(bundle)
    return transition.move(bundle, "reject", actor=AUTOMATIC, reason=notices.TEST_BUNDLE)


def _mark_approved(bundle: Bundle, status: DocumentStatus) -> None:
    _papers(bundle).update(status=status, updated_at=timezone.now(), **_UNBLAMED)


def _papers(bundle: Bundle) -> QuerySet[SupportingDocument]:
    return SupportingDocument.objects.filter(assignments__bundle=bundle, assignments__ended_at=None)
