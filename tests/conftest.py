"""Fixtures of the whole suite. PostgreSQL and Redis are there already: see `tests.servers`."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pgtrigger
import pytest

from config.stack import locks
from numbering.models.stays import NeverEmptied
from numbering.pictures import Picture
from numbering.recent import Recent
from testing_lab.fax import spandsp

LOCKS = Path(__file__).resolve().parents[1] / ".data" / "test"

# How long an example takes is the machine's affair, which may have other things to do.
hypothesis.settings.register_profile(
    "suite", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow], print_blob=True
)
hypothesis.settings.load_profile("suite")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """The test database. A test with real transactions empties all its tables when it is done, which is refused
    anywhere else: `tests.inventory.test_invariants`."""
    with django_db_blocker.unblock():
        pgtrigger.disable(*(t.get_uri(model) for model, t in pgtrigger.registered() if isinstance(t, NeverEmptied)))


@pytest.fixture(autouse=True)
def no_pictures() -> Iterator[None]:
    """What a test's pages showed is not shown by those of the next one."""
    yield
    for memory in Recent.every:
        if isinstance(memory, Picture):
            memory.forget()


@pytest.fixture(scope="session")
def sipp() -> str:
    """Return the path of SIPp, our referee for SIP; install it if we may (Debian's package `sip-tester`)."""
    return _tool("sipp", package="sip-tester")


@pytest.fixture(scope="session")
def tshark() -> str:
    """Return the path of tshark, which reads what we send; install it if we may (Debian's package of that name)."""
    return _tool("tshark", package="tshark")


@pytest.fixture(scope="session")
def baresip() -> str:
    """Return the path of baresip, a telephone; install it if we may (Debian's package `baresip-core`)."""
    return _tool("baresip", package="baresip-core")


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of Chromium, which prints our pages; install it if we may (Debian's package of that name)."""
    return _tool("chromium", package="chromium")


@pytest.fixture(scope="session")
def fax_library() -> None:
    """See to libspandsp, which sends pages; install it if we may (Debian's package `libspandsp2`)."""
    _there("libspandsp", _has_spandsp, package="libspandsp2")


def _has_spandsp() -> bool:
    spandsp.library.cache_clear()
    return spandsp.library() is not None


def _tool(name: str, *, package: str) -> str:
    _there(name, lambda: shutil.which(name) is not None, package=package)
    path = shutil.which(name)
    assert path
    return path


def _there(name: str, is_there: Callable[[], bool], *, package: str) -> None:
    if not is_there() and os.geteuid() == 0 and shutil.which("apt-get"):
        _install(is_there, package)
    if not is_there():
        pytest.fail(f"{name} is missing: install it with `sudo apt-get install {package}` and run the tests again")


def _install(is_there: Callable[[], bool], package: str) -> None:
    """Install a Debian package once; the other xdist workers wait for the one that does it."""
    while not is_there():
        try:
            with locks.held(LOCKS / "apt-get.lock"):
                for command in (["update", "-q"], ["install", "-q", "-y", "--no-install-recommends", package]):
                    subprocess.run(["apt-get", *command], check=True, capture_output=True)
        except locks.Held:
            time.sleep(0.5)
