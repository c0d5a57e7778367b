"""Opening subaccounts, and what may change about an account."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Account, AccountStatus, Membership, Role, User
from accounts.refusals import (
    AccountClosed,
    NotAParent,
    OperatorSuspended,
    ParentStatus,
    ParentSuspended,
    TooManySubaccounts,
)
from accounts.services.credentials import open_account

MAX_SUBACCOUNTS = 1_000  # Twilio's limit of a paid account


def open_subaccount(*, parent: Account, friendly_name: str = "") -> Account:
    """A new active subaccount with an auth token of its own. Raises NotAParent, TooManySubaccounts."""
    if parent.parent_id is not None:
        raise NotAParent(
            _("Account %(account)s is a subaccount: it can't have subaccounts of its own") % {"account": parent.sid}
        )
    with transaction.atomic():
        Account.objects.select_for_update(no_key=True).only("pk").get(pk=parent.pk)  # the cap holds in a race
        if parent.subaccounts.exclude(status=AccountStatus.CLOSED).count() >= MAX_SUBACCOUNTS:
            raise TooManySubaccounts(
                _("Account %(account)s has %(most)s subaccounts") % {"account": parent.sid, "most": MAX_SUBACCOUNTS}
            )
        name = friendly_name or f"SubAccount Created at {timezone.now():%Y-%m-%d %I:%M %p}"
        return open_account(name, parent=parent, is_trial=parent.is_trial)


@transaction.atomic
def open_own_subaccount(*, parent: Account, friendly_name: str, owner: User) -> Account:
    """The same for somebody who acts on the pages, and owns it from then on: nobody else would see its numbers.

    Raises NotAParent, TooManySubaccounts.
    """
    account = open_subaccount(parent=parent, friendly_name=friendly_name)
    Membership.objects.create(user=owner, account=account, role=Role.OWNER)
    return account


def change(*, account: Account, friendly_name: str | None = None, status: AccountStatus | None = None) -> Account:
    """Rename an account, or suspend, reactivate or close a subaccount.

    What closing means for the numbers is `inventory.services.closing`. Raises ParentStatus, ParentSuspended,
    OperatorSuspended, AccountClosed.
    """
    with transaction.atomic():
        locked = Account.objects.select_for_update(of=("self",)).select_related("parent").get(pk=account.pk)
        if status and status != locked.status:
            _check_status(locked, status)
            locked.status = status
        if friendly_name is not None:
            locked.friendly_name = friendly_name
        locked.save(update_fields=["friendly_name", "status", "updated_at"])
    return locked


def _check_status(account: Account, status: AccountStatus) -> None:
    if account.parent is None:
        raise ParentStatus("The status of a parent account can't be changed")
    if account.status == AccountStatus.CLOSED:
        raise AccountClosed(f"Account {account.sid} is closed")
    if account.suspended_by_operator:
        raise OperatorSuspended(f"Account {account.sid} was suspended by the operator")
    if status == AccountStatus.ACTIVE and not account.parent.is_active:
        raise ParentSuspended(f"The parent of account {account.sid} is not active")
