"""Machines in a time of their own, but for a real page: libspandsp lives in the world's."""

import asyncio
from collections.abc import Callable

import pytest

from tests.testing_lab.sip.clock import StillLoop


def pytest_asyncio_loop_factories(item: pytest.Item) -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The clock stands still where only our own code waits."""
    if item.path.name == "test_page.py":
        return {"real time": asyncio.SelectorEventLoop}
    return {"still": StillLoop}
