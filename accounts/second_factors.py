"""Second factors: their secrets are encrypted as all that must be read back, and moved to new keys with the rest."""

from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.encryption import current_fernet
from accounts.models import User

SECRETS = frozenset(("secret", "seed"))  # of an authenticator app, and of recovery codes; a passkey's is not with us


class Adapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """django-allauth's, with our key ring and our words."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("That code is not right. Codes of an app are good for half a minute: take the newest."),
        "unverified_email": _("Verify your e-mail address first."),
    }

    def encrypt(self, text: str) -> str:
        """Under the newest key."""
        return current_fernet().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Under any key that the deployment has."""
        return current_fernet().decrypt(encrypted_text.encode()).decode()

    def generate_authenticator_name(self, user: User, type: Any) -> str:
        """What a new passkey is called until its owner says otherwise."""
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return gettext("Passkey") if number == 1 else gettext("Passkey %(number)d") % {"number": number}


def is_proved(request: HttpRequest) -> bool:
    """Whether the person of this session has shown a second factor in it, or a passkey instead of a password."""
    return any(record["method"] == "mfa" for record in get_authentication_records(request, request.user))
