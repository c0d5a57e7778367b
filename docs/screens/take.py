"""Photographs the pages of a running Numberyard: `.venv/bin/python docs/screens/take.py` while `make run` runs.

Narrow (360 px) and wide (1280 px), light and dark, into this folder: of each page the upper part. What the
demonstration lacks the script makes first, through the pages themselves: papers on their way, a full cart, a protected
number. It needs Chromium (`apt-get install chromium`), and Playwright and Pillow, which `make test` installs. Options:
names of pages, to take only those; `--credentials` for another stack; `--as-it-is`, to make nothing.
"""

import argparse
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from urllib.parse import urljoin

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, FilePayload, Page, sync_playwright

HERE = Path(__file__).resolve().parent
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run")
QUIETER = ("--disable-background-networking", "--disable-component-update", "--disable-sync")
WIDTHS = {"narrow": 360, "wide": 1280}
SCREEN, LONGEST = 900, 1800  # pixels of a page that are kept: of a list, and of what is read to its end
Act = Callable[[Page], object]


@dataclass(frozen=True)
class Shot:
    """A page: where it is and who looks at it; for a page that a list leads to, the links to follow (each the first
    that fits); `act`: what is pressed there. Of most pages the first screen is taken, of long ones more."""

    name: str
    path: str
    who: str = ""
    follow: tuple[str, ...] = ()
    act: Act | None = None
    is_long: bool = False


def _dry_run(page: Page) -> None:
    page.get_by_label("With all that match").select_option("Block")
    page.get_by_role("button", name="Dry run").click()


def _menu(page: Page) -> None:
    page.get_by_text("Account", exact=True).click()


CUSTOMER, STAFF = "CUSTOMER", "STAFF"
DRAFT, REJECTED, KEPT = "Berlin office", "Hamburg office", "Front desk"
US = "/find?country=US&type=local"
NUMBERS = "/console/inventory/phonenumber/"
ON_SALE = f"{NUMBERS}?state__exact=AVAILABLE"
ROW = "#result_list tbody th a"
RUNS = "/console/testing_lab/suiterun/"
FAILED = f"{RUNS}?passed__exact=0"
LOSSY = "#result_list tr:has-text('V06') th a"  # packets lost: there is something to see
MINE = f"tr:has-text('{KEPT}') a[href^='/numbers/PN']"


def _step(name: str) -> tuple[str, str]:
    """From the list of papers into the draft, and to its step."""
    return (f"main a:has-text('{DRAFT}')", f"a[href$='/{name}'], a[href$='/you']")


SHOTS = (
    Shot("landing", "/"),
    Shot("sign-up", "/sign-up"),
    Shot("sign-in", "/sign-in"),
    Shot("portal", "/", CUSTOMER, is_long=True),
    Shot("menu", "/", CUSTOMER, act=_menu),
    Shot("security", "/account/security", CUSTOMER),
    Shot("team", "/team", CUSTOMER),
    Shot("keys", "/keys", CUSTOMER),
    Shot("search", f"{US}&carries=VOICE", CUSTOMER),
    Shot("search-law", "/find?country=DE&type=local", CUSTOMER),
    Shot("search-empty", f"{US}&contains=5555555", CUSTOMER, is_long=True),
    Shot("map", "/find/map?country=US", CUSTOMER, is_long=True),
    Shot("map-world", "/find/map", CUSTOMER),
    Shot("cart", "/cart", CUSTOMER),
    Shot("my-numbers", "/numbers", CUSTOMER),
    Shot("my-number", "/numbers", CUSTOMER, (MINE,), is_long=True),
    Shot("protection", "/numbers", CUSTOMER, (MINE, "a[href$='/unprotect']")),
    Shot(
        "give-back",
        "/numbers",
        CUSTOMER,
        ("main tbody tr:last-of-type a[href^='/numbers/PN']", "a[href$='/give-back']"),
    ),
    Shot("papers", "/papers", CUSTOMER),
    Shot("papers-new", "/papers/new?country=DE&type=local&who=business", CUSTOMER, is_long=True),
    Shot("papers-you", "/papers", CUSTOMER, (f"main a:has-text('{DRAFT}')", "a[href$='/you']"), is_long=True),
    Shot("papers-address", "/papers", CUSTOMER, (*_step("you"), "a[href$='/addresses']"), is_long=True),
    Shot("papers-documents", "/papers", CUSTOMER, (*_step("you"), "a[href$='/documents']"), is_long=True),
    Shot("papers-check", "/papers", CUSTOMER, (*_step("you"), "a[href$='/check']"), is_long=True),
    Shot("papers-rejected", "/papers", CUSTOMER, (f"main a:has-text('{REJECTED}')",), is_long=True),
    Shot("people", "/papers/people", CUSTOMER),
    Shot("addresses", "/papers/addresses", CUSTOMER),
    Shot("console", "/console/", STAFF),
    Shot("console-whole", "/console/", STAFF, is_long=True),
    Shot("numbers", NUMBERS, STAFF),
    Shot("bulk", ON_SALE, STAFF, act=_dry_run),
    Shot("number", ON_SALE, STAFF, (ROW,), is_long=True),
    Shot("verb", ON_SALE, STAFF, (ROW, ".ny-danger")),
    Shot("passport", f"{ON_SALE}&country=US", STAFF, (ROW, "a:has-text('to print')"), is_long=True),
    Shot("failed-number", f"{NUMBERS}?state__exact=FAILED", STAFF, (ROW,)),
    Shot("board", "/console/inventory/quarantine/board/", STAFF),
    Shot("queue", "/console/compliance/bundle/", STAFF),
    Shot("desk", "/console/compliance/bundle/", STAFF, (ROW,), is_long=True),
    Shot("restock", "/console/inventory/restockproposal/decide/", STAFF),
    Shot("provider", "/console/inventory/provider/", STAFF, ("#result_list tr:has-text('Tern') th a",), is_long=True),
    Shot("orders", "/console/inventory/providerorder/", STAFF),
    Shot("target", "/console/inventory/stocktarget/", STAFF, (ROW,)),
    Shot("audit", "/console/admin/logentry/audit/", STAFF),
    Shot("roles", "/console/accounts/user/", STAFF),
    Shot("runs", RUNS, STAFF),
    Shot("run", FAILED, STAFF, (LOSSY,), is_long=True),
    Shot("evidence", FAILED, STAFF, (LOSSY, ".ny-exchanges a:has-text('InboundCall')"), is_long=True),
    Shot("override", FAILED, STAFF, (LOSSY, ".ny-danger")),
    Shot("scorecard", f"{RUNS}scorecard/", STAFF),
    Shot("trunks", "/console/testing_lab/trunk/", STAFF),
    Shot("rulebook", "/console/compliance/rulebook/", STAFF, (ROW,)),
    Shot("styleguide", "/console/styleguide/", STAFF, is_long=True),
)


