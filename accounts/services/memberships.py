"""Who may act for an account on the pages, and how much."""

import secrets

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import Account, AccountStatus, Membership, Role, User
from accounts.refusals import AlreadyAMember, LastOwner
from accounts.services.credentials import open_account


@transaction.atomic
def admit(*, account: Account, email: str, role: Role = Role.OWNER) -> str:
    """Make the person with this address a member; returns the password of a new one, "" for one who has theirs."""
    user, password = User.objects.filter(email__iexact=email).first(), ""
    if user is None:
        password = secrets.token_urlsafe(12)
        user = User.objects.create_user(email, password)
    Membership.objects.get_or_create(user=user, account=account, defaults={"role": role})
    return password


@transaction.atomic
def open_account_of(user: User) -> Account | None:
    """The account that the person asked for at sign-up, a trial that they own; None if they asked for none, or have it.

    Call it when their address is verified. Staff take the limits of a trial away.
    """
    waiting = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if not waiting.account_name:
        return None
    account = _open_trial(waiting, waiting.account_name)
    waiting.account_name = user.account_name = ""
    waiting.save(update_fields=["account_name"])
    return account


@transaction.atomic
def open_first_account(*, user: User, name: str) -> Account:
    """A trial account for somebody who belongs to none: who came by an invitation, or was taken out of a team.

    Raises AlreadyAMember: more than one are opened by staff.
    """
    locked = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if Membership.objects.filter(user=locked).exclude(account__status=AccountStatus.CLOSED).exists():
        raise AlreadyAMember(_("You act for an account already. Our staff open you another one."))
    return _open_trial(locked, name)


def _open_trial(user: User, name: str) -> Account:
    account = open_account(name, is_trial=True)
    Membership.objects.create(user=user, account=account, role=Role.OWNER)
    return account


def members_of(account: Account) -> "QuerySet[Membership]":
    """The people of an account, those who came first above."""
    return Membership.objects.filter(account=account).select_related("user").order_by("pk")


def owners_of(account: Account) -> list[str]:
    """The e-mail addresses of those who own it and may sign in."""
    owners = Membership.objects.filter(account=account, role=Role.OWNER, user__is_active=True)
    return list(owners.order_by("pk").values_list("user__email", flat=True))


@transaction.atomic
def change_role(*, membership: Membership, role: Role) -> Membership:
    """Let a member do more, or less. Raises LastOwner."""
    locked = _locked(membership)
    if locked.role == Role.OWNER and role != Role.OWNER:
        _check_other_owner(locked)
    locked.role = role
    locked.save(update_fields=["role"])
    return locked


@transaction.atomic
def remove(*, membership: Membership) -> None:
    """The person acts for the account no more. Raises LastOwner."""
    locked = _locked(membership)
    if locked.role == Role.OWNER:
        _check_other_owner(locked)
    locked.delete()


def _locked(membership: Membership) -> Membership:
    """The account's row first, as the trigger has it, so that two owners who remove each other take turns."""
    Account.objects.select_for_update(no_key=True).only("pk").get(pk=membership.account_id)
    return Membership.objects.get(pk=membership.pk)


def _check_other_owner(membership: Membership) -> None:
    others = Membership.objects.filter(account=membership.account_id, role=Role.OWNER).exclude(pk=membership.pk)
    if not others.exists():
        raise LastOwner(_("An account keeps an owner: make somebody else one first."))


def address_of(account: Account) -> str:
    """Where the account gets e-mail: at the person who has acted for it longest, of a subaccount without people at its
    parent's; "": nowhere. Nobody who may not sign in any more is written to."""
    active = Membership.objects.filter(user__is_active=True).order_by("pk")
    for account_id in filter(None, (account.pk, account.parent_id)):
        if email := active.filter(account=account_id).values_list("user__email", flat=True).first():
            return email
    return ""
