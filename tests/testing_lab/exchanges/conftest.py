"""Exchanges whose parties all live in one event loop need no time."""

import asyncio
from collections.abc import Callable

from tests.testing_lab.sip.clock import StillLoop


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"still": StillLoop}