def main(arguments: list[str]) -> None:
    """Take what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="PAGE")
    parser.add_argument("--credentials", type=Path, default=HERE.parents[1] / ".data" / "credentials.env")
    parser.add_argument("--to", type=Path, default=HERE)
    parser.add_argument("--as-it-is", action="store_true")
    options = parser.parse_args(arguments)
    lines = options.credentials.read_text(encoding="utf-8").splitlines()
    known = dict(line.split("=", 1) for line in lines if "=" in line)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=[*QUIET, *QUIETER])
        people = {who: _context(browser, known, who) for who in ("", CUSTOMER, STAFF)}
        if not options.as_it_is:
            _make_content(people)
        for shot in SHOTS:
            if not options.names or shot.name in options.names:
                _try(people[shot.who], shot, options.to)
        browser.close()


def _context(browser: Browser, known: dict[str, str], who: str) -> BrowserContext:
    """A browser of its own for each person, signed in."""
    context = browser.new_context(base_url=known["NUMBERYARD_URL"], locale="en-GB", reduced_motion="reduce")
    if who:
        page = context.new_page()
        page.goto("/sign-in")
        page.fill("input[name=login]", known[f"{who}_USER"])
        page.fill("input[name=password]", known[f"{who}_PASSWORD"])
        page.locator("main button").first.click()
        page.wait_for_load_state()
        page.close()
    return context


def _try(context: BrowserContext, shot: Shot, to: Path) -> None:
    """A page that can't be had is said, and keeps no other from being taken."""
    try:
        for file in _take(context, shot, to):
            sys.stdout.write(f"{file.name} {file.stat().st_size // 1024} kB\n")
    except Exception as problem:  # noqa: BLE001 - of the browser's many
        sys.stderr.write(f"{shot.name}: {str(problem).splitlines()[0]}\n")


def _take(context: BrowserContext, shot: Shot, to: Path) -> Iterator[Path]:
    page = context.new_page()
    page.set_default_timeout(20_000)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        for width, pixels in WIDTHS.items():
            page.set_viewport_size({"width": pixels, "height": SCREEN})
            _open(page, shot)
            yield _keep(page, to / f"{shot.name}-{width}-{scheme}.webp", LONGEST if shot.is_long else SCREEN)
    page.close()


def _open(page: Page, shot: Shot) -> None:
    page.goto(shot.path)
    for selector in shot.follow:
        page.goto(urljoin(page.url, page.locator(selector).first.get_attribute("href") or ""))
    if shot.act:
        shot.act(page)
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready")


def _keep(page: Page, file: Path, longest: int) -> Path:
    """The upper part, as WebP: a tenth of what PNG takes."""
    picture = Image.open(BytesIO(page.screenshot(full_page=True)))
    picture.crop((0, 0, picture.width, min(picture.height, longest))).convert("RGB").save(file, quality=80, method=6)
    return file


