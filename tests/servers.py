"""A pytest plugin: PostgreSQL and Redis for the suite, unless DATABASE_URL and REDIS_URL name some.

It comes before the settings are read (hence a plugin, not a fixture), once for all xdist workers, which inherit the
environment. Runs at the same time each take a folder of their own, `.data/test/<n>`; each starts with an empty one.
"""

import contextlib
import itertools
import os
from collections.abc import Generator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from config.stack import credentials, locks, place, program, servers
from config.stack.redis import Redis

FOLDER = Path(__file__).resolve().parents[1] / ".data" / "test"
DATABASES_OF_REDIS = 16  # unless it is configured otherwise, and ours is not
_OURS = "NUMBERYARD_TEST_REDIS"  # the Redis that we brought, as xdist's workers are told


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    """Bring the servers up before pytest-django loads the settings; stop them at the very end."""
    if worker := os.environ.get("PYTEST_XDIST_WORKER"):
        _take_redis_database(int(worker.removeprefix("gw")))
    elif not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")):
        stack = contextlib.ExitStack()
        early_config.add_cleanup(stack.close)
        _bring_up(stack)
    return (yield)


def _bring_up(stack: contextlib.ExitStack) -> None:
    data = _take_folder(stack)
    secrets = credentials.load_or_make(data)
    for server in servers.needed(data, secrets, os.environ, for_tests=True):
        stack.enter_context(servers.running(server))
        os.environ[server.variable] = server.url
        stack.callback(os.environ.pop, server.variable)
        if isinstance(server, Redis):
            os.environ[_OURS] = server.url


def _take_redis_database(worker: int) -> None:
    """Give an xdist worker a Redis of its own too: a queue or a count that it finds there is not another's."""
    if os.environ["REDIS_URL"] == os.environ.get(_OURS):
        url = urlsplit(os.environ["REDIS_URL"])
        os.environ["REDIS_URL"] = url._replace(path=f"/{worker % DATABASES_OF_REDIS}").geturl()


def _take_folder(stack: contextlib.ExitStack) -> Path:
    """Take the first folder that no other run holds, and empty it of what a killed run left."""
    for number in itertools.count(1):
        data = FOLDER / str(number)
        try:
            stack.enter_context(locks.held(data.with_suffix(".lock")))
        except locks.Held:
            continue
        program.evict(program.mark(data), seconds=1)
        place.remove(data)
        stack.callback(place.remove, data)
        return data
    raise AssertionError("unreachable: the numbers do not end")
