"""Signing in."""

from django.contrib.auth.forms import AuthenticationForm

from accounts.signing_in import ADVICE


class SignInForm(AuthenticationForm):
    """Django's, which also says how often one may try."""

    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": f"E-mail or password is wrong. {ADVICE}",
    }
