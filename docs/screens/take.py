"""Photographs the pages of a running Numberyard: `.venv/bin/python docs/screens/take.py` while `make run` runs.

Narrow (360 px) and wide (1280 px), light and dark, into this folder. It needs Chromium (`apt-get install chromium`) and
`make test` to have installed Playwright. Options: names of pages to take only those; `--credentials` for another stack.
"""

import argparse
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

HERE = Path(__file__).resolve().parent
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run")
QUIETER = ("--disable-background-networking", "--disable-component-update", "--disable-sync")
WIDTHS = {"narrow": 360, "wide": 1280}


@dataclass(frozen=True)
class Shot:
    """A page: where it is, who looks at it, and, where it is a row's page, the link of the list to follow.

    Of a list, the first screen is taken; of other pages, the whole.
    """

    name: str
    path: str
    who: str = ""
    follow: str = ""
    is_list: bool = False


RUNS = "/console/testing_lab/suiterun/"
FAILED = f"{RUNS}?passed__exact=0"
LOSSY = "#result_list tr:has-text('V06') th a"  # packets lost: there is something to see

SHOTS = (
    Shot("landing", "/"),
    Shot("sign-in", "/sign-in"),
    Shot("portal", "/", "CUSTOMER"),
    Shot("search", "/find?country=US&type=local&contains=&locality=&area_code=&carries=VOICE", "CUSTOMER"),
    Shot("search-empty", "/find?country=US&type=local&contains=5555555&locality=&area_code=&carries=", "CUSTOMER"),
    Shot("console", "/console/", "STAFF"),
    Shot("numbers", "/console/inventory/phonenumber/", "STAFF", is_list=True),
    Shot("number", "/console/inventory/phonenumber/?state__exact=AVAILABLE", "STAFF", "#result_list tbody th a"),
    Shot(
        "verb", "/console/inventory/phonenumber/?state__exact=AVAILABLE", "STAFF", "#result_list tbody th a, .ny-danger"
    ),
    Shot(
        "passport",
        "/console/inventory/phonenumber/?state__exact=AVAILABLE&country=US&number_type__exact=local",
        "STAFF",
        "#result_list tbody th a, a:has-text('to print')",
    ),
    Shot("failed-number", "/console/inventory/phonenumber/?state__exact=FAILED", "STAFF", "#result_list tbody th a"),
    Shot("runs", "/console/testing_lab/suiterun/", "STAFF", is_list=True),
    Shot("run", FAILED, "STAFF", LOSSY),
    Shot("evidence", FAILED, "STAFF", f"{LOSSY}, .ny-exchanges a:has-text('InboundCall')"),
    Shot("override", FAILED, "STAFF", f"{LOSSY}, .ny-danger"),
    Shot("messages", RUNS, "STAFF", "#result_list tr:has-text('S0') th a, .ny-exchanges a:has-text('MessageSeries')"),
    Shot("trunks", "/console/testing_lab/trunk/", "STAFF", is_list=True),
    Shot("trunk", "/console/testing_lab/trunk/", "STAFF", "#result_list tbody th a"),
    Shot("orders", "/console/inventory/providerorder/", "STAFF", is_list=True),
    Shot("target", "/console/inventory/stocktarget/", "STAFF", "#result_list tbody th a"),
)


def main(arguments: list[str]) -> None:
    """Take what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="PAGE")
    parser.add_argument("--credentials", type=Path, default=HERE.parents[1] / ".data" / "credentials.env")
    parser.add_argument("--to", type=Path, default=HERE)
    options = parser.parse_args(arguments)
    lines = options.credentials.read_text(encoding="utf-8").splitlines()
    known = dict(line.split("=", 1) for line in lines if "=" in line)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=[*QUIET, *QUIETER])
        for scheme in ("light", "dark"):
            _take_all(browser, scheme, known, set(options.names), options.to)
        browser.close()


def _take_all(browser: Browser, scheme: str, known: dict[str, str], names: set[str], to: Path) -> None:
    people = {who: _context(browser, scheme, known, who) for who in ("", "CUSTOMER", "STAFF")}
    for shot in SHOTS:
        if not names or shot.name in names:
            for file in _take(people[shot.who], known["NUMBERYARD_URL"], shot, scheme, to):
                sys.stdout.write(f"{file}\n")
    for context in people.values():
        context.close()


def _context(browser: Browser, scheme: str, known: dict[str, str], who: str) -> BrowserContext:
    """A browser of its own for each person, signed in."""
    context = browser.new_context(color_scheme="dark" if scheme == "dark" else "light")
    if who:
        page = context.new_page()
        page.goto(urljoin(known["NUMBERYARD_URL"], "/sign-in"))
        page.fill("input[name=login]", known[f"{who}_USER"])
        page.fill("input[name=password]", known[f"{who}_PASSWORD"])
        page.locator("main button").first.click()
        page.wait_for_load_state()
        page.close()
    return context


def _take(context: BrowserContext, url: str, shot: Shot, scheme: str, to: Path) -> Iterator[Path]:
    page = context.new_page()
    for width, pixels in WIDTHS.items():
        page.set_viewport_size({"width": pixels, "height": 800})
        _open(page, url, shot)
        file = to / f"{shot.name}-{width}-{scheme}.png"
        page.screenshot(path=file, full_page=not shot.is_list)
        yield file
    page.close()


def _open(page: Page, url: str, shot: Shot) -> None:
    page.goto(urljoin(url, shot.path))
    for selector in filter(None, shot.follow.split(", ")):
        page.goto(urljoin(page.url, page.locator(selector).first.get_attribute("href") or ""))
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready")


if __name__ == "__main__":
    main(sys.argv[1:])
