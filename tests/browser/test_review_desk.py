"""The reviewer's desk in a browser: a whole review by keyboard alone, and pages that fit and leave nobody out."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from compliance.models import Bundle, HeldEnd, ItemVerdict, Regulation
from compliance.services import evaluations, review
from compliance.vault import objects
from numbering.recent import forget_everything
from tests.browser.conftest import WIDTHS, Visit, grave_findings, is_wider_than_its_window
from tests.compliance.private.papers import pdf, picture
from tests.compliance.review import waiting
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)
QUEUE = "/console/compliance/bundle/"


@pytest.fixture
def rosa() -> User:
    """She may review, and nothing else."""
    forget_everything()
    row: User = UserFactory.create(email="rosa@example.com", is_staff=True)
    row.user_permissions.add(Permission.objects.get(codename="review_bundle"))
    return row


def handed_in(regulation: Regulation, hours: int) -> Bundle:
    """One paper is a picture, the other a PDF; evaluated by the rules; due in so many hours."""
    draft = waiting.draft(of=regulation)
    for kind, octets, mime_type in (
        ("business_address", picture(), "image/jpeg"),
        ("commercial_registrar_excerpt", pdf(), "application/pdf"),
    ):
        waiting.papers(draft).filter(type=kind).update(file=objects.put(octets, mime_type=mime_type))
    bundle = waiting.submitted(draft)
    evaluations.run(bundle)
    Bundle.objects.filter(pk=bundle.pk).update(due_at=timezone.now() + timedelta(hours=hours))
    return bundle


def where(page: Page) -> str:
    """The id of the item, or of the part, that has the focus."""
    return str(page.evaluate("document.activeElement.closest('[id]')?.id ?? ''"))


def reject_by_keys(page: Page, item: str) -> None:
    """The item that one is at: search for the reason, add to its words, send them."""
    keys = page.keyboard
    keys.press("r")
    keys.type("cannot be read")
    expect(page.locator(f"#reasons-{item} label:visible")).to_have_count(1)
    keys.press("Enter")
    expect(page.get_by_label("The customer reads")).to_have_value(review.reasons()["illegible"].explanation)
    for _ in range(2):
        keys.press("Tab")
    keys.press("Control+End")
    keys.type(" Not in the dark.")
    keys.press("Tab")
    keys.press("Enter")
    expect(page.locator(f"#badge-{item}")).to_contain_text("rejected")


def decide_by_keys(page: Page) -> None:
    """By the button of the decision."""
    page.keyboard.press("d")
    page.keyboard.press("Enter")


def is_at(page: Page, bundle: Bundle) -> None:
    """Its page is shown."""
    expect(page).to_have_url(re.compile(rf"{QUEUE}{bundle.pk}/change/"))


def test_a_bundle_is_reviewed_by_keys_alone(visit: Visit, rosa: User) -> None:
    """Claim, go about, approve, reject for a reason that is searched for, decide, undo, judge anew, decide again."""
    regulation = waiting.regulation()
    first, second = handed_in(regulation, 2), handed_in(regulation, 30)
    end_user, register, address = (each.item.sid for each in review.standing(first))
    page = visit(QUEUE, rosa)
    keys = page.keyboard

    keys.press("c")  # the most urgent one
    is_at(page, first)
    keys.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    keys.press("Escape")
    keys.press("j")
    assert where(page) == end_user
    keys.press("a")
    expect(page.locator(f"#badge-{end_user}")).to_contain_text("approved")
    expect(page.locator(f"#{register}")).to_be_focused()
    expect(page.locator("#toasts")).to_contain_text("2 of 3 items to go")
    keys.press("k")
    keys.press("n")
    assert where(page) == register
    reject_by_keys(page, register)
    expect(page.locator(f"#{address}")).to_be_focused()
    keys.press("a")
    expect(page.locator("#decide")).to_be_focused()
    expect(page.locator(".ny-letter")).to_contain_text("Not in the dark.")
    decide_by_keys(page)

    is_at(page, second)
    expect(page.locator("#held")).to_contain_text("rejected")
    keys.press("u")
    is_at(page, first)
    expect(page.locator("#toasts")).to_contain_text("taken back")
    for _ in range(2):
        keys.press("j")
    keys.press("a")
    expect(page.locator(f"#badge-{register}")).to_contain_text("approved")
    decide_by_keys(page)
    is_at(page, second)
    expect(page.locator("#held")).to_contain_text("approved")
    ends = first.held_decisions.order_by("pk").values_list("decided", "end")
    assert list(ends) == [("reject", HeldEnd.TAKEN_BACK), ("approve", "")]
    assert ItemVerdict.objects.filter(item__bundle=first).count() == 4


def test_single_keys_can_be_switched_off(visit: Visit, rosa: User) -> None:
    """WCAG 2.1.4: who speaks to their machine presses keys without meaning to."""
    bundle = review.claim(handed_in(waiting.regulation(), 2), rosa)
    page = visit(f"{QUEUE}{bundle.pk}/change/", rosa)
    page.keyboard.press("?")
    page.get_by_role("button", name="Switch the keys off").click()
    page.get_by_role("button", name="Close").click()
    page.keyboard.press("a")
    page.keyboard.press("?")
    page.get_by_role("button", name="Switch the keys on").click()
    page.get_by_role("button", name="Close").click()
    assert not ItemVerdict.objects.exists()
    page.keyboard.press("a")
    expect(page.locator("#toasts")).to_contain_text("Approved")
    assert ItemVerdict.objects.count() == 1


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS.keys())
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_desk_is_whole_and_open_to_all(*, visit: Visit, rosa: User, width: int, dark: bool, tmp_path: Path) -> None:
    """The queue with its timers, a bundle, a reason that was chosen, a letter, a decision that is held."""
    regulation = waiting.regulation()
    late, soon, far = (handed_in(regulation, hours) for hours in (-3, 3, 60))
    for bundle in (late, soon):
        review.claim(bundle, rosa)
    for each in review.standing(late):
        review.judge(late, each.item, user=rosa, approved=each.item.end_user is not None, reason="illegible")
    rejected = review.standing(soon)[2].item.sid
    pages = {
        "queue": QUEUE,
        "free": f"{QUEUE}{far.pk}/change/",
        "mine": f"{QUEUE}{soon.pk}/change/?reject={rejected}&reason=illegible",
        "letter": f"{QUEUE}{late.pk}/change/",
    }
    page = visit(QUEUE, rosa, width=width, dark=dark)
    wrong = {}
    for name, path in pages.items():
        page.goto(path)
        for drawn in page.locator(".ny-paper img").all():
            drawn.scroll_into_view_if_needed()
            page.wait_for_function("image => image.complete && image.naturalWidth > 0", arg=drawn.element_handle())
        page.screenshot(path=tmp_path / f"{name}.png", full_page=True)
        wrong[name] = [*grave_findings(page), *(["too wide"] if is_wider_than_its_window(page) else [])]
    page.get_by_role("button", name="Reject the bundle").click()
    expect(page.locator("#held")).to_be_visible()
    page.screenshot(path=tmp_path / "held.png", full_page=True)
    wrong["held"] = grave_findings(page)
    assert {name: found for name, found in wrong.items() if found} == {}
