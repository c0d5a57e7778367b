"""The page of the team, which all members see, and what its owners do there."""

from smtplib import SMTPException
from typing import Any

import structlog
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import Account, Invitation, Membership, Role
from accounts.services import invitations, memberships
from portal.acting import CustomerRequest, for_customer
from portal.team import letters
from portal.team.forms import MEANING, InvitationForm, RoleForm

log = structlog.get_logger(__name__)


@for_customer
def team(request: CustomerRequest) -> HttpResponse:
    """Members and open invitations."""
    return _page(request, InvitationForm())


@for_customer(owner=True)
def invite(request: CustomerRequest) -> HttpResponse:
    """Write to somebody. The page again with what is wrong, where something is."""
    if request.method != "POST":
        return redirect("portal:team")
    form = InvitationForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    role = Role(form.cleaned_data["role"])
    invitation = invitations.invite(
        account=request.account, email=form.cleaned_data["email"], role=role, invited_by=request.user
    )
    _send(request, invitation)
    return redirect("portal:team")


@require_POST
@for_customer(owner=True)
def revoke(request: CustomerRequest, pk: int) -> HttpResponse:
    """Take an invitation back."""
    invitation = get_object_or_404(Invitation, pk=pk, account=request.account)
    invitations.revoke(invitation=invitation)
    messages.success(request, _("The invitation of %(email)s is taken back.") % {"email": invitation.email})
    return redirect("portal:team")


@for_customer(owner=True)
def change_role(request: CustomerRequest, pk: int) -> HttpResponse:
    """Ask what a member shall do, and see to it."""
    membership = get_object_or_404(memberships.members_of(request.account), pk=pk)
    form = RoleForm(request.POST or None, role=membership.role)
    if form.is_valid():
        memberships.change_role(membership=membership, role=Role(form.cleaned_data["role"]))
        messages.success(request, _("What %(email)s may do is changed.") % {"email": membership.user.email})
        return redirect("portal:team")
    return render(request, "portal/team/role.html", {"member": membership, "form": form})


@for_customer(owner=True)
def remove(request: CustomerRequest, pk: int) -> HttpResponse:
    """Say what it means, and on POST take the member out."""
    membership = get_object_or_404(memberships.members_of(request.account), pk=pk)
    if request.method == "POST":
        memberships.remove(membership=membership)
        messages.success(request, _("%(email)s acts for this account no more.") % {"email": membership.user.email})
        return redirect("portal:team")
    return render(request, "portal/team/remove.html", {"member": membership})


def _page(request: CustomerRequest, form: InvitationForm, *, status: int = 200) -> HttpResponse:
    about = {
        "members": _members(request.account),
        "invitations": Invitation.objects.waiting().filter(account=request.account).order_by("-pk"),
        "form": form,
    }
    return render(request, "portal/team/team.html", about, status=status)


def _members(account: Account) -> list[tuple[Membership, Any]]:
    return [(member, MEANING[Role(member.role)]) for member in memberships.members_of(account)]


def _send(request: CustomerRequest, invitation: Invitation) -> None:
    try:
        letters.send(invitation)
    except (SMTPException, OSError):
        log.exception("invitation_not_sent", invitation=invitation.pk)
        messages.error(request, _("The letter could not be sent just now. Wait a minute, then invite them again."))
    else:
        messages.success(request, _("A letter with a link is on its way to %(email)s.") % {"email": invitation.email})
