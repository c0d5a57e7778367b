"""Finding and buying in a browser: with scripts and without, at every width, light and dark."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Account, Membership, User
from inventory.models import Did, PhoneNumber, Reservation, Tariff
from numbering.models import Place
from tests.browser.conftest import WIDTHS, Visit, grave_findings, is_wider_than_its_window
from tests.factories import AccountFactory, HoldFactory, NumberFactory, UserFactory, loaded
from tests.portal.shopping.test_find import with_passport
from tests.portal.shopping.window import stocked

pytestmark = pytest.mark.django_db(transaction=True)

SHOP = [
    "/find",
    "/find?country=US&type=local&contains=taxi",
    "/find?country=US&type=local&locality=Oakland&km=25&can=VOICE&can=SMS",
    "/find?country=US&type=local&locality=Oakland&contains=9999&can=FAX",
    "/find?country=DE&type=local",
    "/find?country=US&type=local&area_code=x",
    "/find/map",
    "/find/map?country=US",
    "/find/waitlist",
    "/cart",
]
STRANGERS = ["/find?country=US&type=local&contains=taxi", "/find?country=US&type=local&contains=9999999"]


@pytest.fixture
def account() -> Account:
    """Ada's, in front of a small window with prices, passports and laws."""
    for number in stocked().values():
        with_passport(number)
    with_passport(NumberFactory.create(e164=493012345678, country="DE"))
    loaded("DE")
    for country, currency in (("US", "USD"), ("DE", "EUR")):
        prices = {"setup_price": 1, "monthly_price": Decimal("1.15"), "currency": currency}
        Tariff.objects.create(country=country, number_type="local", **prices)
    return AccountFactory.create(friendly_name="Ada's shop")


@pytest.fixture
def ada(account: Account) -> User:
    """A customer."""
    user: User = UserFactory.create(email="ada@example.com")
    Membership.objects.create(user=user, account=account)
    return user


def _full_cart(account: Account) -> None:
    """One number that can be bought, one that needs papers, one whose time ran out."""
    HoldFactory.create(reservation__account=account)
    german = NumberFactory.create(e164=493012345699, country="DE", state="AVAILABLE")
    HoldFactory.create(
        reservation__account=account,
        number__e164=german.e164 + 1,
        number__country="DE",
    )
    past = timezone.now() - timedelta(minutes=5)
    lapsed = HoldFactory.create(reservation__account=account)
    Reservation.objects.filter(pk=lapsed.reservation.pk).update(
        created_at=past - timedelta(minutes=15), expires_at=past
    )
    PhoneNumber.objects.filter(pk=lapsed.number.pk).update(due_at=past)


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS.keys())
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_shop_is_whole_and_open_to_all(
    *, visit: Visit, ada: User, account: Account, width: int, dark: bool, tmp_path: Path
) -> None:
    """Each page fits its window, keeps to its policy, and axe-core finds nothing grave."""
    _full_cart(account)
    wrong = {}
    for nth, (who, path) in enumerate([*((ada, path) for path in SHOP), *((None, path) for path in STRANGERS)]):
        page = visit(path, who, width=width, dark=dark)
        page.screenshot(path=tmp_path / f"{nth}.png", full_page=True)
        wrong[f"{who} {path}"] = [*grave_findings(page), *(["too wide"] if is_wider_than_its_window(page) else [])]
    assert {path: findings for path, findings in wrong.items() if findings} == {}


def _search(page: Page) -> None:
    page.get_by_label("Town").fill("San Francisco")
    page.get_by_label("Digits or a word").fill("taxi")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("mark").first).to_have_text("TAXI")


def _buy(page: Page, tmp_path: Path) -> None:
    page.get_by_label("Name").fill("Taxi desk")
    page.get_by_role("button", name="Buy this one").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The number is yours")
    page.screenshot(path=tmp_path / "bought.png", full_page=True)
    did = Did.objects.get(number__e164=14155558294, ended_at=None)
    assert did.friendly_name == "Taxi desk"


def test_a_number_is_found_reserved_and_bought(*, visit: Visit, ada: User, tmp_path: Path) -> None:
    """With scripts: the row changes where it stands, and the clock runs."""
    page = visit("/find?country=US&type=local", ada)
    _search(page)
    page.get_by_role("button", name="Reserve").click()
    expect(page.get_by_text("held for you", exact=True)).to_be_visible()
    expect(page.locator("#cart-link")).to_contain_text("1")
    page.screenshot(path=tmp_path / "reserved.png", full_page=True)
    page.get_by_role("link", name="Go to the cart").click()
    clock = page.locator(".ny-clock").first
    before = clock.inner_text()
    expect(clock).not_to_have_text(before)
    _buy(page, tmp_path)


def test_the_same_without_scripts(*, visit: Visit, ada: User, tmp_path: Path) -> None:
    """Plain forms and links lead there too."""
    page = visit("/find?country=US&type=local", ada, scripts=False)
    _search(page)
    page.get_by_role("button", name="Reserve").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Cart")
    expect(page.locator(".ny-clock").first).to_contain_text("left")
    _buy(page, tmp_path)


def test_when_the_time_runs_out_the_page_says_so(*, visit: Visit, ada: User, account: Account) -> None:
    """And nothing of that number can be clicked any more."""
    hold = HoldFactory.create(reservation__account=account)
    page = visit("/cart", ada)
    page.locator(".ny-clock").first.evaluate("clock => { clock.dataset.ends = new Date(0).toISOString(); }")
    expect(page.get_by_role("status")).to_have_text("The time has run out: it is on sale again.")
    expect(page.get_by_role("button", name="Buy this one")).to_be_disabled()
    assert hold.ended == ""


def test_further_numbers_are_added_below_and_towns_are_suggested(*, visit: Visit, ada: User) -> None:
    """As they are asked for."""
    NumberFactory.create_batch(25)
    page = visit("/find?country=US&type=local", ada)
    expect(page.locator(".ny-offer")).to_have_count(20)
    page.get_by_role("link", name="More numbers").click()
    expect(page.locator(".ny-offer")).to_have_count(29)
    page.get_by_label("Town").press_sequentially("oak")
    expect(page.locator("#towns option")).to_have_attribute("value", "Oakland")
    assert Place.objects.filter(name="Oakland").exists()
