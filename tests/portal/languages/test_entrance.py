"""Coming in, teams, keys and second factors, in another language."""

from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.mfa.webauthn.internal import auth as passkeys
from django.core import mail
from django.test import Client

from accounts.models import Account, AccountStatus, Invitation, Membership, Role, User
from accounts.services.auth_tokens import make_secondary
from accounts.services.credentials import issue_key
from accounts.services.invitations import invite, token_of
from tests.factories import AccountFactory, UserFactory
from tests.portal.languages.walking import Walk
from tests.portal.letters import newest_code

PAGES = {
    *("sign-in", "sign-up", "sign-out", "security", "open-account", "join", "act-for", "language"),
    *("account_login", "account_signup", "account_logout", "account_inactive", "account_email_verification_sent"),
    *("account_reset_password", "account_confirm_password_reset_code", "account_complete_password_reset"),
    *("account_password_reset_completed", "account_reauthenticate", "account_email", "account_change_password"),
    *("account_set_password", "mfa_authenticate", "mfa_login_webauthn", "mfa_reauthenticate"),
    *("mfa_reauthenticate_webauthn", "mfa_index", "mfa_activate_totp", "mfa_deactivate_totp"),
    *("mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_download_recovery_codes", "mfa_list_webauthn"),
    *("mfa_add_webauthn", "mfa_remove_webauthn", "mfa_edit_webauthn", "usersessions_list"),
    *("team", "invite", "revoke-invitation", "change-role", "remove-member"),
    *("keys", "create-key", "rename-key", "revoke-key", "auth-token", "make-second-token", "promote-token"),
    "drop-second-token",
}
GOOD = "a long sentence"
GRACE = "grace@example.com"


@pytest.fixture
def sure(walk: Walk, ada_herself: User) -> Walk:
    """She has just said her password."""
    _say_the_password(walk, ada_herself)
    return walk


def _say_the_password(walk: Walk, user: User) -> None:
    """From an address that nobody else has tried."""
    EmailAddress.objects.filter(user=user).delete()
    user.email = f"{uuid4().hex}@example.com"
    user.save(update_fields=["email"])
    user.vouch_for_address()
    walk.post("/account/again", {"password": "password", "next": "/team"})


def test_signing_up(stranger: Walk) -> None:
    email = f"{uuid4().hex}@example.com"
    stranger.get("/")
    stranger.get("/sign-up")
    stranger.post("/sign-up", {"name": "", "email": "nobody", "password1": "short"})
    stranger.post("/sign-up", {"name": "Ada's shop", "email": email, "password1": "password"})
    stranger.post("/sign-up", {"name": "Ada's shop", "email": email, "password1": GOOD})
    stranger.get("/account/verify")
    stranger.post("/account/verify", {"code": "wrong"})
    stranger.post("/account/verify", {"action": "resend"})
    stranger.post("/account/verify", {"code": newest_code(email)})
    stranger.post("/sign-out")


def test_signing_in(stranger: Walk) -> None:
    user = UserFactory.create(email=f"{uuid4().hex}@example.com")
    stranger.get("/sign-in")
    stranger.get("/sign-in/inactive")
    stranger.get("/sign-in/code", 302)
    stranger.post("/sign-in", {"login": "nobody", "password": ""})
    stranger.post("/sign-in", {"login": user.email, "password": "wrong"})
    stranger.get("/account/forgotten/done")
    stranger.get("/account/forgotten")
    stranger.post("/account/forgotten", {"email": "nobody"})
    stranger.post("/account/forgotten", {"email": user.email})
    stranger.get("/account/forgotten/code")
    stranger.post("/account/forgotten/code", {"code": "wrong"})
    stranger.post("/account/forgotten/code", {"code": newest_code(user.email)})
    stranger.get("/account/forgotten/password")
    stranger.post("/account/forgotten/password", {"password1": "short", "password2": "other"})
    stranger.post("/account/forgotten/password", {"password1": GOOD, "password2": GOOD})
    stranger.post("/sign-in", {"login": user.email, "password": GOOD}, 403)  # who belongs to no account yet


def test_who_belongs_to_nobody_opens_an_account(stranger: Walk) -> None:
    stranger.client.force_login(UserFactory.create())
    stranger.get("/team", 403)
    stranger.get("/account/open")
    stranger.post("/account/open", {"name": ""})
    stranger.post("/account/open", {"name": "Ada's shop"})
    stranger.post("/account/open", {"name": "Ada's shop"}, 409)


def test_her_own_settings(sure: Walk, ada_herself: User) -> None:
    for path in ("/account/security", "/account/email", "/account/password", "/account/sessions"):
        sure.get(path)
    sure.get("/account/password/first", 302)
    sure.post("/account/email", {"email": "nobody", "action_add": ""})
    sure.post("/account/email", {"email": f"{uuid4().hex}@example.com", "action_add": ""})
    sure.get("/account/email")
    sure.post("/account/password", {"oldpassword": "wrong", "password1": "short", "password2": "x"})
    sure.post("/account/password", {"oldpassword": "password", "password1": GOOD, "password2": GOOD})
    ada_herself.refresh_from_db()
    sure.client.force_login(ada_herself)
    sure.get("/account/again")
    sure.post("/account/again", {"password": "wrong"})
    sure.post("/language", {"language": "de", "next": "/team"})
    sure.post("/sign-out")


