"""What the probes start from."""

from collections.abc import Iterator

import pytest

from numbering.recent import forget_everything
from tests.security.world import World, two_customers


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    forget_everything()
    yield
    forget_everything()


@pytest.fixture
def world(db: None) -> World:
    """Ada's and Mallory's accounts."""
    return two_customers()
