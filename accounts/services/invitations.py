"""Inviting people to act for an account: a letter with a signed link, which lasts a week and helps once."""

from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Account, Invitation, Membership, Role, User
from accounts.refusals import AlreadyAMember, InvitationGone, SomebodyElses, TooManyInvitations

MAX_WAITING = 50  # of one account: nobody fills strangers' mailboxes from here
MAX_A_DAY = 100  # of one account, those too that were taken back: who takes back may not write on and on
_SALT = "accounts.invitation"


@transaction.atomic
def invite(*, account: Account, email: str, role: Role, invited_by: User) -> Invitation:
    """A new invitation; one that the same address had for the account before counts no more.

    Raises AlreadyAMember, TooManyInvitations.
    """
    email = email.lower()
    Account.objects.select_for_update(no_key=True).only("pk").get(pk=account.pk)  # the cap, and one each, in a race
    if Membership.objects.filter(account=account, user__email__iexact=email).exists():
        raise AlreadyAMember(_("%(email)s is a member already.") % {"email": email})
    _check_today(account)
    waiting = Invitation.objects.waiting().filter(account=account)
    waiting.filter(email=email).update(revoked_at=timezone.now())
    if waiting.count() >= MAX_WAITING:
        raise TooManyInvitations(
            _("%(most)s invitations wait for an answer: take one back first.") % {"most": MAX_WAITING}
        )
    return Invitation.objects.create(
        account=account,
        email=email,
        role=role,
        invited_by=invited_by,
        expires_at=timezone.now() + settings.INVITATION_LIFETIME,
    )


def _check_today(account: Account) -> None:
    """Raises TooManyInvitations, with when there may be the next one."""
    since = timezone.now() - timedelta(days=1)
    sent = Invitation.objects.filter(account=account, created_at__gt=since).order_by("-created_at")
    times = list(sent.values_list("created_at", flat=True)[:MAX_A_DAY])
    if len(times) == MAX_A_DAY:
        again = f"{times[-1] + timedelta(days=1):%H:%M} UTC"
        said = _("%(number)s invitations were sent in a day: invite the next one after %(time)s.")
        raise TooManyInvitations(said % {"number": MAX_A_DAY, "time": again})


def revoke(*, invitation: Invitation) -> None:
    """The link helps no more. One that was accepted stays so."""
    Invitation.objects.waiting().filter(pk=invitation.pk).update(revoked_at=timezone.now())


def token_of(invitation: Invitation) -> str:
    """What stands in the link. Only whoever reads the letter knows it."""
    return signing.Signer(salt=_SALT).sign(str(invitation.pk))


def find(token: str) -> Invitation:
    """The invitation of a link. Raises InvitationGone: no link of ours, run out, taken back or used."""
    try:
        key = int(signing.Signer(salt=_SALT).unsign(token))
    except (signing.BadSignature, ValueError):
        raise InvitationGone(_("This link is not one of ours. Copy the whole link from the letter.")) from None
    secrets = ("account__auth_token", "account__auth_token_digest")
    found = Invitation.objects.select_related("account", "invited_by").defer(*secrets).filter(pk=key).first()
    if found is None or not found.is_open():
        raise InvitationGone(_("This invitation has run out, was taken back, or was used. Ask for a new one."))
    return found


@transaction.atomic
def accept(*, invitation: Invitation, user: User) -> Membership:
    """Make the invited person a member. Who is one already keeps the role. Raises InvitationGone, SomebodyElses."""
    locked = Invitation.objects.select_for_update().get(pk=invitation.pk)
    if not locked.is_open():
        raise InvitationGone(_("This invitation has run out, was taken back, or was used. Ask for a new one."))
    if user.email.lower() != locked.email:
        raise SomebodyElses(
            _("This invitation is for %(theirs)s, and you are signed in as %(yours)s.")
            % {"theirs": locked.email, "yours": user.email}
        )
    locked.accepted_at = timezone.now()
    locked.save(update_fields=["accepted_at"])
    membership, _created = Membership.objects.get_or_create(
        user=user, account_id=locked.account_id, defaults={"role": locked.role}
    )
    return membership
