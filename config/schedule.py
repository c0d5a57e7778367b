"""What runs when: the periodic sweeps, each of which finds its work by an indexed query on the state column."""

from typing import Any

BEAT_SCHEDULE: dict[str, dict[str, Any]] = {}
