"""Another Numberyard as our provider."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from inventory.models import Provider
from inventory.providers.base import ProviderAdapter
from inventory.providers.registry import adapter_of
from tests.inventory.providers.relay import Relay, relaying
from tests.inventory.providers.upstream import Customer, Upstream, running


@pytest.fixture(scope="session")
def upstream(django_db_setup: None, django_db_blocker: Any) -> Iterator[Upstream]:
    """One process for all tests of a worker."""
    with django_db_blocker.unblock(), running(f"upstream_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}") as found:
        yield found


@dataclass
class North:
    """The other Numberyard as our provider `north`, and as its customer sees it."""

    upstream: Upstream
    customer: Customer
    provider: Provider

    @property
    def adapter(self) -> ProviderAdapter:
        """Our side of the wire."""
        return adapter_of(self.provider)


@pytest.fixture
def north(upstream: Upstream, settings: Any, db: None) -> North:
    """It sells nothing yet, and we have an account there."""
    upstream.clear()
    customer = upstream.customer()
    settings.PROVIDER_ALLOWED_NETWORKS = ["127.0.0.0/8"]
    settings.PROVIDER_CREDENTIALS = {"north": customer.keys}
    provider = Provider.objects.create(slug="north", name="North", adapter="twilio")
    return North(upstream, customer, provider)


@pytest.fixture
def relay(north: North, settings: Any) -> Iterator[Relay]:
    """Between us and them."""
    with relaying(north.upstream.origin) as found:
        settings.PROVIDER_CREDENTIALS = {"north": north.customer.keys | {"url": found.origin}}
        yield found
