"""Changing an account, and what its closing means for the stock: what it held goes back."""

from django.db import transaction
from django.db.models import Exists, OuterRef

from accounts.models import Account, AccountStatus
from accounts.services import subaccounts
from accounts.sweeping import take_each
from inventory.lifecycle import State
from inventory.models import Did, PhoneNumber, Reservation
from inventory.refusals import NotInService
from inventory.services import assignments, protection, reservations


def change_account(
    *, account: Account, actor: str, friendly_name: str | None = None, status: AccountStatus | None = None
) -> Account:
    """Rename, suspend, reactivate or close an account; a closed one gives up its reservations and numbers.

    The status is committed first, alone, so that no purchase begins after it; `finish_closing` gives back what a
    crash left. Raises what `subaccounts.change` raises, and Protected: an account is not closed over protected numbers.
    """
    with transaction.atomic():
        if status == AccountStatus.CLOSED:
            protection.require_none_in(account)
        changed = subaccounts.change(account=account, friendly_name=friendly_name, status=status)
    if changed.status == AccountStatus.CLOSED:
        _give_all_back(changed, actor)
    return changed


def finish_closing(limit: int) -> int:
    """Give back what up to `limit` closed accounts still hold; returns how many held something."""
    held = PhoneNumber.objects.filter(holder=OuterRef("pk"), state__in=(State.RESERVED, State.IN_SERVICE))
    closed = Account.objects.filter(Exists(held), status=AccountStatus.CLOSED).order_by("pk")
    return take_each("closed_accounts", list(closed.values_list("pk", flat=True)[:limit]), _finish)


def _finish(account_id: int) -> None:
    _give_all_back(Account.objects.get(pk=account_id), actor="sweep:closed_accounts")


def _give_all_back(account: Account, actor: str) -> None:
    for reservation in Reservation.objects.filter(account=account, released_at=None, holds__ended="").distinct():
        reservations.release(reservation=reservation)
    for did in Did.objects.filter(account=account, ended_at=None):
        _release(did, actor)


def _release(did: Did, actor: str) -> None:
    try:
        assignments.release(did=did, actor=actor, reason="account closed")
    except NotInService:
        return  # its owner was quicker
