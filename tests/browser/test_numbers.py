"""My numbers in a browser: the way of a number through its customer's hands, and every page of the room for all."""

import re
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import Account, Membership, User
from inventory.models import Did, Tariff
from inventory.services import assignments, protection
from testing_lab.models import Outcome, Passport, Result, RunState, SuiteRun
from testing_lab.registry import all_tests
from tests.browser.conftest import WIDTHS, Visit, grave_findings, is_wider_than_its_window
from tests.factories import AccountFactory, DidFactory, NumberFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def account() -> Account:
    return AccountFactory.create(friendly_name="Ada's shop")


@pytest.fixture
def ada(account: Account) -> User:
    user: User = UserFactory.create(email="ada@example.com")
    Membership.objects.create(user=user, account=account)
    return user


@pytest.fixture
def did(account: Account) -> Did:
    """Bought, priced, and with a passport that has every kind of result."""
    Tariff.objects.create(
        country="US", number_type="local", setup_price=0, monthly_price=Decimal("1.15"), currency="USD"
    )
    number = NumberFactory.create(e164=14155550123)
    now = timezone.now()
    run = SuiteRun.objects.create(number=number, state=RunState.DONE, passed=True, attempt=1, finished_at=now)
    outcomes = [Outcome.PASS] * 19 + [Outcome.FAIL, Outcome.INCONCLUSIVE, *[Outcome.NOT_APPLICABLE] * 3]
    for test, outcome in zip(all_tests(), outcomes, strict=False):
        Result.objects.create(run=run, attempt=1, code=test.code, outcome=outcome, value=1.25, unit="s", limit="<= 3")
    dates = {"issued_at": now, "expires_at": now + timedelta(days=30)}
    Passport.objects.create(number=number, run=run, declared=15, tested=15, **dates)
    return assignments.buy(account=account, e164=number.e164, settings={"friendly_name": "Front desk"})


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without"])
def test_settings_lock_refusal_unlock_release_reclaim(*, visit: Visit, ada: User, did: Did, scripts: bool) -> None:
    page = visit("/numbers", ada, scripts=scripts)
    page.get_by_role("link", name="(415) 555-0123").click()
    page.get_by_label("Address for calls").fill("ftp://example.com")
    page.get_by_role("button", name="Save the settings").click()
    expect(page.get_by_label("Address for calls")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Address for calls").fill("https://example.com/calls")
    page.get_by_role("button", name="Save the settings").click()
    expect(page.get_by_text("The settings are saved.")).to_be_visible()

    page.get_by_role("button", name="Protect this number").click()
    expect(page.get_by_text("nobody can give it back or move it.")).to_be_visible()
    page.goto(f"/numbers/{did.sid}/give-back")
    expect(page.get_by_role("alert")).to_contain_text("This number is protected")
    page.get_by_role("link", name="Take the protection off").click()
    page.get_by_label("The last four digits of the number").fill("0123")
    page.get_by_role("button", name="Take the protection off").click()

    page.get_by_role("link", name="Give it back").click()
    expect(page.get_by_text("Nothing goes to https://example.com/calls any more.")).to_be_visible()
    page.get_by_role("button", name="Give it back").click()
    expect(page.get_by_text("You gave this number back.")).to_be_visible()
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_label("Address for calls")).to_have_value("https://example.com/calls")
    did.refresh_from_db()
    assert (did.ended_at, did.voice_url) == (None, "https://example.com/calls")


def test_several_are_chosen_at_once(visit: Visit, ada: User, account: Account) -> None:
    DidFactory.create_batch(3, account=account)
    page = visit("/numbers", ada)
    page.get_by_label("Choose all on this page").check()
    expect(page.locator("[data-chosen]")).to_have_text(re.compile("3"))
    page.get_by_role("button", name="Give back").click()
    expect(page.get_by_role("status")).to_contain_text("This would be done for 3 of 3")
    page.get_by_role("button", name="Give 3 numbers back").click()
    expect(page.get_by_role("status")).to_contain_text("Done for 3 of 3")
    assert not Did.objects.filter(ended_at=None).exists()


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS.keys())
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_pages_are_whole_and_open_to_all(
    *, visit: Visit, ada: User, account: Account, did: Did, width: int, dark: bool, tmp_path: Path
) -> None:
    """Each page fits its window, keeps to its policy, and axe-core finds nothing grave."""
    DidFactory.create_batch(4, account=account)
    AccountFactory.create(parent=account, friendly_name="Branch")
    kept = protection.protect(did=DidFactory.create(account=account, friendly_name="x" * 64), actor=f"user:{ada.pk}")
    over = DidFactory.create(account=account)
    assignments.release(did=over, actor=f"user:{ada.pk}")
    paths = {
        "home": "/",
        "list": "/numbers",
        "released": "/numbers?state=RELEASED",
        "none": "/numbers?q=zebra",
        "number": f"/numbers/{did.sid}",
        "protected": f"/numbers/{kept.sid}",
        "over": f"/numbers/{over.sid}",
        "give-back": f"/numbers/{did.sid}/give-back",
        "refused": f"/numbers/{kept.sid}/give-back",
        "unprotect": f"/numbers/{kept.sid}/unprotect",
        "move": f"/numbers/{did.sid}/move",
    }
    wrong = {}
    for name, path in paths.items():
        page = visit(path, ada, width=width, dark=dark)
        page.screenshot(path=tmp_path / f"{name}.png", full_page=True)
        wrong[name] = [*grave_findings(page), *(["too wide"] if is_wider_than_its_window(page) else [])]
    assert {name: findings for name, findings in wrong.items() if findings} == {}
