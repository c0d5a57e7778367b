"""Celery tasks of the API."""

from celery import shared_task

from api import idempotency


@shared_task
def sweep_idempotency_keys() -> None:
    """Forget keys older than 24 hours."""
    idempotency.forget_old()
