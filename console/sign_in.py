"""Signing in to the console."""

from typing import TYPE_CHECKING

from accounts.signing_in import ADVICE

if TYPE_CHECKING:  # as in console.read_only: the theme's is Django's with other widgets
    from django.contrib.admin.forms import AdminAuthenticationForm as AuthenticationForm
else:
    from unfold.forms import AuthenticationForm


class SignInForm(AuthenticationForm):
    """The theme's, which also says how often one may try."""

    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": f"E-mail or password is wrong, or this is no staff account. {ADVICE}",
    }
