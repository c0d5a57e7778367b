"""Where one comes in. The names are django-allauth's, which looks its pages up by them; the paths are ours."""

from allauth.account import views as account
from allauth.mfa.base import views as factors
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from allauth.usersessions import views as sessions
from django.contrib.auth.views import LogoutView
from django.urls import path

from portal.entrance.views import SignIn, SignUp
from portal.security import views as security

sign_in = SignIn.as_view()
sign_up = SignUp.as_view()
sign_out = LogoutView.as_view(next_page="portal:home")

urlpatterns = [
    path("sign-in", sign_in, name="account_login"),
    path("sign-in/code", factors.authenticate, name="mfa_authenticate"),
    path("sign-in/passkey", passkeys.login_webauthn, name="mfa_login_webauthn"),
    path("sign-in/inactive", account.account_inactive, name="account_inactive"),
    path("sign-up", sign_up, name="account_signup"),
    path("sign-out", sign_out, name="account_logout"),
    path("account/verify", account.email_verification_sent, name="account_email_verification_sent"),
    path("account/forgotten", account.password_reset, name="account_reset_password"),
    path("account/forgotten/code", account.confirm_password_reset_code, name="account_confirm_password_reset_code"),
    path("account/forgotten/password", account.complete_password_reset, name="account_complete_password_reset"),
    path("account/forgotten/done", account.password_reset_from_key_done, name="account_password_reset_completed"),
    path("account/again", account.reauthenticate, name="account_reauthenticate"),
    path("account/again/code", factors.reauthenticate, name="mfa_reauthenticate"),
    path("account/again/passkey", passkeys.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("account/email", account.email, name="account_email"),
    path("account/password", account.password_change, name="account_change_password"),
    path("account/password/first", account.password_set, name="account_set_password"),
    path("account/security", security.overview, name="mfa_index"),
    path("account/factors/app", totp.activate_totp, name="mfa_activate_totp"),
    path("account/factors/app/remove", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("account/factors/codes", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("account/factors/codes/new", codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("account/factors/codes/file", codes.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("account/security", security.overview, name="mfa_list_webauthn"),
    path("account/passkeys/add", passkeys.add_webauthn, name="mfa_add_webauthn"),
    path("account/passkeys/<int:pk>/remove", passkeys.remove_webauthn, name="mfa_remove_webauthn"),
    path("account/passkeys/<int:pk>/name", passkeys.edit_webauthn, name="mfa_edit_webauthn"),
    path("account/sessions", sessions.list_usersessions, name="usersessions_list"),
]
