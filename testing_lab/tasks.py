"""Celery tasks of the lab's house-keeping. Calls are never placed here: a busy worker would look like a bad route."""

from celery import shared_task

from testing_lab.services import evidence


@shared_task
def sweep_evidence() -> None:
    """Traces, packet times and audio that are past keeping."""
    evidence.expire()
