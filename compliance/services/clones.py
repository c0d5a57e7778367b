"""Clones: an approved bundle once more in another account of the same customer."""

from functools import partial

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Account
from compliance.lifecycle import BundleState
from compliance.models import Bundle
from compliance.refusals import CloneNotByParent, CloneTargetInactive, CloneTargetUnknown, NotCloneable
from compliance.services import duplicates, transition


def target_of(*, by: Account, sid: str) -> Account:
    """The account that a clone may go to: the caller, who is no subaccount itself, or one of its subaccounts.

    Raises CloneNotByParent, CloneTargetUnknown (also for accounts of others), CloneTargetInactive.
    """
    if by.parent_id is not None:
        raise CloneNotByParent(_("Sign with the parent account's credentials"))
    found = family(by).filter(sid=sid).first()
    if found is None:
        raise CloneTargetUnknown(_("%(sid)s is neither your account nor a subaccount of it") % {"sid": sid})
    if not found.is_active:
        raise CloneTargetInactive(_("Account %(sid)s is %(status)s") % {"sid": sid, "status": _(found.status)})
    return found


def clone(bundle: Bundle, *, to: Account, friendly_name: str = "", as_draft: bool = False, actor: str) -> Bundle:
    """The bundle with all that it holds as rows of the other account: approved as the original is, or a draft.

    Its approval is the original's: under the same version of the rules, and with the same end. Raises NotCloneable
    unless the original is approved, Bundle.DoesNotExist.
    """
    with transaction.atomic():
        source = transition.locked(bundle)
        if source.state != BundleState.APPROVED:
            state = BundleState(source.state)
            said = _("%(sid)s is {}: only bundles that are {} are cloned") % {"sid": source.sid}
            raise NotCloneable(said, state, BundleState.APPROVED)
        twin = Bundle.objects.create(
            account=to,
            regulation=source.regulation,
            friendly_name=friendly_name or source.friendly_name,
            email=source.email,
            status_callback=source.status_callback,
        )
        transition.record_birth(twin, actor=actor)
        duplicates.fill(twin, source, judged=not as_draft)
        if not as_draft:
            _approve_like(twin, source, actor)
    return Bundle.objects.select_related("regulation", "account").get(pk=twin.pk)


def _approve_like(twin: Bundle, source: Bundle, actor: str) -> None:
    """Along the way that every bundle goes: the ledger tells where each step comes from."""
    step = partial(transition.move, twin, actor=actor, reason=f"clone of {source.sid}")
    step("submit", due_at=timezone.now())
    step("claim", due_at=timezone.now())
    step("approve", approved_under=source.approved_under, valid_until=source.valid_until)


def family(account: Account) -> QuerySet[Account]:
    """The account and its subaccounts."""
    return Account.objects.filter(Q(pk=account.pk) | Q(parent=account)).select_related("parent")