def test_second_factors(sure: Walk, ada_herself: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passkeys, "begin_authentication", lambda user=None: {"publicKey": {}})
    sure.get("/account/factors/app")
    sure.post("/account/factors/app", {"code": "123456"})
    sure.get("/account/passkeys/add")
    sure.post("/account/passkeys/add", {"name": "", "credential": "{}"})
    RecoveryCodes.activate(ada_herself)
    TOTP.activate(ada_herself, generate_totp_secret())
    key = Authenticator.objects.create(
        user=ada_herself, type="webauthn", data={"name": "work laptop", "credential": {}}
    )
    paths = ("app", "app/remove", "codes", "codes/new", "codes/file")
    for path in paths:
        sure.get(f"/account/factors/{path}", 302 if path == "app" else 200)
    sure.get("/account/security")
    for path in ("name", "remove"):
        sure.get(f"/account/passkeys/{key.pk}/{path}")
    sure.post(f"/account/passkeys/{key.pk}/name", {"name": ""})
    sure.post("/account/factors/codes/new")
    sure.get("/sign-in/passkey", 302)
    for path in ("/account/again/code", "/account/again/passkey"):
        sure.get(path)
    sure.post("/account/again/code", {"code": "123456"})
    sure.post("/account/factors/app/remove")
    sure.post(f"/account/passkeys/{key.pk}/remove")


def test_the_code_of_a_second_factor(stranger: Walk) -> None:
    user = UserFactory.create(email=f"{uuid4().hex}@example.com")
    user.vouch_for_address()
    TOTP.activate(user, generate_totp_secret())
    RecoveryCodes.activate(user)
    stranger.post("/sign-in", {"login": user.email, "password": "password"})
    stranger.post("/sign-in/code", {"code": "123456"})


def test_a_team(sure: Walk, account: Account, ada_herself: User) -> None:
    rows = {
        role: Membership.objects.create(user=UserFactory.create(), account=account, role=role)
        for role in (Role.MEMBER, Role.VIEWER)
    }
    mine = Membership.objects.get(user=ada_herself)
    sure.get("/team")
    sure.post("/team/invite", {"email": "nobody", "role": "owner"}, 422)
    sure.post("/team/invite", {"email": ada_herself.email, "role": "member"}, 409)
    sure.post("/team/invite", {"email": GRACE, "role": "viewer"})
    sure.post(f"/team/invitations/{Invitation.objects.get().pk}/revoke")
    for path in ("role", "remove"):
        sure.get(f"/team/members/{rows[Role.MEMBER].pk}/{path}")
    sure.post(f"/team/members/{rows[Role.MEMBER].pk}/role", {"role": "viewer"})
    sure.post(f"/team/members/{rows[Role.MEMBER].pk}/remove")
    sure.post(f"/team/members/{mine.pk}/remove", status=409)
    other = AccountFactory.create(friendly_name="Branch")
    Membership.objects.create(user=ada_herself, account=other)
    sure.get("/team")
    sure.post("/act-for", {"account": other.sid, "next": "/team"})


def test_who_may_not(walk: Walk, account: Account, ada_herself: User) -> None:
    Membership.objects.create(user=UserFactory.create(), account=account, role=Role.OWNER)
    Membership.objects.filter(user=ada_herself).update(role=Role.VIEWER)
    walk.get("/keys", 403)
    walk.post("/papers/addresses/new?country=DE", status=403)
    for path in ("/", "/numbers", "/papers", "/team", "/cart"):
        walk.get(path)
    Membership.objects.filter(user=ada_herself).update(role=Role.OWNER)
    Account.objects.filter(pk=account.pk).update(status=AccountStatus.SUSPENDED)
    walk.post("/papers/addresses/new?country=DE", status=403)
    walk.get("/")


def test_an_invitation(stranger: Walk, account: Account, ada_herself: User) -> None:
    invited = invite(account=account, email=GRACE, role=Role.VIEWER, invited_by=ada_herself)
    path = f"/join/{token_of(invited)}"
    stranger.get(path)
    stranger.get("/join/nonsense", 410)
    stranger.client.force_login(UserFactory.create(email="mallory@example.com"))
    stranger.get(path)
    stranger.client.force_login(UserFactory.create(email=GRACE))
    stranger.get(path)
    stranger.post(path)
    stranger.get(path, 410)


def test_keys(sure: Walk, account: Account) -> None:
    sure.get("/keys")
    sure.post("/keys/new", {"name": ""}, 422)
    sure.post("/keys/new", {"name": "billing server"})
    key = issue_key(account, "billing server").key
    sure.get("/keys")
    for path in ("name", "revoke"):
        sure.get(f"/keys/{key.sid}/{path}")
    sure.post(f"/keys/{key.sid}/revoke")
    sure.get("/keys/token")
    sure.post("/keys/token/promote", status=409)
    sure.post("/keys/token/second")
    sure.post("/keys/token/drop")
    make_secondary(account=account)
    sure.post("/keys/token/promote")


def test_a_forged_form_is_refused_in_words(walk: Walk, ada: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = ada.cookies
    walk.client = strict  # what else the walk has found stays
    walk.post("/numbers/together", status=403)
    assert mail.outbox == []
