"""What staff decide about a proposal. Each asks for who and why, and changes a row that is still open, or refuses."""

from django.db import transaction
from django.utils import timezone

from accounts.nudges import nudge
from inventory.models import ProposalStatus, RestockProposal
from inventory.refusals import AlreadyDecided, NotSoMany


def approve(proposal: RestockProposal, *, actor: str, reason: str) -> RestockProposal:
    """All of it. Raises AlreadyDecided."""
    return _allow(proposal, abs(proposal.quantity), actor, reason)


def cap(proposal: RestockProposal, *, units: int, actor: str, reason: str) -> RestockProposal:
    """So many numbers of it, in whole lots where they are ordered. Raises AlreadyDecided, NotSoMany."""
    lot = lot_of(proposal)
    if not 0 < units <= abs(proposal.quantity) or units % lot:
        lots = f" in lots of {lot}" if lot > 1 else ""
        raise NotSoMany(f"{proposal} is for {abs(proposal.quantity)} numbers{lots}: it can't be capped to {units}")
    return _allow(proposal, units, actor, reason)


@transaction.atomic
def reject(proposal: RestockProposal, *, actor: str, reason: str) -> RestockProposal:
    """None of it; approved ones too, as long as nothing was carried out. The next night may propose the like again.

    Raises AlreadyDecided.
    """
    locked = _open(proposal, ProposalStatus.PROPOSED, ProposalStatus.APPROVED)
    locked.status, locked.allowed, locked.next_attempt_at = ProposalStatus.REJECTED, None, None
    return _decided(locked, actor, reason)


def lot_of(proposal: RestockProposal) -> int:
    """An order is a multiple of it; numbers are handed back one by one."""
    return int(proposal.terms.get("MOQ") or 1) if proposal.quantity > 0 else 1


@transaction.atomic
def _allow(proposal: RestockProposal, units: int, actor: str, reason: str) -> RestockProposal:
    locked = _open(proposal, ProposalStatus.PROPOSED)
    locked.status = ProposalStatus.APPROVED
    locked.allowed = units if locked.quantity > 0 else -units
    locked.next_attempt_at = timezone.now()
    nudge("inventory.tasks.carry_out_proposal", locked.pk)
    return _decided(locked, actor, reason)


def _open(proposal: RestockProposal, *statuses: ProposalStatus) -> RestockProposal:
    """The row, locked: of two who decide at once the second sees what the first one did."""
    locked = RestockProposal.objects.select_for_update().get(pk=proposal.pk)
    if locked.status not in statuses or locked.carried_out:
        raise AlreadyDecided(f"{locked} is {ProposalStatus(locked.status).label}")
    return locked


def _decided(locked: RestockProposal, actor: str, reason: str) -> RestockProposal:
    locked.decided_by, locked.decided_at, locked.reason = actor, timezone.now(), reason
    locked.save()
    return locked
