"""Asking the database from the event loop, without holding it up."""

import asyncio
import logging
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from django.db import OperationalError, close_old_connections

P = ParamSpec("P")
T = TypeVar("T")
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 10.0
log = logging.getLogger(__name__)


async def ask(stop: asyncio.Event, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
    """The function's result. While the database is away, ask again until `stop` is set, and then None.

    The lab must outlive a restart of PostgreSQL: what it has measured is not thrown away.
    """
    pause = FIRST_PAUSE_S
    while not stop.is_set():
        try:
            return await in_thread(function, *args, **kwargs)
        except OperationalError as error:
            log.warning("the database does not answer, asking again in %.1f s: %s", pause, error)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_S)
    return None


async def in_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The function's result, from a thread with a connection of its own for as long as it takes."""

    def call() -> T:
        try:
            return function(*args, **kwargs)
        finally:
            close_old_connections()

    return await sync_to_async(call, thread_sensitive=False)()
