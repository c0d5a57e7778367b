"""Celery tasks of the lab: each finds by itself what is to be done.

Calls are never placed here, they are the daemon's affair: a busy worker would look like a bad route.
"""

from celery import shared_task
from django.utils import timezone

from testing_lab.services import customer_tests, evidence, listening, outages, pictures, sampling


@shared_task
def sweep_evidence() -> None:
    """Traces, packet times and audio that are past keeping."""
    evidence.expire()


@shared_task
def sweep_samples() -> None:
    """The night's samples; and runs that wait for numbers which changed hands meanwhile."""
    sampling.drop_stale()
    customer_tests.drop_stale()
    sampling.draw_nightly()


@shared_task
def sweep_outages() -> None:
    """Incidents, and numbers that failed in one that is over."""
    outages.look()
    outages.retry_failed()


@shared_task
def sweep_listening() -> None:
    """Days on which the lab listened, for the quarantine."""
    listening.sum_up(timezone.now())


@shared_task
def sweep_pictures() -> None:
    """What pages show of the whole stock, before somebody has to wait for it."""
    pictures.renew()
