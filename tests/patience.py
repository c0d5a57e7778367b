"""How long a test waits for another process: as long as a busy machine may take, and no longer than it must."""

import time
from collections.abc import Callable

PATIENCE = 60.0  # seconds; only a test that fails waits so long


def eventually(condition: Callable[[], object], *, seconds: float = PATIENCE) -> None:
    """Return as soon as the condition holds. Raises AssertionError when it has not come to hold in so many seconds."""
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up, "it did not happen"
        time.sleep(0.02)
