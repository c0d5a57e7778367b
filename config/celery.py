"""The Celery application of the workers, and of whoever sends them nudges.

Messages are nudges. The state columns are the queue, so losing every message loses no work.
"""

import gc

from celery import Celery
from celery.signals import worker_before_create_process
from django_structlog.celery.steps import DjangoStructLogInitStep

from config import queues

app = Celery("numberyard")
app.conf.update(queues.SETTINGS)
app.steps["worker"].add(DjangoStructLogInitStep)
app.autodiscover_tasks(["compliance", "inventory", "testing_lab", "api"])


@worker_before_create_process.connect
def _share_memory(**_: object) -> None:
    """Before a fork: what is loaded stays, and uncollected it stays shared with the child."""
    gc.freeze()
