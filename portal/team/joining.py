"""The link of an invitation: what it is about, for strangers and for who is signed in, and the answer to it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts.models import Invitation, User
from accounts.refusals import InvitationGone, SomebodyElses
from accounts.services import invitations
from portal.acting import CHOSEN
from portal.entrance import invited


@never_cache
def join(request: HttpRequest, token: str) -> HttpResponse:
    """What one is invited to; on POST, from the invited person, it is done."""
    try:
        invitation = invitations.find(token)
        if request.method == "POST" and isinstance(request.user, User):
            return _accept(request, invitation, request.user)
    except InvitationGone as gone:
        return render(request, "portal/team/gone.html", {"reason": gone}, status=410)
    except SomebodyElses:
        return redirect(request.path)  # whose page says so
    invited.came_by(request, token)
    return render(
        request, "portal/team/join.html", {"invitation": invitation, "theirs": _is_theirs(request, invitation)}
    )


def _accept(request: HttpRequest, invitation: Invitation, user: User) -> HttpResponse:
    invitations.accept(invitation=invitation, user=user)
    invited.forget(request)
    request.session[CHOSEN] = invitation.account.sid
    messages.success(request, _("You act for %(account)s now.") % {"account": invitation.account.friendly_name})
    return redirect("portal:home")


def _is_theirs(request: HttpRequest, invitation: Invitation) -> bool:
    return isinstance(request.user, User) and request.user.email.lower() == invitation.email
