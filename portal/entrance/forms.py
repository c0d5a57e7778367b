"""django-allauth's forms with our labels and help, and without placeholders, which vanish when one types."""

from typing import Any

from allauth.account import forms as account
from allauth.core import context
from allauth.mfa.base import forms as factors
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as passkeys
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from portal.entrance.invited import invited_by

ADDRESS = _("E-mail address")
PASSWORD_HELP = _("At least 8 characters, nothing that everybody tries first. A sentence is easy to keep in mind.")
CODE_HELP = _("Eight letters; the dash does not matter.")


class Plain:
    """For any of them: labels from `labels`, help from `help_texts`, none of the placeholders."""

    labels: dict[str, Any] = {}
    help_texts: dict[str, Any] = {}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{**options, "label_suffix": ""})
        fields: dict[str, forms.Field] = self.fields  # type: ignore[attr-defined]  # of the form beside this class
        for name, field in fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = self.labels.get(name, field.label)
            field.help_text = self.help_texts.get(name, "")


class SignInForm(Plain, account.LoginForm):  # type: ignore[misc]  # allauth has no types
    """Address and password."""

    labels = {"login": ADDRESS, "password": _("Password")}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["login"].widget.attrs["autocomplete"] = "username webauthn"


class SignUpForm(Plain, account.SignupForm):  # type: ignore[misc]
    """Address, password, and what the account shall be called. Who was invited gets none of their own."""

    labels = {"email": ADDRESS, "password1": _("Password")}
    help_texts = {"email": _("We send a code there to see that it is yours."), "password1": PASSWORD_HELP}
    field_order = ["name", "email", "password1"]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if (invitation := invited_by(context.request)) is None:
            self.fields["name"] = forms.CharField(
                max_length=Account._meta.get_field("friendly_name").max_length,
                label=_("Company, or your own name"),
                help_text=_("Your account is called so. You can invite others to it later."),
                widget=forms.TextInput(attrs={"autocomplete": "organization"}),
            )
        else:
            self.fields["email"].disabled = True
            self.fields["email"].help_text = _("The invitation is for this address.")
            self.initial["email"] = invitation.email
        self.order_fields(self.field_order)


class NewAddressForm(Plain, account.AddEmailForm):  # type: ignore[misc]
    """The address that shall take the place of the present one."""

    labels = {"email": _("New e-mail address")}
    help_texts = {"email": _("We send a code there. Until you enter it, the present address stays.")}


class OtherAddressForm(Plain, account.ChangeEmailForm):  # type: ignore[misc]
    """Another address, when the first was mistyped at sign-up."""

    labels = {"email": ADDRESS}


class ChangePasswordForm(Plain, account.ChangePasswordForm):  # type: ignore[misc]
    """The present one, and the new one twice."""

    labels = {
        "oldpassword": _("Present password"),
        "password1": _("New password"),
        "password2": _("New password again"),
    }
    help_texts = {"password1": PASSWORD_HELP}


class SetPasswordForm(Plain, account.SetPasswordForm):  # type: ignore[misc]
    """The first one of somebody who has none."""

    labels = {"password1": _("Password"), "password2": _("Password again")}
    help_texts = {"password1": PASSWORD_HELP}


class ForgottenForm(Plain, account.ResetPasswordForm):  # type: ignore[misc]
    """Where the code goes."""

    labels = {"email": ADDRESS}


class NewPasswordForm(Plain, account.ResetPasswordKeyForm):  # type: ignore[misc]
    """The new one twice."""

    labels = {"password1": _("New password"), "password2": _("New password again")}
    help_texts = {"password1": PASSWORD_HELP}


class PasswordAgainForm(Plain, account.ReauthenticateForm):  # type: ignore[misc]
    """Before something grave."""

    labels = {"password": _("Password")}


class AddressCodeForm(Plain, account.ConfirmEmailVerificationCodeForm):  # type: ignore[misc]
    """The code from the letter."""

    labels = {"code": _("Code from the letter")}
    help_texts = {"code": CODE_HELP}


class ForgottenCodeForm(Plain, account.ConfirmPasswordResetCodeForm):  # type: ignore[misc]
    """Likewise."""

    labels = {"code": _("Code from the letter")}
    help_texts = {"code": CODE_HELP}


class CodeForm(Plain, factors.AuthenticateForm):  # type: ignore[misc]
    """A second factor that is typed."""

    labels = {"code": _("Code")}
    help_texts = {"code": _("Six digits from your authenticator app, or one of your recovery codes.")}


class CodeAgainForm(Plain, factors.ReauthenticateForm):  # type: ignore[misc]
    """Likewise, before something grave."""

    labels = CodeForm.labels
    help_texts = CodeForm.help_texts


class FirstCodeForm(Plain, totp.ActivateTOTPForm):  # type: ignore[misc]
    """Proof that the app has learnt the secret."""

    labels = {"code": _("Code that the app shows")}
    help_texts = {"code": _("Six digits; each is good for half a minute.")}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["code"].widget.attrs["inputmode"] = "numeric"


class PasskeyForm(Plain, passkeys.AddWebAuthnForm):  # type: ignore[misc]
    """A name for it. The rest is between the browser and the device."""

    labels = {"name": _("Name"), "passwordless": _("Sign in with it alone, without the password")}
    help_texts = {
        "name": _("So that you know it again, such as “work laptop”."),
        "passwordless": _("The device then asks for its own proof: a fingerprint, a face or its PIN."),
    }


class PasskeyNameForm(Plain, passkeys.EditWebAuthnForm):  # type: ignore[misc]
    """Another name for it."""

    labels = {"name": _("Name")}
