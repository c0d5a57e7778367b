"""The console's pages in a browser: nothing broken, nobody shut out, light and dark."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from accounts.models import User
from tests.browser.conftest import WIDTHS, Visit, grave_findings, is_wider_than_its_window
from tests.browser.console_stock import console_stock

pytestmark = pytest.mark.django_db(transaction=True)

THEMES = pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
SIZES = pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS.keys())


@pytest.fixture
def ops() -> User:
    """A member of staff with every permission."""
    return User.objects.create_superuser("ops@example.com", "password")


def wrong_with(page: Page) -> list[str]:
    """What axe-core finds grave, and whether the page is wider than its window."""
    return [*grave_findings(page), *(["too wide"] if is_wider_than_its_window(page) else [])]


@SIZES
@THEMES
def test_pages_are_whole_and_open_to_all(*, visit: Visit, ops: User, width: int, dark: bool, tmp_path: Path) -> None:
    """Each page fits its window, says nothing on its console, and axe-core finds nothing grave."""
    stock = console_stock()
    number = "/console/inventory/phonenumber/{}/change/".format
    pages = {"home": "/console/", "board": "/console/inventory/quarantine/board/", "styleguide": "/console/styleguide/"}
    pages |= {name: number(each.pk) for name, each in vars(stock).items()}
    wrong = {}
    for name, path in pages.items():
        page = visit(path, ops, width=width, dark=dark)
        page.wait_for_timeout(300)
        page.screenshot(path=tmp_path / f"{name}.png", full_page=True)
        wrong[name] = wrong_with(page)
    assert {name: findings for name, findings in wrong.items() if findings} == {}


def test_the_theme_works_under_our_policy(visit: Visit, ops: User) -> None:
    """Without `eval` and without a script in the page: sidebar, light and dark, filters, a form with its calendars."""
    console_stock()
    page = visit("/console/inventory/phonenumber/", ops)
    lists = [
        *("/console/inventory/phonenumber/?state__exact=AVAILABLE", "/console/inventory/sku/add/"),
        *("/console/inventory/alpharelief/add/", "/console/inventory/providerorder/", "/console/testing_lab/suiterun/"),
        *("/console/inventory/provider/", "/console/compliance/bundle/", "/console/styleguide/"),
    ]
    for path in lists:
        page.goto(path)
        page.wait_for_load_state("load")
        assert page.locator("html").get_attribute("x-cloak") is None, f"Alpine has not begun on {path}"
    page.goto("/console/inventory/sku/add/")
    assert page.locator("#sku_form").get_attribute("action") == "/console/inventory/sku/add/"
    menu = page.locator("#nav-sidebar, nav").get_by_text("ops@example.com").first
    menu.click()
    page.get_by_text("Log out").first.wait_for(state="visible")


def test_light_and_dark_of_the_theme_are_those_of_our_tokens(visit: Visit, ops: User) -> None:
    page = visit("/console/", ops)
    card = page.locator(".ny-card").first
    colours = []
    for choice in ("light", "dark"):
        page.evaluate(f"localStorage.setItem('adminTheme', JSON.stringify('{choice}'))")
        page.reload()
        page.locator(f"html.{choice}").wait_for(state="attached")
        colours.append(card.evaluate("card => getComputedStyle(card).backgroundColor"))
    assert colours == ["rgb(255, 255, 255)", "rgb(21, 29, 44)"]


def test_a_dialog_asks_and_can_be_left_by_keyboard(visit: Visit, ops: User) -> None:
    page = visit("/console/styleguide/", ops)
    page.locator("[data-dialog=light-dialog]").click()
    dialog = page.locator("#light-dialog")
    assert dialog.is_visible()
    page.keyboard.press("Escape")
    assert not dialog.is_visible()


def test_the_essentials_are_there_without_javascript(visit: Visit, ops: User) -> None:
    console_stock()
    page = visit("/console/", ops, scripts=False)
    page.get_by_text("outage: numbers fail").wait_for(state="visible")
    page.get_by_text("The figures").click()
    assert page.get_by_role("columnheader", name="Sold").is_visible()
