"""Reviewers, and bundles that pass today's evaluation."""

from collections.abc import Iterator

import pytest

from accounts.models import User
from compliance.models import Bundle
from numbering.recent import forget_everything
from tests.compliance.review import waiting
from tests.factories import UserFactory


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    """Which rules are in force is another test's affair."""
    forget_everything()
    yield
    forget_everything()


@pytest.fixture
def rosa(db: None) -> User:
    """A reviewer."""
    row: User = UserFactory.create(email="rosa@example.com", is_staff=True)
    return row


@pytest.fixture
def sami(db: None) -> User:
    """Another one."""
    row: User = UserFactory.create(email="sami@example.com", is_staff=True)
    return row


@pytest.fixture
def bundle(db: None) -> Bundle:
    """It waits for a reviewer."""
    return waiting.submitted()
