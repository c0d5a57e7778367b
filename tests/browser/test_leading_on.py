"""What new customers missed: other papers for a number, all that match, a subaccount, a look at a correction."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Account, Membership, User
from compliance.models import Bundle
from tests.browser.conftest import WIDTHS, Visit, grave_findings, is_wider_than_its_window
from tests.compliance.review import waiting
from tests.factories import AccountFactory, BundleFactory, DidFactory, RegulationFactory, UserFactory
from tests.portal.filed.papers import item_of, rejected

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
def bad(account: Account) -> Bundle:
    """Whose extract was rejected."""
    rosa = UserFactory.create(email="rosa@example.com", is_staff=True)
    bundle = waiting.submitted(waiting.draft(account=account, friendly_name="Berlin office"))
    return rejected(bundle, rosa, "commercial_registrar_excerpt")


def looked_at(page: Page, into: Path) -> list[str]:
    page.screenshot(path=into, full_page=True)
    return [*grave_findings(page), *(["too wide"] if is_wider_than_its_window(page) else [])]


@pytest.mark.parametrize(("width", "dark"), [(360, False), (1280, True)], ids=WIDTHS)
def test_the_pages_are_whole_and_open_to_all(
    *, visit: Visit, ada: User, account: Account, width: int, dark: bool, tmp_path: Path
) -> None:
    voip = RegulationFactory.create(number_type="voip")
    first, _ = (
        BundleFactory.create(account=account, approved=True, regulation=voip, friendly_name=f"Papers of {town}")
        for town in ("Berlin", "Hamburg")
    )
    number = {"number__country": "DE", "number__number_type": "voip", "number__e164": 493212345678}
    did = DidFactory.create(account=account, bundle_sid=first.sid, **number)
    DidFactory.create_batch(51, account=account)
    wrong = {}
    for name, path in {"papers": f"/numbers/{did.sid}/papers", "move": f"/numbers/{did.sid}/move"}.items():
        wrong[name] = looked_at(visit(path, ada, width=width, dark=dark), tmp_path / f"{name}.png")
    page = visit("/numbers", ada, width=width, dark=dark)
    page.get_by_label("Choose all of my numbers, on every page").check()
    wrong["list"] = looked_at(page, tmp_path / "list.png")
    page.get_by_role("button", name="Protect", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("This would be done for 52 of 52")
    wrong["together"] = looked_at(page, tmp_path / "together.png")
    assert {name: findings for name, findings in wrong.items() if findings} == {}


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_a_correction_is_looked_at_while_it_is_written(
    visit: Visit, ada: User, bad: Bundle, width: int, tmp_path: Path
) -> None:
    page = visit(f"/papers/{bad.sid}", ada, width=width)
    item = item_of(bad, "commercial_registrar_excerpt")
    name = page.locator(f"[id='{item.sid}-business_name']")
    name.fill("Andere GmbH")
    name.press("Tab")
    expect(page.locator(f"[id='{item.sid}-business_name_said']")).to_contain_text("differs from the end user")
    file = page.locator(f"[id='{item.sid}'] input[type=file]")
    file.set_input_files({"name": "notes.txt", "mimeType": "text/plain", "buffer": b"notes"})
    expect(page.get_by_text("This file is no PDF, JPEG or PNG.")).to_be_visible()
    file.set_input_files({"name": "scan.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"})
    expect(page.get_by_text("scan.pdf, 1 kB")).to_be_visible()
    assert looked_at(page, tmp_path / "mend.png") == []
