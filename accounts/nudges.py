"""Nudges: "there is something to do", sent by task name when the transaction has committed.

The rows are the queue and each sweep finds what a lost nudge missed, so a broker that is down costs seconds, not work.
"""

from functools import partial
from typing import Any

import structlog
from celery import Celery
from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)


def nudge(task_name: str, *args: int | str) -> None:
    """Send a message to `task_name` once the present transaction has committed; now, if there is none."""
    transaction.on_commit(partial(_send, task_name, args))


def _send(task_name: str, args: tuple[Any, ...]) -> None:
    app: Celery = import_string(settings.CELERY_APP)
    try:
        app.send_task(task_name, args=args, retry=False)
    except (OperationalError, OSError) as error:
        log.warning("nudge_lost", task=task_name, args=args, error=str(error))
