"""The clock that orders and releases have in common."""

from datetime import timedelta

import pytest
from django.utils import timezone

from inventory import intents
from inventory.models import ProviderOrder
from tests.factories import ProviderFactory

pytestmark = pytest.mark.django_db


def order(**fields: object) -> ProviderOrder:
    """One that is due."""
    due = timezone.now() - timedelta(seconds=1)
    return ProviderOrder.objects.create(
        key="ny-1", provider=ProviderFactory.create(), country="US", number_type="local", next_attempt_at=due, **fields
    )


def test_an_intent_is_claimed_once_until_its_lease_is_over() -> None:
    waiting = order()
    assert [intents.claim(ProviderOrder, waiting.pk) for _ in range(2)] == [True, False]
    waiting.refresh_from_db()
    assert waiting.next_attempt_at
    assert waiting.next_attempt_at > timezone.now() + intents.LEASE - timedelta(seconds=5)


def test_attempts_are_not_counted_beyond_what_their_column_holds() -> None:
    waiting = order(attempts=32_767)
    assert intents.claim(ProviderOrder, waiting.pk)
    waiting.refresh_from_db()
    assert waiting.attempts == intents.MOST_ATTEMPTS
