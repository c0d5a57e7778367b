"""A customer who listens, and bundles that something happens to."""

from collections.abc import Iterator
from typing import Any

import pytest

from accounts import nudges
from compliance.models import Bundle
from numbering.recent import forget_everything
from tests.compliance.notices.receiver import Receiver, receiving
from tests.compliance.review import waiting


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    """Which rules are in force is another test's affair."""
    forget_everything()
    yield
    forget_everything()


@pytest.fixture(autouse=True)
def nudged(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, tuple[Any, ...]]]:
    """The messages that were sent; no worker gets them."""
    sent: list[tuple[str, tuple[Any, ...]]] = []
    monkeypatch.setattr(nudges, "_send", lambda name, args: sent.append((name, args)))
    return sent


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    """The customer's web server."""
    settings.CALLBACK_ALLOWED_NETWORKS = ["127.0.0.0/8"]
    with receiving() as server:
        yield server


@pytest.fixture
def bundle(db: None, receiver: Receiver) -> Bundle:
    """A draft whose customer wants to be called back and written to."""
    return waiting.draft(status_callback=receiver.url, email="papers@customer.example")
