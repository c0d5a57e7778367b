"""Every page of a door, read from the resolver, looked at in four ways: light and dark, narrow and wide.

A page is loaded once: its window and its colours change under it, as they do when somebody turns a telephone at dusk.
"""

import json
from collections.abc import Iterator
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from django.contrib import admin
from django.test import Client
from playwright.sync_api import Page

from testing_lab.models import Evidence
from tests.browser.conftest import GRAVE, WIDTHS, is_wider_than_its_window
from tests.security.routes import CONSOLE, PORTAL, at

LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
EVERYTHING = {"type": "tag", "values": LEVELS}
CONTRAST = {"type": "rule", "values": ["color-contrast"]}
#: What axe-core is asked of a page in each of its looks. Its elements are the same in all of them; in the dark their
#: contrast is not, and on a narrow screen neither is their size.
LOOKS = [
    ("wide", "light", EVERYTHING),
    ("narrow", "light", {"type": "rule", "values": ["target-size", "scrollable-region-focusable"]}),
    ("narrow", "dark", CONTRAST),
    ("wide", "dark", CONTRAST),
]
#: No pages of the console: Django's way from an object to its page on the site, and what is kept as a file.
LEADS_ON = "console/r/"
FILES = ("/papers/<str:sid>/", "/trace.txt", ".wav")


def portal_paths(client: Client, values: dict[str, str]) -> list[str]:
    """What answers with a page to who asks as this client does."""
    return [path for path in (route.path(values) for route in at(PORTAL)) if is_page(client, path)]


def console_paths(client: Client) -> list[str]:
    """Lists, and of each list the pages of its first row. The page of past edits is the same for all: one is enough.
    Nothing is deleted at the console."""
    paths = [path for path in dict.fromkeys(_of_console()) if not path.endswith("/delete/")]
    past = [path for path in paths if path.endswith("/history/")]
    return [path for path in paths if path not in past[1:] and is_page(client, path)]


def is_page(client: Client, path: str) -> bool:
    """A whole page, and no part of one, file or refusal."""
    answer = client.get(path)
    is_html = answer.headers.get("Content-Type", "").startswith("text/html")
    return answer.status_code == 200 and is_html and b"</html>" in answer.content


def _of_console() -> Iterator[str]:
    known = _first_rows()
    for route in at(CONSOLE):
        if not route.pattern.startswith(LEADS_ON) and not route.pattern.endswith(FILES):
            yield from (route.path({**known, "<slug:verb>": words}) for words in _verbs(route.pattern))


def _first_rows() -> dict[str, str]:
    """By the argument that stands for it: `console/inventory/sku/<path:object_id>`."""
    evidence = Evidence.objects.values_list("sid", flat=True).get()
    known = {"console/testing_lab/suiterun/evidence/<slug:sid>": evidence}
    for model in admin.site._registry:
        row = model._default_manager.order_by("pk").first()
        base = f"console/{model._meta.app_label}/{model._meta.model_name}"
        if row is not None:
            known |= {f"{base}/<path:object_id>": str(row.pk), f"{base}/<int:pk>": str(row.pk)}
    return known


def _verbs(pattern: str) -> list[str]:
    """Those of the model whose page it is."""
    if "<slug:verb>" not in pattern:
        return [""]
    label = ".".join(pattern.split("/")[1:3])
    pages = {model._meta.label_lower: page for model, page in admin.site._registry.items()}
    return [verb.name for verb in getattr(pages[label], "verbs", ())]


def wrong_with(page: Page, path: str) -> dict[str, list[str]]:
    """What is wrong with the page at the path, by the way of looking at it."""
    page.goto(path)
    page.evaluate(AXE_SCRIPT)
    found: dict[str, list[str]] = {}
    for width, scheme, rules in LOOKS:
        put_on(page, width, scheme)
        wrong = [*_grave(page, rules), *(["too wide"] if is_wider_than_its_window(page) else [])]
        found |= {f"{path} {width} {scheme}": wrong} if wrong else {}
    return found


def put_on(page: Page, width: str, scheme: str) -> None:
    """The theme of the console asks for the colours once, when its page comes; so it is told that they change."""
    page.set_viewport_size({"width": WIDTHS[width], "height": 900})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
    page.evaluate("scheme => document.documentElement.classList.toggle('dark', scheme === 'dark')", scheme)


def _grave(page: Page, rules: dict[str, Any]) -> list[str]:
    options = json.dumps({"runOnly": rules, "resultTypes": ["violations"]})
    found = page.evaluate(f"axe.run({options}).then(found => found.violations)")
    return [f"{each['id']}: {node['html']}" for each in found if each["impact"] in GRAVE for node in each["nodes"]]
