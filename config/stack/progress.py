"""What `make run` tells the person who waits: each step as it begins, how long it took, how to get in at the end."""

import contextlib
import re
import time
import urllib.error
import urllib.request
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
    last = ["  The first numbers are on sale some two minutes after a first start;", "  a line below will say so."]
    return "\n".join(
        [rule, "  Numberyard is ready", "", *lines, "", f"  Kept in {path}. Stop with Ctrl-C.", *last, rule]
    )


def follow_stock(metrics: str, *, token: str = "") -> None:
    """Say where the numbers are, whenever that has changed, for as long as the process runs."""
    request = urllib.request.Request(metrics, headers={"Authorization": f"Bearer {token}"})  # noqa: S310 - our own
    for line in _news(_stocks(request)):
        say(line)


def _stocks(metrics: urllib.request.Request) -> Iterator[str]:
    while True:
        time.sleep(STOCK_PAUSE)
        yield _stock(metrics)


def _news(stocks: Iterable[str]) -> Iterator[str]:
    """A line for each change, and once another: when something can be bought."""
    told, on_sale = "", False
    for stock in stocks:
        if stock and stock != told:
            yield f"Stock: {stock}"
            told = stock
        if "available" in stock and not on_sale:
            yield "Numbers are on sale: search and buy as docs/first-steps.md shows."
            on_sale = True


def _stock(metrics: urllib.request.Request) -> str:
    """ "120 testing, 34 available", from the gauges; "" while they can't be read."""
    try:
        with urllib.request.urlopen(metrics, timeout=5) as answer:  # noqa: S310 - our own http address
            gauges = _GAUGE.findall(answer.read().decode())
    except (OSError, HTTPException):
        return ""
    return ", ".join(f"{float(count):.0f} {state.lower().replace('_', ' ')}" for state, count in gauges if float(count))


def _problem(url: str) -> str:
    try:
        with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - our own http address
            return ""
    except urllib.error.HTTPError as error:
        return f"{error.code} {error.read(500).decode(errors='replace')}"
    except (OSError, HTTPException) as error:  # the latter when the web server dies in the middle of its answer
        return str(error)
