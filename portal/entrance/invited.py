"""Which invitation somebody came in by: remembered in the session from the link on, until it is accepted."""

from django.http import HttpRequest

from accounts.models import Invitation
from accounts.refusals import InvitationGone
from accounts.services import invitations

KEY = "invitation"  # in the session: the token of the link


def came_by(request: HttpRequest, token: str) -> None:
    """Remember the link, and that whoever opened it reads that mailbox."""
    request.session[KEY] = token


def invited_by(request: HttpRequest) -> Invitation | None:
    """The invitation that the session remembers, while it can still be accepted."""
    token = request.session.get(KEY)
    try:
        return invitations.find(token) if token else None
    except InvitationGone:
        return None


def forget(request: HttpRequest) -> None:
    """It was answered."""
    request.session.pop(KEY, None)
