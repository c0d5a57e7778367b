"""A real browser on a real server: `visit` opens pages of the test's own database as somebody, and watches them.

Whatever a page says on its console, and whatever its Content-Security-Policy refuses, fails the test that opened it.
"""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Browser, Page, sync_playwright

from accounts.models import User
from numbering.recent import forget_everything

WIDTHS = {"narrow": 360, "wide": 1280}
GRAVE = ("serious", "critical")
Visit = Callable[..., Page]


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """Chromium, for the tests of one file: while it is there its loop runs, which asynchronous tests can't have."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # that loop again: no code of ours runs in it
    with sync_playwright() as browsers, browsers.chromium.launch(executable_path=chromium, args=["--no-sandbox"]) as it:
        yield it
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def visit(browser: Browser, live_server: Any) -> Iterator[Visit]:
    """`visit("/find", user, width=360, dark=True, scripts=False)`: the page in a context of its own. Contexts of
    one test share nothing, so that staff and customer can stand side by side."""
    forget_everything()
    contexts, said = [], []

    def open_page(path: str, user: User | None = None, *, width: int = 1280, dark: bool = False, **more: Any) -> Page:
        scripts = more.pop("scripts", True)
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
            locale=more.pop("locale", "en-GB"),
            **more,
        )
        contexts.append(context)
        if user is not None:
            visitor = Client()
            visitor.force_login(user)
            cookie: Any = {"name": "sessionid", "value": visitor.cookies["sessionid"].value, "url": live_server.url}
            context.add_cookies([cookie])
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert said == []


def grave_findings(page: Page) -> list[str]:
    """What axe-core calls serious or critical (WCAG 2.2 A and AA): rule, and the elements."""
    options = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{each['id']}: {', '.join(node['html'] for node in each['nodes'])}"
        for each in found
        if each["impact"] in GRAVE
    ]


def is_wider_than_its_window(page: Page) -> bool:
    """Whether one has to scroll sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))
