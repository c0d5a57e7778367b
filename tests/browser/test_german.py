"""The portal in German in a browser: its words are longer, and nothing is cut or pushes the page wide."""

from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Account, Membership, User
from accounts.services.credentials import issue_key
from compliance.lifecycle import BundleState
from inventory.models import Tariff
from inventory.services import assignments
from tests.browser.conftest import WIDTHS, Visit, grave_findings, is_wider_than_its_window
from tests.browser.test_papers import half_done
from tests.compliance.review import waiting
from tests.factories import AccountFactory, DidFactory, HoldFactory, UserFactory, advanced, loaded
from tests.portal.papers_world import BERLINS_NUMBER, berlin, draft
from tests.portal.shopping.test_find import with_passport
from tests.portal.shopping.window import stocked

pytestmark = pytest.mark.django_db(transaction=True)

#: What a window of its own width shows of a control: text that is wider than the control is cut or spills over.
CUT = """() => [...document.querySelectorAll("button, .ny-button, .ny-badge, .ny-tag, th, nav a")]
    .filter(each => each.offsetParent && each.scrollWidth > each.clientWidth + 1 && each.clientWidth > 1)
    .map(each => each.innerText.trim())"""


@pytest.fixture
def account() -> Account:
    """In front of a stocked window with prices, passports and laws."""
    for number in stocked().values():
        with_passport(number)
    loaded("DE")
    berlin()
    for country, currency in (("US", "USD"), ("DE", "EUR")):
        prices = {"setup_price": 1, "monthly_price": Decimal("1.15"), "currency": currency}
        Tariff.objects.create(country=country, number_type="local", **prices)
    return AccountFactory.create(friendly_name="Adas Laden")


@pytest.fixture
def ada(account: Account) -> User:
    user: User = UserFactory.create(email="ada@example.com")
    Membership.objects.create(user=user, account=account)
    return user


@pytest.fixture
def paths(account: Account, ada: User) -> list[str]:
    """Of pages with something on them."""
    half = draft(account, "DE", "local", "business", for_number=BERLINS_NUMBER)
    half_done(ada, half)
    rejected = advanced(waiting.draft(of=half.regulation, account=account), BundleState.REJECTED)
    kept, over = DidFactory.create(account=account), DidFactory.create(account=account)
    assignments.release(did=over, actor=f"user:{ada.pk}")
    HoldFactory.create(reservation__account=account)
    HoldFactory.create(reservation__account=account, number__e164=493012345700, number__country="DE")
    issue_key(account, "Abrechnungsserver")
    search = "/find?country=US&type=local"
    return [
        "/",
        f"{search}&locality=Oakland&km=25&can=VOICE&can=SMS",
        f"{search}&locality=Oakland&contains=9999&can=FAX",
        "/find/map?country=US",
        "/cart",
        "/numbers",
        "/numbers?state=RELEASED",
        f"/numbers/{kept.sid}",
        f"/numbers/{kept.sid}/give-back",
        "/papers",
        f"/papers/{rejected.sid}",
        *(f"/papers/{half.sid}/{step}" for step in ("you", "addresses", "documents", "check")),
        "/team",
        "/keys",
        "/account/security",
    ]


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS.keys())
def test_nothing_is_cut_in_german(*, visit: Visit, ada: User, paths: list[str], width: int, tmp_path: Path) -> None:
    page, wrong = visit("/", ada, width=width, locale="de-DE"), {}
    for nth, path in enumerate(paths):
        page.goto(path)
        page.screenshot(path=tmp_path / f"{nth}.png", full_page=True)
        wrong[path] = [*grave_findings(page), *page.evaluate(CUT), *_about_the_page(page)]
    assert {path: findings for path, findings in wrong.items() if findings} == {}


def _about_the_page(page: Page) -> list[str]:
    spoken = page.locator("html").get_attribute("lang")
    return [
        *(["too wide"] if is_wider_than_its_window(page) else []),
        *([f"speaks {spoken}"] if spoken != "de" else []),
    ]


def test_a_stranger_changes_the_language_and_comes_back_to_it(visit: Visit) -> None:
    page = visit("/sign-in", locale="de-DE", scripts=False)
    expect(page.get_by_role("heading", level=1, name="Anmelden")).to_be_visible()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1, name="Sign in")).to_be_visible()
    page.goto("/sign-up")
    expect(page.get_by_role("heading", level=1, name="Sign up")).to_be_visible()
