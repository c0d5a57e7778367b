"""Papers after they are handed in, in a browser: a customer and a reviewer side by side."""

from pathlib import Path

import pytest
from django.contrib.auth.models import Permission
from playwright.sync_api import FilePayload, Page, expect

from accounts.models import Account, Membership, User
from compliance.lifecycle import BundleState
from compliance.models import Bundle, HeldDecision
from compliance.services import decisions, review
from tests.browser.conftest import WIDTHS, Visit, grave_findings, is_wider_than_its_window
from tests.compliance.review import waiting
from tests.compliance.vault.papers import pdf
from tests.factories import AccountFactory, UserFactory, advanced

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def account() -> Account:
    row: Account = AccountFactory.create(friendly_name="Ada's shop")
    return row


@pytest.fixture
def ada(account: Account) -> User:
    user: User = UserFactory.create(email="ada@example.com")
    Membership.objects.create(user=user, account=account)
    return user


@pytest.fixture
def rosa() -> User:
    """She may review, and nothing else."""
    user: User = UserFactory.create(email="rosa@example.com", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="review_bundle"))
    return user


@pytest.fixture
def bundles(account: Account) -> list[Bundle]:
    """One in each state."""
    regulation = waiting.regulation()
    return [advanced(waiting.draft(of=regulation, account=account), state) for state in BundleState]


def carried_out(desk: Page) -> None:
    """The decision that the desk holds for half a minute, without the wait."""
    expect(desk.locator("#held")).to_be_visible()
    decisions.carry_out(HeldDecision.objects.get(ended_at=None).pk)


def test_from_a_rejected_item_to_an_approved_bundle(
    *, visit: Visit, ada: User, account: Account, rosa: User, tmp_path: Path
) -> None:
    """Staff rejects an item; the customer reads why, puts another file in its place, hands it in; staff approves."""
    bundle = waiting.submitted(waiting.draft(account=account, friendly_name="Berlin office"))
    wrong = bundle.items.get(document__type="commercial_registrar_excerpt").sid
    right = list(bundle.items.exclude(sid=wrong).values_list("sid", flat=True))
    desk = visit(f"/console/compliance/bundle/{bundle.pk}/change/", rosa, scripts=False)
    desk.get_by_role("button", name="Claim").click()
    first = desk.locator(f"#{wrong}")
    first.get_by_text("Reject", exact=True).click()
    first.get_by_role("radio", name=review.reasons()["illegible"].explanation).check()
    first.get_by_role("button", name="See what the customer will read").click()
    first.get_by_label("What to do").fill("Scan it in colour.")
    first.get_by_role("button", name="Reject with these words").click()
    for sid in right:
        desk.locator(f"#{sid}").get_by_role("button", name="Approve").click()
    desk.get_by_role("button", name="Reject the bundle").click()
    carried_out(desk)

    page = visit("/papers", ada)
    page.get_by_role("link", name="Berlin office").click()
    card = page.locator(f"#{wrong}")
    assert "Scan it in colour." in card.inner_text()
    page.screenshot(path=tmp_path / "rejected.png", full_page=True)
    assert grave_findings(page) == []
    scan: FilePayload = {"name": "scan.pdf", "mimeType": "application/pdf", "buffer": pdf()}
    card.get_by_label("The file", exact=True).set_input_files(files=scan)
    card.get_by_role("button", name="Save the correction").click()
    assert page.get_by_role("heading", name="Everything is corrected").is_visible()
    page.screenshot(path=tmp_path / "corrected.png", full_page=True)
    page.get_by_role("button", name="Hand it in").click()
    assert page.get_by_text("You have nothing to do").is_visible()

    desk.goto(f"/console/compliance/bundle/{bundle.pk}/change/")
    desk.get_by_role("button", name="Claim").click()
    desk.locator(f"#{wrong}").get_by_role("button", name="Approve").click()
    desk.get_by_role("button", name="Approve the bundle").click()
    carried_out(desk)
    page.reload()
    assert page.get_by_text("You can buy such numbers with these papers now").is_visible()
    page.screenshot(path=tmp_path / "approved.png", full_page=True)


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS.keys())
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_pages_are_whole_and_open_to_all(
    *, visit: Visit, ada: User, bundles: list[Bundle], width: int, dark: bool, tmp_path: Path
) -> None:
    """Each page fits its window, keeps to its policy, and axe-core finds nothing grave."""
    item = bundles[0].items.filter(document__isnull=False).select_related("document").latest("pk")
    person = bundles[0].items.get(end_user__isnull=False).end_user
    assert item.document
    assert person
    address = item.document.addresses.get()
    paths = {
        "list": "/papers",
        **{bundle.state: f"/papers/{bundle.sid}" for bundle in bundles},
        "documents": "/papers/documents",
        "document": f"/papers/documents/{item.document.sid}",
        "people": "/papers/people",
        "person": f"/papers/people/{person.sid}",
        "erase": f"/papers/people/{person.sid}/erase",
        "addresses": "/papers/addresses",
        "address": f"/papers/addresses/{address.sid}",
        "new-address": "/papers/addresses/new?country=US",
        "country": "/papers/addresses/new",
        "delete": f"/papers/{bundles[0].sid}/delete",
        "clone": f"/papers/{bundles[0].sid}/clone",
    }
    wrong = {}
    for name, path in paths.items():
        page = visit(path, ada, width=width, dark=dark)
        page.screenshot(path=tmp_path / f"{name}.png", full_page=True)
        wrong[name] = [*grave_findings(page), *(["too wide"] if is_wider_than_its_window(page) else [])]
    assert {name: findings for name, findings in wrong.items() if findings} == {}
