"""The letter that brings an invitation."""

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext

from accounts.models import Invitation
from accounts.services.invitations import token_of


def send(invitation: Invitation) -> None:
    """Write to the invited address. Raises SMTPException, OSError: then nobody has the link, and it is sent again."""
    link = settings.PUBLIC_URL + reverse("portal:join", args=[token_of(invitation)])
    about = {"invitation": invitation, "link": link}
    subject = gettext("%(who)s invites you to %(account)s") % {
        "who": invitation.invited_by.email,
        "account": " ".join(invitation.account.friendly_name.split()),  # a subject is one line
    }
    send_mail(subject, render_to_string("mail/invitation.txt", about), None, [invitation.email])
