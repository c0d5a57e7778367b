"""What the operator's staff do to an account, whatever it or its parent want."""

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import Account, AccountStatus
from accounts.refusals import AccountClosed


def suspend(*, account: Account) -> None:
    """It changes nothing from now on, nor do its subaccounts, until `reactivate`. Raises AccountClosed."""
    _change(account, AccountStatus.SUSPENDED, by_operator=True)


def reactivate(*, account: Account) -> None:
    """Active again, whoever suspended it; a subaccount only as far as its parent is. Raises AccountClosed."""
    _change(account, AccountStatus.ACTIVE, by_operator=False)


def upgrade(*, account: Account) -> None:
    """End the trial, also that of its subaccounts, which inherited it."""
    family = Account.objects.filter(Q(pk=account.pk) | Q(parent=account))
    family.filter(is_trial=True).update(is_trial=False, updated_at=timezone.now())


@transaction.atomic
def _change(account: Account, status: AccountStatus, *, by_operator: bool) -> None:
    """Purchases of the account hold its row, so whatever began before is done, and nothing begins after."""
    locked = Account.objects.select_for_update(of=("self",)).only("sid", "status").get(pk=account.pk)
    if locked.status == AccountStatus.CLOSED:
        raise AccountClosed(f"Account {locked.sid} is closed")
    locked.status, locked.suspended_by_operator = status, by_operator
    locked.save(update_fields=["status", "suspended_by_operator", "updated_at"])
