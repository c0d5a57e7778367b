"""The console's working pages in a browser: restock, returns, invoices, lab, providers, rules. They fit, for all."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from compliance.models import Rulebook
from compliance.services import rulebooks
from inventory.catalogue import stops
from inventory.models import CatalogueRun, Honesty, HonestySource, Provider, ProviderOrder, RestockProposal
from inventory.shelves import nights
from numbering.recent import forget_everything
from testing_lab.models import RunState, SuiteRun
from tests.browser.conftest import WIDTHS, Visit, grave_findings, is_wider_than_its_window
from tests.compliance.country_folder import folder_of
from tests.compliance.test_impact import approved, ask_for_a_phone_number, version
from tests.console.lab.conftest import evidence_of
from tests.factories import AllocationFactory, DidFactory, NumberFactory, ProviderFactory
from tests.inventory.shelves.conftest import DAY, a_habit, make_sku, with_terms

pytestmark = pytest.mark.django_db(transaction=True)
BAD = b"number,amount,currency\n+14155550199,many,USD\nnobody,1,USD\n"


@pytest.fixture
def boss() -> User:
    """She may do everything."""
    forget_everything()
    return User.objects.create_superuser("boss@example.com", "password")


@pytest.fixture
def wren() -> Provider:
    """Sells lots of ten, lies a little, and owes us an order."""
    provider = with_terms(ProviderFactory.create(slug="wren", name="Wren", options={"carrier": "nobody"}))
    for code in ("415", "212"):
        make_sku(code, cost_limit=1)
        a_habit(area_code=code)
    nights.run(DAY)
    day = timezone.now().date()
    for age in range(9):
        told = {"source": HonestySource.SAMPLE, "listed": 50, "purchasable": 45 - age}
        Honesty.objects.create(provider=provider, country="US", day=day - timedelta(days=age), **told)
    stops.place(provider=provider, country="GB", actor="sweep:honesty", reason="30 of 50 could be bought")
    kind = {"provider": provider, "country": "US", "number_type": "local"}
    CatalogueRun.objects.create(**kind, state="COMPLETE", seen=900, ended_at=timezone.now())
    ProviderOrder.objects.create(key="ny-1", **kind, last_error="503 from the carrier")
    return provider


@pytest.fixture
def run() -> SuiteRun:
    """It failed, with the evidence of real calls."""
    at = timezone.now()
    number = NumberFactory.create(failed=True)
    made = SuiteRun.objects.create(
        number=number, state=RunState.DONE, passed=False, attempt=1, started_at=at, finished_at=at
    )
    evidence_of(made)
    return made


@pytest.fixture
def book(tmp_path: Path) -> Rulebook:
    """A second version that waits, and a bundle that would lack something."""
    rulebooks.load(folder_of(tmp_path, "DE"))
    waiting = version(tmp_path, ask_for_a_phone_number)
    bundle = approved()
    DidFactory.create(account=bundle.account, bundle_sid=bundle.sid)
    return waiting


def paths(wren: Provider, run: SuiteRun, book: Rulebook) -> dict[str, str]:
    """The pages, by name."""
    proposal = RestockProposal.objects.latest("pk")
    call = run.evidence.get(exchange="InboundCall")
    lab, stock = "/console/testing_lab/suiterun", "/console/inventory"
    return {
        "proposals": f"{stock}/restockproposal/",
        "board": f"{stock}/restockproposal/decide/",
        "proposal": f"{stock}/restockproposal/{proposal.pk}/change/",
        "invoice": f"{stock}/invoice/bring-in/",
        "filing": f"{stock}/filing/make/",
        "fittings": f"{stock}/quarantinefitting/",
        "provider": f"{stock}/provider/{wren.pk}/change/",
        "rulebook": f"/console/compliance/rulebook/{book.pk}/change/",
        "runs": f"{lab}/",
        "run": f"{lab}/{run.pk}/change/",
        "evidence": f"{lab}/evidence/{call.sid}/",
        "scorecard": f"{lab}/scorecard/",
        "trunks": "/console/testing_lab/trunk/",
    }


def findings(page: Page, shot: Path) -> list[str]:
    """What is wrong with a page that is shown."""
    page.screenshot(path=shot, full_page=True)
    return [*grave_findings(page), *(["too wide"] if is_wider_than_its_window(page) else [])]


@pytest.mark.parametrize(("width", "dark"), [(WIDTHS["narrow"], True), (WIDTHS["wide"], False)], ids=WIDTHS)
def test_the_working_pages_are_whole_and_open_to_all(
    *,
    visit: Visit,
    boss: User,
    wren: Provider,
    run: SuiteRun,
    book: Rulebook,
    width: int,
    dark: bool,
    tmp_path: Path,
) -> None:
    """Each fits its window, and axe-core finds nothing grave."""
    page = visit("/console/", boss, width=width, dark=dark)
    wrong = {}
    for name, path in paths(wren, run, book).items():
        answer = page.goto(path)
        assert answer is not None
        assert answer.ok, path
        wrong[name] = findings(page, tmp_path / f"{name}.png")
    assert {name: found for name, found in wrong.items() if found} == {}


def test_several_proposals_are_approved_after_a_look_at_the_sum(
    visit: Visit, boss: User, wren: Provider, tmp_path: Path
) -> None:
    page = visit("/console/inventory/restockproposal/decide/", boss)
    page.get_by_label("Reason").fill("the fair in March")
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Approve the chosen").click()
    expect(page.get_by_role("heading", name="Approve 2 proposals?")).to_be_visible()
    assert findings(page, tmp_path / "confirm.png") == []
    page.get_by_role("button", name="Approve 2 proposals").click()
    expect(page.get_by_text("Nothing waits", exact=True)).to_be_visible()
    assert set(RestockProposal.objects.values_list("status", "reason")) == {("approved", "the fair in March")}


def test_a_bad_invoice_and_a_return_are_seen_before_anything_is_kept(
    visit: Visit, boss: User, wren: Provider, tmp_path: Path
) -> None:
    AllocationFactory.create(first=14152010000, allocated_on=date(2026, 1, 5))
    page = visit("/console/inventory/invoice/bring-in/", boss)
    page.get_by_label("Provider").select_option(label="Wren")
    page.get_by_label("Month").fill(f"{datetime.now(UTC):%Y-%m}")
    page.get_by_label("File").set_input_files({"name": "bad.csv", "mimeType": "text/csv", "buffer": BAD})
    page.get_by_role("button", name="Bring it in").click()
    expect(page.get_by_role("alert")).to_contain_text("2 of 2 lines can't be read")
    assert findings(page, tmp_path / "invoice-bad.png") == []
    page.goto("/console/inventory/filing/make/")
    page.get_by_label("Return").select_option("nruf")
    page.get_by_label("Last day").fill("2026-06-30")
    page.get_by_role("button", name="See what it says").click()
    expect(page.get_by_role("button", name="Freeze it")).to_be_visible()
    assert findings(page, tmp_path / "filing-seen.png") == []
