"""What operators ask."""

from unittest.mock import patch

import pytest
import redis
from django.db import DatabaseError
from django.test import Client, override_settings
from django.utils import timezone

from config import health
from tests.factories import NumberFactory, ProviderFactory


def test_alive_asks_no_database() -> None:
    """pytest-django forbids the database here: a query would fail the test."""
    answer = Client().get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})


@pytest.mark.django_db
def test_ready_when_database_migrations_and_broker_are() -> None:
    assert Client().get("/readyz").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("missing", sorted(health.CHECKS))
def test_not_ready_names_what_is_missing(missing: str) -> None:
    with patch.dict(health.CHECKS, {missing: lambda: False}):
        answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["problems"]) == (503, [missing])


def test_without_a_database_it_is_not_ready_rather_than_broken() -> None:
    with patch.object(health, "connection") as connection, patch.object(health, "_migrated", side_effect=DatabaseError):
        connection.cursor.side_effect = DatabaseError
        answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["problems"]) == (503, ["database", "migrations"])


def test_an_unmigrated_database_is_not_ready_until_it_is() -> None:
    health._migrated.cache_clear()
    with patch.object(health, "MigrationExecutor") as executor:
        executor.return_value.migration_plan.return_value = ["0001"]
        assert not health._migrations()
        executor.return_value.migration_plan.return_value = []
        assert health._migrations()
    health._migrated.cache_clear()


def test_a_broker_that_is_away_is_noticed() -> None:
    with patch.object(health, "_redis", side_effect=redis.ConnectionError):
        assert not health._broker()


@pytest.mark.django_db
def test_metrics_count_the_stock_and_the_requests() -> None:
    NumberFactory.create_batch(2)
    ProviderFactory.create(slug="tern", orphans=3, audited_at=timezone.now())
    text = Client().get("/metrics").content.decode()
    assert 'numberyard_numbers{state="AVAILABLE"} 2.0' in text
    assert 'numberyard_numbers_overdue{state="RESERVED"} 0.0' in text
    assert 'numberyard_orphans{provider="tern"} 3.0' in text
    assert "django_http_requests_total" in text


@pytest.mark.django_db
def test_metrics_need_the_token_where_one_is_set() -> None:
    with override_settings(METRICS_TOKEN="s3cret"):
        assert Client().get("/metrics").status_code == 401
        assert Client().get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 401
        assert Client().get("/metrics", headers={"Authorization": "Bearer s3cret"}).status_code == 200
