"""The shipped places, read once."""

import pytest

from numbering import place_file
from numbering.place_file import PlaceLine


@pytest.fixture(scope="session")
def shipped() -> list[PlaceLine]:
    """All lines of the shipped file."""
    return list(place_file.read())
