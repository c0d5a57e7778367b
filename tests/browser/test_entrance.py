"""Coming in with a real browser: from sign-up to a key of one's own, and with a passkey instead of a password."""

from pathlib import Path
from uuid import uuid4

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from playwright.sync_api import Page, expect

from accounts.models import Account, Membership, Role, User
from accounts.services.auth_tokens import make_secondary
from accounts.services.credentials import issue_key
from accounts.services.invitations import invite, token_of
from tests.browser.conftest import WIDTHS, Visit, grave_findings, is_wider_than_its_window
from tests.factories import AccountFactory, UserFactory
from tests.portal.letters import newest_code

pytestmark = pytest.mark.django_db(transaction=True)

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def shop() -> Account:
    account: Account = AccountFactory.create(friendly_name="Ada's shop")
    return account


@pytest.fixture
def ada(shop: Account) -> User:
    """Owns the shop."""
    user: User = UserFactory.create(email=f"ada-{uuid4().hex[:8]}@example.com")
    Membership.objects.create(user=user, account=shop)
    return user


def say_the_password(page: Page) -> None:
    page.get_by_label("Password").fill("password")
    page.get_by_role("button", name="Go on").click()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_from_sign_up_to_a_key(*, visit: Visit, scripts: bool) -> None:
    page, email = visit("/", scripts=scripts), f"{uuid4().hex[:8]}@example.com"
    page.get_by_role("link", name="Sign up").first.click()
    page.get_by_label("Company, or your own name").fill("Ada & Co")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill("a long sentence")
    page.get_by_role("button", name="Sign up").click()
    page.get_by_label("Code from the letter").fill(newest_code(email))
    page.get_by_role("button", name="Verify").click()
    expect(page.get_by_role("heading", name="Ada & Co")).to_be_visible()
    page.get_by_text("Account", exact=True).click()
    page.get_by_role("link", name="API keys").click()
    page.get_by_label("Name").fill("billing server")
    page.get_by_role("button", name="Make the key").click()
    secret = page.locator("#copy-secret").inner_text()
    assert len(secret) == 32
    if scripts:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.locator("[data-copy=copy-secret]").click()
        expect(page.get_by_role("button", name="Copied")).to_be_visible()
        assert page.evaluate("navigator.clipboard.readText()") == secret


def test_a_passkey_takes_the_place_of_the_password(visit: Visit, ada: User) -> None:
    page = visit("/account/security", ada)
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    page.get_by_role("link", name="Add a passkey").click()
    say_the_password(page)
    page.get_by_label("Name").fill("work laptop")
    page.get_by_label("Sign in with it alone").check()
    page.get_by_role("button", name="Create the passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    assert Authenticator.objects.get(user=ada, type="webauthn").wrap().name == "work laptop"
    page.get_by_role("button", name="Sign out").click()
    page.goto("/sign-in?next=/team")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("heading", name="Team")).to_be_visible()


def test_a_passkey_is_a_second_factor_beside_the_password(visit: Visit, ada: User) -> None:
    page = visit("/account/passkeys/add", ada)
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    say_the_password(page)
    page.get_by_role("button", name="Create the passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    page.goto("/sign-in")
    page.get_by_label("E-mail address").fill(ada.email)
    page.get_by_label("Password").fill("password")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Your second factor")).to_be_visible()
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="Ada's shop")).to_be_visible()


def test_a_device_that_says_no_is_said_in_words(visit: Visit, ada: User) -> None:
    page = visit("/sign-in")
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    refusing = {**DEVICE, "isUserVerified": False}
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": refusing})
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("That did not work, or was given up")).to_be_visible(timeout=30_000)


STRANGERS = ["/sign-in", "/sign-up", "/account/forgotten"]
HERS = ["/team", "/keys", "/keys/token", "/account/security", "/account/email", "/account/password"]
GRAVE = ["/account/factors/app", "/account/factors/codes", "/account/passkeys/add", "/account/sessions"]


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS.keys())
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_pages_are_whole_and_open_to_all(
    *, visit: Visit, ada: User, shop: Account, width: int, dark: bool, tmp_path: Path
) -> None:
    """Each page fits its window, keeps to its policy, and axe-core finds nothing grave."""
    key, member = _furnish(shop, ada)
    link = token_of(invite(account=shop, email="grace@example.com", role=Role.VIEWER, invited_by=ada))
    deeds = [f"/keys/{key}/revoke", f"/team/members/{member}/remove", f"/team/members/{member}/role"]
    stranger = visit("/", width=width, dark=dark)
    hers = visit("/account/again?next=/team", ada, width=width, dark=dark)
    say_the_password(hers)
    wrong: dict[str, list[str]] = {}
    for page, paths in ((stranger, [*STRANGERS, f"/join/{link}"]), (hers, [*HERS, *GRAVE, *deeds])):
        for path in paths:
            page.goto(path)
            _look(page, path, tmp_path, wrong)
    hers.goto("/team")
    hers.get_by_text("Account", exact=True).click()
    _look(hers, "/menu", tmp_path, wrong)
    assert {path: findings for path, findings in wrong.items() if findings} == {}


def _look(page: Page, path: str, tmp_path: Path, wrong: dict[str, list[str]]) -> None:
    name = path.strip("/").replace("/", "-")[:40]
    page.screenshot(path=tmp_path / f"{name}.png", full_page=True)
    wrong[path] = [*grave_findings(page), *(["too wide"] if is_wider_than_its_window(page) else [])]


def _furnish(shop: Account, ada: User) -> tuple[str, int]:
    """A team of three, two keys, a second token, recovery codes."""
    roles = {"bea.with.a.rather.long.address@subsidiary.example.com": Role.MEMBER, "cy@example.com": Role.VIEWER}
    rows = [Membership.objects.create(user=UserFactory.create(email=e), account=shop, role=r) for e, r in roles.items()]
    keys = [issue_key(shop, name).key for name in ("billing server", "support desk")]
    make_secondary(account=shop)
    RecoveryCodes.activate(ada)
    return keys[0].sid, rows[0].pk
