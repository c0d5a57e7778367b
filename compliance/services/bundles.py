"""What a customer does with a bundle: write it, hand it in, take it back, mend it, throw it away.

Each verb is one transaction that locks the bundle first. Who submits then locks all that the bundle refers to, so that
nothing changes between its evaluation and the moment from which the triggers keep it as it is.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Account
from compliance import holdings
from compliance.lifecycle import DELETABLE, MOVES, BundleState, IllegalBundleMove
from compliance.models import (
    Bundle,
    DocumentStatus,
    Evaluation,
    Regulation,
    SupportingDocument,
)
from compliance.refusals import BeingReviewed, HoldsNumbers, NotCompliant, OtherCountry
from compliance.rulebook.catalogue import catalogue
from compliance.services import evaluations, locks, review, transition
from numbering.countries import called
from numbering.e164 import E164

#: Columns that the customer may set at any time, and what is written along with them.
_SETTINGS: Mapping[str, Sequence[str]] = {
    "friendly_name": ("friendly_name_index",),
    "email": (),
    "status_callback": (),
    "for_number": (),
}
#: What the customer may ask for, and the verb that leads there from where the bundle is.
_WAYS = {
    (BundleState.PENDING_REVIEW, BundleState.DRAFT): "submit",
    (BundleState.PENDING_REVIEW, BundleState.REJECTED): "submit",
    (BundleState.DRAFT, BundleState.PENDING_REVIEW): "recall",
    (BundleState.DRAFT, BundleState.REJECTED): "reopen",
}
#: A paper that was judged well keeps that through a second submission.
_TO_BE_JUDGED = (DocumentStatus.DRAFT, DocumentStatus.REJECTED, DocumentStatus.EXPIRED)
_UNJUDGED = {"reason": "", "reason_sentence": "", "fix_hint": ""}


def create(*, account: Account, regulation: Regulation, settings: Mapping[str, Any], actor: str) -> Bundle:
    """A new draft. `settings`: friendly_name, email, and perhaps status_callback, for_number and is_test.

    Raises OtherCountry for the number of another country.
    """
    _check_number(regulation, settings)
    with transaction.atomic():
        bundle = Bundle.objects.create(account=account, regulation=regulation, **settings)
        transition.record_birth(bundle, actor=actor)
    return _fresh(bundle)


def change(*, bundle: Bundle, settings: Mapping[str, Any], state: BundleState | None = None, actor: str) -> Bundle:
    """Change settings and go to the state, where one is named: both or neither. To be where it already is, is nothing.

    Raises IllegalBundleMove, NotCompliant, NothingAsked, OtherCountry, Bundle.DoesNotExist.
    """
    _check_number(bundle.regulation, settings)
    with transaction.atomic():
        now = transition.locked(bundle)
        _set(now, settings)
        return now if state in (None, now.state) else _go(now, state, actor)


def submit(bundle: Bundle, *, actor: str) -> Bundle:
    """Hand it in for review, if the rules in force find nothing missing; returns it as it then is.

    A review that needs nobody is over when this returns: the bundle is approved or, if it was a test, rejected. Rules
    that are not confirmed refuse nothing: an operator decides. Raises IllegalBundleMove, NotCompliant, NothingAsked.
    """
    with transaction.atomic():
        now = transition.locked(bundle)
        if now.state not in MOVES["submit"].sources:
            raise IllegalBundleMove(now.sid, "submit", now.state)
        locks.content_of(now)
        evaluation = evaluations.run(now)
        if not evaluations.may_be_submitted(evaluation):
            raise _not_compliant(evaluation)
        at = timezone.now()
        papers = _papers(now).filter(status__in=_TO_BE_JUDGED)
        papers.update(status=DocumentStatus.PENDING_REVIEW, updated_at=at, **_UNJUDGED)
        data = evaluations.summary(evaluation)
        return review.consider(transition.move(now, "submit", actor=actor, data=data, due_at=review.due_at(now, at)))


def recall(bundle: Bundle, *, actor: str) -> Bundle:
    """Take it back, as long as no reviewer has begun. Its papers are drafts again, unless another bundle that waits
    has them too. Raises IllegalBundleMove."""
    with transaction.atomic():
        now = transition.move(bundle, "recall", actor=actor)
        locks.content_of(now)
        review.give_papers_back(now)
    return now


def reopen(bundle: Bundle, *, actor: str) -> Bundle:
    """A rejected bundle becomes a draft again; what was said of its papers stays. Raises IllegalBundleMove."""
    return transition.move(bundle, "reopen", actor=actor)


def delete(bundle: Bundle, *, actor: str) -> None:
    """The bundle is gone for its customer. Raises BeingReviewed, HoldsNumbers, Bundle.DoesNotExist."""
    with transaction.atomic():
        now = transition.locked(bundle)
        if now.state not in DELETABLE:
            raise BeingReviewed(
                _("%(sid)s is {}: it can be deleted when that is over") % {"sid": now.sid}, BundleState(now.state)
            )
        if held := holdings.numbers_on([now.sid]).get(now.sid):
            said = _("%(sid)s has numbers in service (%(numbers)s): release them or move them first")
            raise HoldsNumbers(said % {"sid": now.sid, "numbers": len(held)})
        transition.note(now, "delete", actor=actor)
        now.deleted_at = timezone.now()
        now.save(update_fields=["deleted_at"])


def _set(bundle: Bundle, settings: Mapping[str, Any]) -> None:
    if not settings:
        return
    for column, value in settings.items():
        setattr(bundle, column, value)
    bundle.updated_at = timezone.now()
    also = [written for column in settings for written in _SETTINGS[column]]
    bundle.save(update_fields=[*settings, *also, "updated_at"])


def _check_number(regulation: Regulation, settings: Mapping[str, Any]) -> None:
    digits = settings.get("for_number")
    if digits and E164(digits).country != regulation.country:
        said = _("+%(digits)s is not a number of %(country)s")
        raise OtherCountry(said % {"digits": digits, "country": called(regulation.country)})


def _go(bundle: Bundle, state: BundleState, actor: str) -> Bundle:
    verb = _WAYS.get((state, BundleState(bundle.state)))
    if verb is None:
        raise IllegalBundleMove(bundle.sid, "submit" if state == BundleState.PENDING_REVIEW else "reopen", bundle.state)
    return {"submit": submit, "recall": recall, "reopen": reopen}[verb](bundle, actor=actor)


def _not_compliant(evaluation: Evaluation) -> NotCompliant:
    first = evaluations.failures(evaluation)[0]
    said = {"sentence": catalogue().retold(first["reason"], first["sentence"]), "hint": _(first["hint"])}
    return NotCompliant(
        _("The bundle does not meet its regulation yet. %(sentence)s %(hint)s") % said,
        first["twilio_code"],
        evaluation.results,
    )


def _papers(bundle: Bundle) -> QuerySet[SupportingDocument]:
    return SupportingDocument.objects.filter(assignments__bundle=bundle, assignments__ended_at=None)


def _fresh(bundle: Bundle) -> Bundle:
    return Bundle.objects.select_related("regulation", "account").get(pk=bundle.pk)
