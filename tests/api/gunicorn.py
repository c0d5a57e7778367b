"""The web server that deployments run, on a free port, against the test database."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

import httpx
from django.db import connection

from tests.patience import PATIENCE, eventually


@contextmanager
def serving(*, workers: int = 2, threads: int = 4, database: str = "") -> Iterator[str]:
    """Yield the origin; the server is stopped on the way out. Needs a test that commits (transaction=True), unless it
    has another `database` of its own (a URL)."""
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", "127.0.0.1:0", "--preload"),
            *("--workers", str(workers), "--threads", str(threads), "--log-level", "info"),
        ],
        env={**os.environ, "DATABASE_URL": database or url_of(), "LOG_LEVEL": "ERROR"},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield _ready(_origin(process))
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE)


def url_of(name: str = "") -> str:
    """The URL of the test database, or of another one on the same server."""
    database = connection.settings_dict
    password = f":{quote(database['PASSWORD'], safe='')}" if database["PASSWORD"] else ""
    host = quote(database["HOST"], safe="")
    return f"postgres://{database['USER']}{password}@{host}:{database['PORT']}/{name or database['NAME']}"


def _origin(process: "subprocess.Popen[str]") -> str:
    """The address that gunicorn says it listens on: it chose the port."""
    assert process.stderr is not None
    for line in process.stderr:
        if "Listening at: " in line:
            return line.split("Listening at: ")[1].split()[0]
    raise AssertionError("gunicorn ended before it listened")


def _ready(origin: str) -> str:
    def ready() -> bool:
        try:
            return httpx.get(f"{origin}/readyz", timeout=PATIENCE).is_success
        except httpx.TransportError:
            return False

    eventually(ready)
    return origin
