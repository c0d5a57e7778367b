"""The portal's pages in a browser: nothing broken, nobody shut out."""

from pathlib import Path

import pytest

from accounts.models import Membership, User
from tests.browser.conftest import WIDTHS, Visit, grave_findings, is_wider_than_its_window
from tests.factories import DidFactory, NumberFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)

STRANGERS = ["/", "/sign-in"]
CUSTOMERS = ["/", "/find?country=US&type=local", "/find?country=US&type=local&contains=9999999"]


@pytest.fixture
def ada() -> User:
    """A customer with a number, and numbers on sale."""
    did = DidFactory.create(account__friendly_name="Ada's shop")
    NumberFactory.create_batch(3)
    user: User = UserFactory.create(email="ada@example.com")
    Membership.objects.create(user=user, account=did.account)
    return user


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS.keys())
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_pages_are_whole_and_open_to_all(*, visit: Visit, ada: User, width: int, dark: bool, tmp_path: Path) -> None:
    """Each page fits its window, keeps to its policy, and axe-core finds nothing grave."""
    wrong = {}
    for who, paths in ((None, STRANGERS), (ada, CUSTOMERS)):
        for nth, path in enumerate(paths):
            page = visit(path, who, width=width, dark=dark)
            page.screenshot(path=tmp_path / f"{who and 'ada'}-{nth}.png", full_page=True)
            wrong[path] = [*grave_findings(page), *(["too wide"] if is_wider_than_its_window(page) else [])]
    assert {path: findings for path, findings in wrong.items() if findings} == {}
