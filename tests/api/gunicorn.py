"""The web server that deployments run, on a free port, against the test database."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

import httpx
from django.db import connection

STARTS_WITHIN = 60  # a busy machine imports slowly


@contextmanager
def serving(*, workers: int = 2, threads: int = 4) -> Iterator[str]:
    """Yield the origin; the server is stopped on the way out. Needs a test that commits (transaction=True)."""
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", "127.0.0.1:0", "--preload"),
            *("--workers", str(workers), "--threads", str(threads), "--log-level", "info"),
        ],
        env={**os.environ, "DATABASE_URL": _url(), "LOG_LEVEL": "ERROR"},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield _ready(_origin(process))
    finally:
        process.terminate()
        process.communicate(timeout=STARTS_WITHIN)


def _url() -> str:
    database = connection.settings_dict
    password = f":{quote(database['PASSWORD'], safe='')}" if database["PASSWORD"] else ""
    host = quote(database["HOST"], safe="")
    return f"postgres://{database['USER']}{password}@{host}:{database['PORT']}/{database['NAME']}"


def _origin(process: "subprocess.Popen[str]") -> str:
    """The address that gunicorn says it listens on: it chose the port."""
    assert process.stderr is not None
    for line in process.stderr:
        if "Listening at: " in line:
            return line.split("Listening at: ")[1].split()[0]
    raise AssertionError("gunicorn ended before it listened")


def _ready(origin: str) -> str:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until:
        try:
            if httpx.get(f"{origin}/readyz", timeout=5).status_code == 200:
                return origin
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("gunicorn is not ready")
