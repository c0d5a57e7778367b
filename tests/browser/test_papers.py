"""The regulatory form in a browser, from nothing to handed in: a business with scripts, a person without."""

from pathlib import Path

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from accounts.models import Membership, User
from compliance.lifecycle import BundleState
from compliance.models import Bundle
from tests.browser.conftest import WIDTHS, Visit, grave_findings, is_wider_than_its_window
from tests.compliance.vault.papers import pdf
from tests.compliance.vault.pictures import jpeg, noise
from tests.factories import AccountFactory, BundleFactory, UserFactory, loaded
from tests.portal.papers_world import BERLIN, BERLINS_NUMBER, COMPANY, berlin, draft, scan

pytestmark = pytest.mark.django_db(transaction=True)
NAME, ADDRESS, REGISTER = "business_name_info", "business_address_proof_info", "business_reg_no_info"


@pytest.fixture
def erika() -> User:
    """A customer, where the rules of Germany are in force."""
    loaded("DE")
    berlin()
    user: User = UserFactory.create(email="erika@musterfirma.de")
    Membership.objects.create(user=user, account=AccountFactory.create(friendly_name="Musterfirma"))
    return user


def heading(page: Page, words: str) -> None:
    expect(page.get_by_role("heading", level=1, name=words)).to_be_visible()


def test_a_business_hands_in_papers_with_scripts(visit: Visit, erika: User, tmp_path: Path) -> None:
    """What is asked appears as it is chosen, faults as fields are left, a picture before it is sent."""
    scan = tmp_path / "register.jpg"
    scan.write_bytes(jpeg(noise(640, 480)))
    page = visit(f"/papers/new?number=%2B{BERLINS_NUMBER}", erika)
    page.get_by_label("Kind of number").select_option("local")
    page.get_by_text("A business", exact=True).click()
    expect(page.get_by_role("heading", name="This is asked")).to_be_visible()
    page.get_by_role("button", name="Begin").click()

    heading(page, "About you")
    page.get_by_label("E-mail address").fill("erika")
    page.get_by_label("Website").focus()
    expect(page.get_by_text("The email address is not valid")).to_be_visible()
    expect(page.get_by_label("E-mail address")).to_have_attribute("aria-invalid", "true")
    for name, value in COMPANY.items():
        page.locator(f"#id_{name}").fill(value)
    page.get_by_role("button", name="Save and go on").click()

    heading(page, "Address")
    for name, value in BERLIN.items():
        if name != "country":
            page.locator(f"#id_{name}").fill(value)
    page.get_by_role("button", name="Save this address").click()

    heading(page, "Papers")
    card = page.locator(f"#{NAME}")
    card.get_by_label("File", exact=True).set_input_files(tmp_path / "register.jpg")
    expect(card.get_by_role("img", name="The picture that you chose")).to_be_visible()
    card.get_by_role("button", name="Save this paper").click()
    expect(card.get_by_text("Your file is here")).to_be_visible()
    expect(page.locator("#papers-ready")).to_contain_text("1 of 3 ready")
    for other in (ADDRESS, REGISTER):
        page.locator(f"#{other}").get_by_role("button", name="The same file as for").first.click()
        expect(page.locator(f"#{other}").get_by_text("Your file is here")).to_be_visible()
    page.get_by_role("link", name="On to the check").click()

    heading(page, "Check and hand in")
    expect(page.get_by_role("heading", name="4 of 4 ready")).to_be_visible()
    page.get_by_role("button", name="Hand in").click()
    page.wait_for_load_state()
    bundle = Bundle.objects.get()
    assert (bundle.state, bundle.email) == (BundleState.PENDING_REVIEW, "erika@musterfirma.de")


