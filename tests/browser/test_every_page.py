"""Every page there is, of both doors, light and dark, narrow and wide: none is wider than its window, and axe-core
finds nothing grave. Pages are read from the resolver, so a new one is looked at without being listed."""

import pytest
from django.db import transaction
from django.test import Client
from playwright.sync_api import Page

from accounts.models import Role, User
from tests.browser.conftest import Visit
from tests.browser.sweep import console_paths, portal_paths, wrong_with
from tests.console.conftest import everything, number, staff_user, stuck_run  # noqa: F401 - fixtures
from tests.security.world import World, browser, person, two_customers

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    """Two customers, of whom one has one of everything."""
    with transaction.atomic():
        return two_customers()


@pytest.fixture
def staff(request: pytest.FixtureRequest) -> User:
    """She may do everything, and there is a row of everything."""
    with transaction.atomic():
        request.getfixturevalue("everything")
    user: User = request.getfixturevalue("staff_user")
    return user


def test_every_page_of_the_portal(visit: Visit, world: World) -> None:
    paths = portal_paths(browser(world.ada), dict(world.hers))
    assert len(paths) > 30
    assert all_wrong(visit("/", person(world.ada, Role.OWNER)), paths) == {}


def test_every_page_of_the_console(visit: Visit, staff: User) -> None:
    client = Client()
    client.force_login(staff)
    paths = console_paths(client)
    assert len(paths) > 100
    assert all_wrong(visit("/console/", staff), paths) == {}


def all_wrong(page: Page, paths: list[str]) -> dict[str, list[str]]:
    """By path and look."""
    wrong: dict[str, list[str]] = {}
    for path in paths:
        wrong |= wrong_with(page, path)
    return wrong
