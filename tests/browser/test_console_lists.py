"""The list of numbers and its bulk runs in a browser: dry run, begin, follow, undo; whole at any width."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from accounts.models import User
from inventory.bulk import stretches
from inventory.models import BulkRun, NumberBlock
from tests.browser.conftest import WIDTHS, Visit, grave_findings, is_wider_than_its_window
from tests.factories import NumberFactory, ProviderFactory

pytestmark = pytest.mark.django_db(transaction=True)
LIST = "/console/inventory/phonenumber/"


@pytest.fixture
def olga() -> User:
    """A member of staff, and a stock."""
    provider = ProviderFactory.create(name="Alpha")
    NumberFactory.create_batch(12, provider=provider)
    NumberFactory.create_batch(3, provider=provider, failed=True)
    return User.objects.create_superuser("olga@example.com", "password")


def test_staff_block_all_that_match_follow_it_and_take_it_back(visit: Visit, olga: User, tmp_path: Path) -> None:
    page = visit(f"{LIST}?state__exact=AVAILABLE", olga)
    page.get_by_label("With all that match").select_option("Block")
    page.screenshot(path=tmp_path / "list.png", full_page=True)
    page.get_by_role("button", name="Dry run").click()
    expect(page.get_by_text("It would be done to 12 of them")).to_be_visible()
    page.screenshot(path=tmp_path / "dry-run.png", full_page=True)
    page.get_by_label("Kind of block").select_option("fraud")
    page.get_by_label("Reason").fill("robocalls from the whole range")
    page.get_by_role("button", name="Block: 12 numbers").click()
    expect(page.get_by_text("0 of 12 numbers are dealt with")).to_be_visible()
    page.screenshot(path=tmp_path / "running.png", full_page=True)
    stretches.stretch(BulkRun.objects.get().pk)
    expect(page.get_by_text("12 of 12 numbers are dealt with")).to_be_visible()  # the page asks by itself
    page.get_by_role("link", name="It is over").click()
    page.screenshot(path=tmp_path / "done.png", full_page=True)
    page.get_by_label("Reason").fill("the wrong range")
    page.get_by_role("button", name="Undo all of it").click()
    stretches.stretch(BulkRun.objects.latest("pk").pk)
    expect(page.get_by_text("12 of 12 numbers are dealt with")).to_be_visible()
    assert not NumberBlock.objects.filter(cleared_at=None).exists()


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS.keys())
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_lists_and_runs_are_whole_and_open_to_all(
    *, visit: Visit, olga: User, width: int, dark: bool, tmp_path: Path
) -> None:
    page = visit(LIST, olga, width=width, dark=dark)
    page.get_by_label("With all numbers").select_option("Retire and hand back")
    page.get_by_role("button", name="Dry run").click()
    wrong = {}
    for nth, path in enumerate((LIST, page.url, "/console/inventory/bulkrun/")):
        page.goto(path)
        page.screenshot(path=tmp_path / f"{nth}.png", full_page=True)
        wrong[path] = [*grave_findings(page), *(["too wide"] if is_wider_than_its_window(page) else [])]
    assert {path: findings for path, findings in wrong.items() if findings} == {}
