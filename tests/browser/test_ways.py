"""The ways through the console in a browser: a number by its last digits, groups by keyboard, lists that fit."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from accounts.models import User
from inventory.models import BlockReason
from inventory.services import blocks
from inventory.services.transition import move
from tests.browser.conftest import WIDTHS, Visit, grave_findings, is_wider_than_its_window
from tests.factories import NumberFactory, ProviderFactory

pytestmark = pytest.mark.django_db(transaction=True)
LEDGER, BLOCKS = "/console/inventory/lifecycleentry/", "/console/inventory/numberblock/"


@pytest.fixture
def olga() -> User:
    """A member of staff, and numbers that something happened to."""
    provider = ProviderFactory.create(name="Gannet Carrier Services")
    number = NumberFactory.create(e164=14155550110, provider=provider)
    why = "quiet for 1 minute, as its carrier's numbers rest"
    blocks.place(number=number, reason=BlockReason.DRIFT, actor="lab:drift", note="a suite did not prove it")
    for other in NumberFactory.create_batch(3, provider=provider):
        move(other.pk, "start_tests", actor="sweep:retests", reason=why)
    return User.objects.create_superuser("olga@example.com", "password")


def test_a_number_is_two_steps_away_and_groups_open_by_the_keyboard(visit: Visit, olga: User) -> None:
    page = visit("/console/", olga)
    page.get_by_label("How it begins, or its last digits").fill("0110")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="+1 415-555-0110").click()
    expect(page.get_by_role("link", name="+14155550110")).to_be_visible()
    group = page.locator("details.ny-group", has_text="Whose, and since when")
    expect(group.get_by_role("link", name="Ledger")).to_be_hidden()
    group.locator("summary").focus()
    page.keyboard.press("Enter")
    group.get_by_role("link", name="Ledger").click()
    expect(page).to_have_url(re.compile(f"{LEDGER}$"))
    row = page.locator("#result_list tbody tr").first.bounding_box()
    assert row is not None
    assert row["height"] < 80  # a reason takes a line or two, not one for each letter


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS.keys())
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_ways_are_whole_and_open_to_all(
    *, visit: Visit, olga: User, width: int, dark: bool, tmp_path: Path
) -> None:
    page = visit("/console/", olga, width=width, dark=dark)
    wrong = {}
    for nth, path in enumerate(("/console/", LEDGER, BLOCKS, "/console/inventory/phonenumber/")):
        page.goto(path)
        page.screenshot(path=tmp_path / f"{nth}.png", full_page=True)
        wrong[path] = [*grave_findings(page), *(["too wide"] if is_wider_than_its_window(page) else [])]
    assert {path: findings for path, findings in wrong.items() if findings} == {}
