"""Papers after they are handed in, in a browser: a customer and a reviewer side by side."""

from pathlib import Path

import pytest

from accounts.models import Account, Membership, User
from compliance.lifecycle import BundleState
from compliance.models import Bundle
from tests.browser.conftest import WIDTHS, Visit, grave_findings, is_wider_than_its_window
from tests.compliance.review import waiting
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
def bundles(account: Account) -> list[Bundle]:
    """One in each state."""
    regulation = waiting.regulation()
    return [advanced(waiting.draft(of=regulation, account=account), state) for state in BundleState]


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
