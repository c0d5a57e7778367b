"""A data folder of its own for each module: the servers in it are ours to kill."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.stack import credentials, place, program
from numbering.recent import forget_everything


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    """What a process remembers of another test's stock."""
    forget_everything()


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    """A project's data folder with its secrets. (Pytest's own temporary folders are closed to the servers' user.)"""
    folder = Path(tempfile.mkdtemp(prefix="numberyard-"))
    credentials.load_or_make(folder)
    yield folder
    program.evict(program.mark(folder), seconds=0)
    place.remove(folder)