def _make_content(people: dict[str, BrowserContext]) -> None:
    """What the demonstration lacks."""
    page, desk = (people[who].new_page() for who in (CUSTOMER, STAFF))
    for make in (_fill_the_cart, _keep_a_number, lambda page: _reject_papers(page, desk), _leave_a_draft):
        try:
            make(page)
        except Exception as problem:  # noqa: BLE001 - what can't be made is missing in the pictures
            sys.stderr.write(f"{make.__name__}: {str(problem).splitlines()[0]}\n")


def _fill_the_cart(page: Page) -> None:
    """One that can be bought, one that takes papers."""
    for path in (US, "/find?country=DE&type=local"):
        page.goto(path)
        page.get_by_role("button", name="Reserve").first.click()
        page.get_by_text("held for you", exact=True).wait_for()


def _keep_a_number(page: Page) -> None:
    """Bought, named and protected."""
    page.goto("/numbers")
    if not page.locator(MINE).count():
        page.goto("/cart")
        page.get_by_label("Name").first.fill(KEPT)
        page.get_by_role("button", name="Buy this one").first.click()
        page.goto("/numbers")
    page.goto(page.locator(MINE).first.get_attribute("href") or "")
    if page.get_by_role("button", name="Protect this number").count():
        page.get_by_role("button", name="Protect this number").click()
        page.wait_for_load_state()


COMPANY = {
    "business_name": "Musterfirma GmbH",
    "business_registration_number": "Berlin (Charlottenburg) HRB 11223 B",
    "business_website": "https://www.musterfirma.de",
    "first_name": "Erika",
    "last_name": "Mustermann",
    "email": "erika@musterfirma.de",
}
ADDRESS = {"customer_name": COMPANY["business_name"], "street": "Unter den Linden 77", "postal_code": "10117"}


def _begin(page: Page, name: str) -> bool:
    """Papers of a business for a number in Berlin, up to the documents; whether there were none of that name yet."""
    page.goto("/papers")
    if page.locator(f"main a:has-text('{name}')").count():
        return False
    page.goto("/papers/new?country=DE&type=local&who=business")
    page.get_by_role("button", name="Begin").click()
    for field, value in COMPANY.items():
        page.locator(f"#id_{field}").fill(value)
    page.get_by_role("button", name="Save and go on").click()
    page.get_by_role("heading", level=1, name="Address").wait_for()
    if page.locator("#id_street").is_visible():
        for field, value in {**ADDRESS, "city": "Berlin"}.items():
            page.locator(f"#id_{field}").fill(value)
        page.get_by_role("button", name="Save this address").click()
    else:
        page.get_by_role("radio").first.check()
        page.get_by_role("button", name="Use").first.click()
    page.get_by_role("heading", level=1, name="Papers").wait_for()
    return True


def _give(page: Page) -> None:
    """A paper for the first card; its picture is one of the page."""
    paper: FilePayload = {"name": "register.png", "mimeType": "image/png", "buffer": page.screenshot()}
    card = page.locator("#business_name_info")
    card.get_by_label("File", exact=True).set_input_files(files=paper)
    card.get_by_role("button", name="Save this paper").click()
    card.get_by_text("Your file is here").wait_for()


def _call_it(page: Page, name: str) -> None:
    page.goto(page.url.rpartition("/")[0])
    page.get_by_label("Name of these papers").fill(name)
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_load_state()


def _leave_a_draft(page: Page) -> None:
    """Half done."""
    if _begin(page, DRAFT):
        _give(page)
        _call_it(page, DRAFT)


def _reject_papers(page: Page, desk: Page) -> None:
    """Handed in by the customer, and one of them rejected at the desk."""
    if not _begin(page, REJECTED):
        return
    _give(page)
    for other in ("business_address_proof_info", "business_reg_no_info"):
        page.locator(f"#{other}").get_by_role("button", name="The same file as for").first.click()
        page.locator(f"#{other}").get_by_text("Your file is here").wait_for()
    page.get_by_role("link", name="On to the check").click()
    page.get_by_label("Name of these papers").fill(REJECTED)
    page.get_by_role("button", name="Hand in").click()
    page.get_by_text("You have nothing to do.").wait_for()
    _reject(desk, page.url.rpartition("/")[2])


def _reject(desk: Page, sid: str) -> None:
    """All is approved but the last paper."""
    desk.goto(f"/console/compliance/bundle/?q={sid}")
    desk.locator(ROW).first.click()
    desk.get_by_role("button", name="Claim").first.click()
    items = [item.get_attribute("id") for item in desk.locator("[data-item]").all()]
    for item in items[:-1]:
        desk.locator(f"#{item}").get_by_role("button", name="Approve").click()
        desk.locator(f"#badge-{item}:has-text('approved')").wait_for()
    last = desk.locator(f"#{items[-1]}")
    last.get_by_text("Reject", exact=True).click()
    last.get_by_role("radio").first.check()
    last.get_by_role("button", name="Reject with these words").click()
    desk.get_by_role("button", name="Reject the bundle").click()
    desk.wait_for_timeout(33_000)  # a decision is held for half a minute
    desk.wait_for_load_state()


if __name__ == "__main__":
    main(sys.argv[1:])
