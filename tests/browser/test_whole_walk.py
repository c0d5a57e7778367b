"""The whole way, as a story: a stranger signs up, finds a number in Berlin, gives the papers that the law asks for, is
sent back with one of them, mends it, is approved by staff in a browser of their own, and buys the number.

Each page that is met on the way is looked at: narrow and wide, and by axe-core. Once more without scripts.
"""

from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pgtrigger
import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.db.models import F
from django.utils import timezone
from playwright.sync_api import FilePayload, Page, expect

from accounts.models import User
from compliance.lifecycle import BundleState
from compliance.models import Bundle, HeldDecision
from compliance.services import decisions, delivery
from inventory.models import Did, PhoneNumber, Reservation, Tariff
from inventory.services import reservations
from numbering.models import Place
from tests.browser.conftest import WIDTHS, Visit, grave_findings, is_wider_than_its_window
from tests.browser.test_review_desk import QUEUE, decide_by_keys, reject_by_keys, where
from tests.compliance.vault.papers import scanned
from tests.compliance.vault.pictures import jpeg, noise
from tests.factories import NumberFactory, UserFactory, loaded
from tests.portal.letters import newest_code, newest_link
from tests.portal.papers_world import BERLIN, BERLINS_NUMBER, COMPANY, berlin
from tests.portal.shopping.test_find import with_passport

pytestmark = pytest.mark.django_db(transaction=True)

EMAIL, PASSWORD = "erika@musterfirma.de", "a long sentence"
NATIONAL = "030 901820"
REGISTER = "business_reg_no_info"


class Eyes(NamedTuple):
    """Whoever looks at each page that is met. `wrong`: what is wrong with it, by its name; `are_shut`: they don't look,
    since no page may run the script that axe-core is."""

    wrong: dict[str, list[str]]
    pictures: Path
    are_shut: bool = False

    def on(self, page: Page, name: str) -> None:
        """At both widths; afterwards the page is as wide as before."""
        before = page.viewport_size
        if self.are_shut or not before:
            return
        for width, pixels in WIDTHS.items():
            page.set_viewport_size({"width": pixels, "height": 900})
            page.screenshot(path=self.pictures / f"{name}-{width}.png", full_page=True)
            found = [*grave_findings(page), *(["too wide"] if is_wider_than_its_window(page) else [])]
            if found:
                self.wrong[f"{name} {width}"] = found
        page.set_viewport_size(before)


@pytest.fixture
def eyes(tmp_path: Path) -> Eyes:
    return Eyes({}, tmp_path)


@pytest.fixture
def rosa() -> User:
    """She may review, and nothing else."""
    user: User = UserFactory.create(email="rosa@example.com", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="review_bundle"))
    return user


@pytest.fixture
def number() -> PhoneNumber:
    """On sale in Berlin, tested and priced, where the rules of Germany are in force."""
    loaded("DE")
    berlin()
    Tariff.objects.create(country="DE", number_type="local", setup_price=0, monthly_price=2, currency="EUR")
    found: PhoneNumber = NumberFactory.create(e164=BERLINS_NUMBER, place=Place.objects.get(name="Berlin"))
    with_passport(found)
    return found


def heading(page: Page, words: str) -> None:
    expect(page.get_by_role("heading", level=1, name=words)).to_be_visible()


def sign_up(page: Page, eyes: Eyes) -> None:
    eyes.on(page, "landing")
    page.get_by_role("link", name="Sign up").first.click()
    eyes.on(page, "sign-up")
    page.get_by_label("Company, or your own name").fill(COMPANY["business_name"])
    page.get_by_label("E-mail address").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_label("Code from the letter")).to_be_visible()
    eyes.on(page, "verify")
    page.get_by_label("Code from the letter").fill(newest_code(EMAIL))
    page.get_by_role("button", name="Verify").click()
    heading(page, COMPANY["business_name"])
    eyes.on(page, "home")


def find_a_number_in_berlin(page: Page, eyes: Eyes) -> None:
    page.get_by_role("link", name="Find a number").first.click()
    eyes.on(page, "find")
    page.get_by_label("Country").select_option("DE")
    page.get_by_label("Town").fill("Berlin")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_text("You need an approved bundle of papers")).to_be_visible()
    eyes.on(page, "found")


def put_it_into_the_cart(page: Page, eyes: Eyes) -> None:
    page.get_by_role("button", name="Reserve").click()
    page.get_by_role("link", name="Go to the cart").click()
    expect(page.get_by_text("It can't be bought yet.")).to_be_visible()
    eyes.on(page, "cart")


