"""What staff decide about a proposal. Each asks for who and why, and changes a row that is still open, or refuses."""

from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from accounts.nudges import nudge
from inventory.models import ProposalStatus, RestockProposal
from inventory.refusals import AlreadyDecided, BudgetMissing, NotSoMany


def approve(proposal: RestockProposal, *, actor: str, reason: str, budget: Decimal | None = None) -> RestockProposal:
    """All of it, at no more than `budget` in its currency; None: at what the night expects.

    Raises AlreadyDecided, BudgetMissing.
    """
    return _allow(proposal, abs(proposal.quantity), budget, actor, reason)


def cap(
    proposal: RestockProposal, *, units: int, actor: str, reason: str, budget: Decimal | None = None
) -> RestockProposal:
    """So many numbers of it, in whole lots where they are ordered, likewise.

    Raises AlreadyDecided, NotSoMany, BudgetMissing.
    """
    lot = lot_of(proposal)
    if not 0 < units <= abs(proposal.quantity) or units % lot:
        lots = f" in lots of {lot}" if lot > 1 else ""
        raise NotSoMany(f"{proposal} is for {abs(proposal.quantity)} numbers{lots}: it can't be capped to {units}")
    return _allow(proposal, units, budget, actor, reason)


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


def expected_cost(proposal: RestockProposal, units: int) -> Decimal | None:
    """What so many of it cost by the prices that the night knew, in its currency; None: it knew none."""
    each, once = proposal.terms.get("unit_cost"), proposal.terms.get("order_cost") or 0
    return None if proposal.cost is None or each is None else Decimal(str(each)) * units + Decimal(str(once))


@transaction.atomic
def _allow(proposal: RestockProposal, units: int, budget: Decimal | None, actor: str, reason: str) -> RestockProposal:
    locked = _open(proposal, ProposalStatus.PROPOSED)
    locked.status = ProposalStatus.APPROVED
    locked.budget = _budget(locked, units, budget)
    locked.allowed = units if locked.quantity > 0 else -units
    locked.next_attempt_at = timezone.now()
    nudge("inventory.tasks.carry_out_proposal", locked.pk)
    return _decided(locked, actor, reason)


def _budget(locked: RestockProposal, units: int, given: Decimal | None) -> Decimal | None:
    """The most that the order may cost; none where numbers are handed back. Raises BudgetMissing."""
    if locked.quantity < 0:
        return None
    budget = expected_cost(locked, units) if given is None else given
    if budget is None:
        raise BudgetMissing(f"What {locked} costs is not known: say how much it may cost at most")
    return budget


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
