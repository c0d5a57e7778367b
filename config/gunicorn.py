"""Gunicorn's hooks: `gunicorn --config python:config.gunicorn config.wsgi`. They add up the metrics of its workers.

Prometheus's client keeps each worker's counts in a file of one folder, so that any worker can answer for all of them:
PROMETHEUS_MULTIPROC_DIR, by default a temporary one. What an earlier server left there is forgotten.
"""

import os
import tempfile
from pathlib import Path
from typing import Protocol

_folder = Path(os.environ.get("PROMETHEUS_MULTIPROC_DIR") or tempfile.mkdtemp(prefix="numberyard-metrics-"))
_folder.mkdir(parents=True, exist_ok=True)
for _left in _folder.glob("*.db"):
    _left.unlink()
os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(_folder)  # before the client is imported, which reads it then


class Worker(Protocol):
    """What we know of gunicorn's worker, which has no types."""

    pid: int


def child_exit(server: object, worker: Worker) -> None:
    """Forget the gauges of a worker that is gone; its counts stay."""
    from prometheus_client import multiprocess  # noqa: PLC0415 - not before the lines above

    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]  # it has no types here