def begin_the_papers(page: Page, eyes: Eyes) -> None:
    page.get_by_role("link", name="Start the paperwork").click()
    heading(page, "Papers for a number")
    page.get_by_text("A business", exact=True).click()
    expect(page.get_by_role("heading", name="This is asked")).to_be_visible()
    eyes.on(page, "papers-new")
    page.get_by_role("button", name="Begin").click()


def fill_the_form_in(page: Page, eyes: Eyes) -> None:
    heading(page, "About you")
    for name, value in COMPANY.items():
        page.locator(f"#id_{name}").fill(value)
    eyes.on(page, "papers-you")
    page.get_by_role("button", name="Save and go on").click()
    heading(page, "Address")
    for name, value in BERLIN.items():
        if name != "country":
            page.locator(f"#id_{name}").fill(value)
    eyes.on(page, "papers-address")
    page.get_by_role("button", name="Save this address").click()
    heading(page, "Papers")


def give_the_papers(page: Page, eyes: Eyes) -> None:
    """One scan of the register shows all that is asked."""
    photograph: FilePayload = {"name": "register.jpg", "mimeType": "image/jpeg", "buffer": jpeg(noise(640, 480))}
    first, *others = ("business_name_info", "business_address_proof_info", "business_reg_no_info")
    page.locator(f"#{first}").get_by_label("File", exact=True).set_input_files(files=photograph)
    page.locator(f"#{first}").get_by_role("button", name="Save this paper").click()
    for other in others:
        expect(page.locator(f"#{first}").get_by_text("Your file is here")).to_be_visible()
        page.locator(f"#{other}").get_by_role("button", name="The same file as for").first.click()
        expect(page.locator(f"#{other}").get_by_text("Your file is here")).to_be_visible()
    eyes.on(page, "papers-documents")
    page.get_by_role("link", name="On to the check").click()


def hand_in(page: Page, eyes: Eyes) -> None:
    heading(page, "Check and hand in")
    expect(page.get_by_role("heading", name="4 of 4 ready")).to_be_visible()
    eyes.on(page, "papers-check")
    page.get_by_role("button", name="Hand in").click()
    expect(page.get_by_text("You have nothing to do.")).to_be_visible()
    eyes.on(page, "papers-waiting")


def claim(desk: Page, eyes: Eyes) -> None:
    """From the queue, by its key."""
    desk.goto(QUEUE)
    expect(desk.get_by_text("Claim the next one")).to_be_visible()
    eyes.on(desk, "queue")
    desk.keyboard.press("c")
    expect(desk.locator("#decide")).to_be_visible()
    eyes.on(desk, "desk")


def judge_by_keys(desk: Page, *, rejecting: str = "") -> None:
    """Each item that has no verdict yet is approved, but for one paper."""
    desk.keyboard.press("n")
    while item := where(desk):
        if item == "decide":
            return
        if item == rejecting:
            reject_by_keys(desk, item)
        else:
            desk.keyboard.press("a")
            expect(desk.locator(f"#badge-{item}")).to_contain_text("approved")
        expect(desk.locator(f"#{item}")).not_to_be_focused()


def decide(desk: Page, eyes: Eyes) -> None:
    eyes.on(desk, "judged")
    decide_by_keys(desk)
    expect(desk.locator("#held")).to_be_visible()
    eyes.on(desk, "held")
    half_a_minute_passes()


def half_a_minute_passes() -> None:
    """What is held is as old as that, and the sweep comes by."""
    ago = decisions.HELD_FOR + timedelta(seconds=1)
    with pgtrigger.ignore("compliance.HeldDecision:decision_stays"):
        HeldDecision.objects.filter(ended_at=None).update(
            decided_at=F("decided_at") - ago, takes_effect_at=F("takes_effect_at") - ago
        )
    assert decisions.carry_out_due() == 1


def follow_the_letter(page: Page, subject: str) -> None:
    """To the page that it names."""
    delivery.deliver_due()
    assert mail.outbox[-1].to == [EMAIL]
    assert mail.outbox[-1].subject.startswith(subject)
    page.goto(newest_link())


def mend_the_rejected_paper(page: Page, item: str, eyes: Eyes) -> None:
    card = page.locator(f"#{item}")
    expect(card.get_by_text("Not in the dark.")).to_be_visible()
    eyes.on(page, "papers-rejected")
    scan: FilePayload = {"name": "scan.pdf", "mimeType": "application/pdf", "buffer": scanned(1)}
    card.get_by_label("Put another file in its place").set_input_files(files=scan)
    card.get_by_role("button", name="Save the correction").click()
    expect(page.get_by_role("heading", name="Everything is corrected")).to_be_visible()
    eyes.on(page, "papers-corrected")
    page.get_by_role("button", name="Hand it in").click()
    expect(page.get_by_text("You have nothing to do.")).to_be_visible()