def test_a_person_hands_in_papers_without_scripts_and_by_the_keyboard(
    visit: Visit, erika: User, tmp_path: Path
) -> None:
    """Each step by its own button; what is chosen is sent by pressing Enter."""
    passport = tmp_path / "passport.pdf"
    passport.write_bytes(pdf())
    page = visit("/papers/new", erika, scripts=False)
    page.get_by_label("Country of the number").select_option("DE")
    page.get_by_role("button", name="Show what is asked").press("Enter")
    page.get_by_label("Kind of number").select_option("mobile")
    page.get_by_role("button", name="Show what is asked").press("Enter")
    page.get_by_role("radio", name="A person").press("Space")
    page.get_by_role("button", name="Show what is asked").press("Enter")
    assert "csrfmiddlewaretoken" not in page.url
    page.get_by_role("button", name="Begin").press("Enter")

    heading(page, "About you")
    page.get_by_label("First name").fill("Erika")
    page.get_by_label("Last name").fill("Mustermann")
    page.get_by_role("button", name="Save and go on").press("Enter")

    heading(page, "Address")
    for name, value in {**BERLIN, "customer_name": "Erika Mustermann"}.items():
        if name != "country":
            page.locator(f"#id_{name}").fill(value)
    page.get_by_role("button", name="Save this address").press("Enter")

    heading(page, "Papers")
    page.get_by_role("radio", name="Passport").press("Space")
    page.get_by_role("button", name="Show the form for it").press("Enter")
    expect(page.get_by_role("textbox", name="First name")).to_have_value("Erika")
    page.get_by_label("File", exact=True).set_input_files(passport)
    page.get_by_role("button", name="Save this paper").press("Enter")
    expect(page.get_by_text("Your file is here")).to_be_visible()
    page.get_by_role("link", name="On to the check").press("Enter")

    heading(page, "Check and hand in")
    page.get_by_role("button", name="Hand in").press("Enter")
    page.wait_for_load_state()
    assert Bundle.objects.get().state == BundleState.PENDING_REVIEW


def test_a_file_that_would_be_refused_is_refused_before_it_is_sent(visit: Visit, erika: User, tmp_path: Path) -> None:
    note = tmp_path / "note.txt"
    note.write_text("no paper")
    bundle = draft(erika.memberships.get().account, "DE", "local", "business")
    page = visit(f"/papers/{bundle.sid}/documents", erika)
    card = page.locator(f"#{NAME}")
    card.get_by_label("File", exact=True).set_input_files(note)
    expect(card.get_by_text("This file is no PDF, JPEG or PNG")).to_be_visible()
    expect(card.get_by_label("File", exact=True)).to_have_value("")


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS.keys())
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_pages_of_the_form_are_whole_and_open_to_all(
    *, visit: Visit, erika: User, width: int, dark: bool, tmp_path: Path
) -> None:
    """Empty, half done with faults, done and handed in."""
    account = erika.memberships.get().account
    half = draft(account, "DE", "local", "business", for_number=BERLINS_NUMBER)
    half_done(erika, half)
    handed_in = BundleFactory.create(account=account, state=BundleState.PENDING_REVIEW)
    paths = ["/papers/new", "/papers/new?country=DE&type=local&who=business"]
    paths += [f"/papers/{half.sid}/{step}" for step in ("where", "you", "addresses", "documents", "check")]
    paths += [f"/papers/{handed_in.sid}/check"]
    wrong = {}
    for nth, path in enumerate(paths):
        page = visit(path, erika, width=width, dark=dark)
        page.screenshot(path=tmp_path / f"{nth}-{path.rpartition('/')[2].partition('?')[0]}.png", full_page=True)
        wrong[path] = [*grave_findings(page), *(["too wide"] if is_wider_than_its_window(page) else [])]
    assert {path: findings for path, findings in wrong.items() if findings} == {}


def half_done(user: User, bundle: Bundle) -> None:
    """Some of it right, some of it wrong."""
    client = Client()
    client.force_login(user)
    at = f"/papers/{bundle.sid}"
    client.post(f"{at}/you", {**COMPANY, "email": "erika", "business_registration_number": "HRB 1"})
    munich = {"street": "Marienplatz 8", "postal_code": "80331", "city": "München"}
    client.post(f"{at}/addresses", {**BERLIN, **munich})
    given = {f"{NAME}-business_name": COMPANY["business_name"], f"{REGISTER}-business_registration_number": "HRB 2"}
    for name in (NAME, REGISTER):
        client.post(f"{at}/documents/{name}", {"type": "commercial_registrar_excerpt", "File": scan(), **given})
