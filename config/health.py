"""Whether this process is alive, ready to serve, and how the deployment is doing."""

import hmac
from collections.abc import Callable
from functools import cache

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from django_prometheus.exports import ExportToDjangoView  # type: ignore[import-untyped]  # it ships no types
from prometheus_client import CollectorRegistry, generate_latest

from config import environment
from inventory.metrics import AuditCollector, InvoiceCollector, StockCollector


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Alive: this process answers. No database, so that a database restart does not restart the web servers."""
    return JsonResponse({"status": "alive"})


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Ready: the database answers and is migrated, and the broker answers. 503 names what is not."""
    problems = [name for name, works in CHECKS.items() if not works()]
    return JsonResponse(
        {"status": "not ready" if problems else "ready", "problems": problems}, status=503 if problems else 200
    )


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _migrations() -> bool:
    try:
        return _migrated()
    except (DatabaseError, _Unmigrated):
        return False


class _Unmigrated(Exception):
    """Raised so that `cache` remembers only the good answer: what is applied stays applied."""


@cache
def _migrated() -> bool:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise _Unmigrated
    return True


@cache
def _redis() -> redis.Redis:
    return redis.Redis.from_url(environment.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)


def _broker() -> bool:
    try:
        return bool(_redis().ping())
    except redis.RedisError:
        return False


CHECKS: dict[str, Callable[[], bool]] = {"database": _database, "migrations": _migrations, "broker": _broker}


@cache
def _domain() -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(StockCollector())
    registry.register(AuditCollector())
    registry.register(InvoiceCollector())
    return registry


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus text: the process's metrics and a few gauges of the stock. Needs METRICS_TOKEN where one is set."""
    expected = f"Bearer {settings.METRICS_TOKEN}"
    if settings.METRICS_TOKEN and not hmac.compare_digest(
        request.headers.get("Authorization", "").encode(), expected.encode()
    ):
        return HttpResponse("a bearer token is needed\n", status=401, headers={"WWW-Authenticate": "Bearer"})
    response: HttpResponse = ExportToDjangoView(request)
    response.content += generate_latest(_domain())
    return response
