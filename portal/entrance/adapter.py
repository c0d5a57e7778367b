"""What django-allauth leaves to us: where one comes out, what opens on the way, what its messages say."""

from smtplib import SMTPException
from typing import Any

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts import languages
from accounts.models import Membership, User
from accounts.services.invitations import token_of
from accounts.services.memberships import open_account_of
from accounts.signing_in import forget_tries
from portal.entrance.invited import invited_by

log = structlog.get_logger(__name__)


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Its defaults but for these."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("E-mail address or password is wrong. After ten tries wait 15 minutes."),
        "too_many_login_attempts": _("There were too many tries. Wait 15 minutes, then try again."),
        "incorrect_password": _("That is not your password. After ten tries wait 15 minutes."),
        "incorrect_code": _("That is not the code of the newest letter. Look again, or have a new one sent."),
        "rate_limited": _("That was too often. Wait a few minutes, then try again."),
    }

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Tries of passwords are counted by `accounts.signing_in`, at every door."""

    def get_login_stages(self) -> list[str]:
        """No codes instead of passwords, no telephone numbers: the address, then the second factor."""
        return ["allauth.account.stages.EmailVerificationStage", "allauth.mfa.stages.AuthenticateStage"]

    def is_email_verified(self, request: HttpRequest, email: str) -> bool:
        """Who follows the link of an invitation reads the mailbox that it was sent to."""
        invitation = invited_by(request)
        return invitation is not None and invitation.email == email.lower()

    def save_user(self, request: HttpRequest, user: User, form: Form, commit: bool = True) -> User:
        """With the name of the account that opens when the address is verified."""
        user.account_name = form.cleaned_data.get("name", "")
        saved: User = super().save_user(request, user, form, commit)
        return saved

    def post_login(self, request: HttpRequest, user: User, **about: Any) -> HttpResponse:
        """Nobody gets here whose address is not verified, so now the account opens that was asked for at sign-up."""
        open_account_of(user)
        languages.remember(user, get_language() or "")  # of letters, too
        response: HttpResponse = super().post_login(request, user, **about)
        return response

    def set_password(self, user: User, password: str) -> None:
        """Who could set it has shown who they are."""
        super().set_password(user, password)
        forget_tries(user.email)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """To what one came for: an invitation; for staff without an account the console; else the overview."""
        if (invitation := invited_by(request)) is not None:
            return reverse("portal:join", args=[token_of(invitation)])
        user = request.user
        if isinstance(user, User) and user.is_staff and not Membership.objects.filter(user=user).exists():
            return reverse("admin:index")
        return reverse("portal:home")

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Where one changed it."""
        return reverse("portal:security")

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """What can't be sent now can be asked for again; a mail server that is away breaks no page."""
        try:
            super().send_mail(template_prefix, email, context)
        except (SMTPException, OSError):
            log.exception("letter_not_sent", template=template_prefix)
            words = _("The letter could not be sent just now. Wait a minute, then have it sent again.")
            messages.error(self.request, str(words))