def the_time_in_the_cart_runs_out() -> None:
    """Reviews take longer than numbers are held."""
    past = timezone.now() - timedelta(minutes=5)
    Reservation.objects.update(created_at=past - reservations.USUAL, expires_at=past)
    PhoneNumber.objects.update(due_at=past)
    assert reservations.lapse_due(limit=9) == 1


def reserve_it_again_from_the_papers(page: Page, eyes: Eyes) -> None:
    expect(page.get_by_text("You can buy such numbers with these papers now.")).to_be_visible()
    eyes.on(page, "papers-approved")
    page.get_by_role("button", name=f"Reserve {NATIONAL}").click()
    heading(page, "Cart")
    eyes.on(page, "cart-ready")


def buy(page: Page, eyes: Eyes) -> None:
    page.get_by_role("button", name="Buy 1 number").click()
    heading(page, "The number is yours")
    eyes.on(page, "bought")
    page.get_by_role("link", name="To your numbers").click()
    heading(page, "My numbers")
    eyes.on(page, "numbers")
    page.get_by_role("link", name=NATIONAL).click()
    heading(page, NATIONAL)
    eyes.on(page, "number")


def test_from_sign_up_to_a_bought_german_number(*, visit: Visit, rosa: User, number: PhoneNumber, eyes: Eyes) -> None:
    page = visit("/")
    sign_up(page, eyes)
    find_a_number_in_berlin(page, eyes)
    put_it_into_the_cart(page, eyes)
    begin_the_papers(page, eyes)
    fill_the_form_in(page, eyes)
    give_the_papers(page, eyes)
    hand_in(page, eyes)
    bundle = Bundle.objects.get()
    paper = bundle.items.get(requirement_name="business_reg_no_info").sid

    desk = visit(QUEUE, rosa)
    claim(desk, eyes)
    judge_by_keys(desk, rejecting=paper)
    decide(desk, eyes)
    follow_the_letter(page, "Your papers were rejected")
    mend_the_rejected_paper(page, paper, eyes)
    the_time_in_the_cart_runs_out()
    claim(desk, eyes)
    judge_by_keys(desk)
    decide(desk, eyes)

    follow_the_letter(page, "Your papers are approved")
    reserve_it_again_from_the_papers(page, eyes)
    buy(page, eyes)
    bundle.refresh_from_db()
    did = Did.objects.get(ended_at=None)
    assert (bundle.state, did.number.e164, did.bundle_sid) == (BundleState.APPROVED, number.e164, bundle.sid)
    assert eyes.wrong == {}


def choose_without_scripts(page: Page) -> None:
    """Each answer is sent by the button that asks what follows from it."""
    heading(page, "Papers for a number")
    page.get_by_role("radio", name="A business").check()
    page.get_by_role("button", name="Show what is asked").click()
    expect(page.get_by_role("heading", name="This is asked")).to_be_visible()
    page.get_by_role("button", name="Begin").click()


def approve_without_scripts(desk: Page) -> None:
    """One press for each item, and one for all."""
    desk.get_by_role("button", name="Claim the next one").click()
    for badge in desk.locator("[id^=badge-]").all():
        item = str(badge.get_attribute("id")).removeprefix("badge-")
        desk.locator(f"#{item}").get_by_role("button", name="Approve").click()
        expect(badge).to_contain_text("approved")
    desk.get_by_role("button", name="Approve the bundle").click()


def test_the_same_without_scripts(*, visit: Visit, rosa: User, number: PhoneNumber, eyes: Eyes) -> None:
    """Plain forms and links lead there too, on either side."""
    eyes = eyes._replace(are_shut=True)
    page = visit("/", scripts=False)
    sign_up(page, eyes)
    find_a_number_in_berlin(page, eyes)
    page.get_by_role("button", name="Reserve").click()
    page.get_by_role("link", name="Start the paperwork").click()
    choose_without_scripts(page)
    fill_the_form_in(page, eyes)
    give_the_papers(page, eyes)
    hand_in(page, eyes)

    desk = visit(QUEUE, rosa, scripts=False)
    approve_without_scripts(desk)
    half_a_minute_passes()
    follow_the_letter(page, "Your papers are approved")
    page.get_by_role("link", name=f"Buy {NATIONAL}").click()
    buy(page, eyes)
    assert Did.objects.get(ended_at=None).bundle_sid == Bundle.objects.get().sid
