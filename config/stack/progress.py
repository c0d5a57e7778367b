"""What `make run` tells the person who waits: each step as it begins, how long it took, how to get in at the end."""

import contextlib
import re
import time
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from http.client import HTTPException

_BEGAN = time.monotonic()
STOCK_PAUSE = 10.0  # seconds
_GAUGE = re.compile(r'^numberyard_numbers\{state="(\w+)"\} (\S+)$', re.M)


def say(text: str) -> None:
    """Print a line at once, with the seconds since the start."""
    print(f"[{time.monotonic() - _BEGAN:5.1f} s] {text}", flush=True)  # noqa: T201 - a command line's output


@contextlib.contextmanager
def step(text: str) -> Iterator[None]:
    """Announce a step, and its end if it took a noticeable time."""
    say(f"{text} ...")
    began = time.monotonic()
    yield
    if (seconds := time.monotonic() - began) > 2:
        say(f"{text}: done in {seconds:.1f} s")


def wait_for(url: str, *, seconds: float) -> str:
    """Ask `url` until it answers 200 and return "", or else, after `seconds`, its last answer."""
    give_up = time.monotonic() + seconds
    while answer := _problem(url):
        if time.monotonic() > give_up:
            return answer
        time.sleep(0.25)
    return ""


def welcome(url: str, credentials: Mapping[str, str], path: str) -> str:
    """Write the block that ends a start."""
    rows = {
        "Numbers API": f"{url}/2010-04-01/",
        "Customer portal": f"{url}/",
        "Staff console": f"{url}/console/",
        "": "",
        **{key.replace("_", " ").capitalize(): value for key, value in credentials.items() if key != "NUMBERYARD_URL"},
    }
    lines = [f"  {name:<18}{value}".rstrip() for name, value in rows.items()]
    rule = "=" * 72
    last = ["  The first US numbers are on sale about 1.5 minutes after a first start;", "  a line below will say so."]
    return "\n".join(
        [rule, "  Numberyard is ready", "", *lines, "", f"  Kept in {path}. Stop with Ctrl-C.", *last, rule]
    )


def follow_stock(url: str, credentials: Mapping[str, str], *, metrics_token: str = "") -> None:
    """Say where the numbers are, whenever that has changed, for as long as the process runs."""
    metrics = _request(f"{url}/metrics", f"Bearer {metrics_token}")
    sid, token = credentials["ACCOUNT_SID"], credentials["AUTH_TOKEN"]
    basic = b64encode(f"{sid}:{token}".encode()).decode()
    search = f"{url}/2010-04-01/Accounts/{sid}/AvailablePhoneNumbers/US/Local.json?SmsEnabled=true&PageSize=1"
    for line in _news(_looks(metrics, _request(search, f"Basic {basic}"))):
        say(line)


def _looks(metrics: urllib.request.Request, search: urllib.request.Request) -> Iterator[tuple[str, bool]]:
    """The stock, and whether the search of our samples has found anything yet."""
    found = False
    while True:
        time.sleep(STOCK_PAUSE)
        found = found or '"phone_number"' in _answer(search)
        yield _stock(metrics), found


def _news(looks: Iterable[tuple[str, bool]]) -> Iterator[str]:
    """A line for each change, and one when our samples begin to work."""
    told, told_of_sale = "", False
    for stock, on_sale in looks:
        if stock and stock != told:
            yield f"Stock: {stock}"
            told = stock
        if on_sale and not told_of_sale:
            yield "Numbers are on sale: search and buy as docs/first-steps.md shows."
            told_of_sale = True


def _stock(metrics: urllib.request.Request) -> str:
    """ "120 testing, 34 available", from the gauges; "" while they can't be read."""
    gauges = _GAUGE.findall(_answer(metrics))
    return ", ".join(f"{float(count):.0f} {state.lower().replace('_', ' ')}" for state, count in gauges if float(count))


def _request(url: str, authorization: str) -> urllib.request.Request:
    return urllib.request.Request(url, headers={"Authorization": authorization})  # noqa: S310 - our own http address


def _answer(request: urllib.request.Request) -> str:
    """What it says; "" while it can't be had."""
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 - our own http address
            return str(answer.read().decode())
    except (OSError, HTTPException):
        return ""


def _problem(url: str) -> str:
    try:
        with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - our own http address
            return ""
    except urllib.error.HTTPError as error:
        return f"{error.code} {error.read(500).decode(errors='replace')}"
    except (OSError, HTTPException) as error:  # the latter when the web server dies in the middle of its answer
        return str(error)
