"""The Celery application: one queue each for providers, sweeps and the rest; the schedule is in `config.schedule`.

Messages are nudges. The state columns are the queue, so losing every message loses no work.
"""

import gc

from celery import Celery
from celery.signals import worker_before_create_process
from django_structlog.celery.steps import DjangoStructLogInitStep
from kombu import Queue

from config import environment
from config.schedule import BEAT_SCHEDULE

app = Celery("numberyard", broker=environment.REDIS_URL)
app.conf.update(
    task_queues=[Queue("providers"), Queue("sweeps"), Queue("default")],
    task_default_queue="default",
    task_routes={
        "inventory.tasks.place_order": {"queue": "providers"},
        "inventory.tasks.hear_callback": {"queue": "providers"},
        "inventory.tasks.give_back": {"queue": "providers"},
        "inventory.tasks.audit_*": {"queue": "providers"},
        "inventory.tasks.settle_*": {"queue": "providers"},
        "inventory.tasks.source_*": {"queue": "providers"},
        "*.tasks.sweep_*": {"queue": "sweeps"},
    },
    task_acks_late=True,
    task_ignore_result=True,
    task_soft_time_limit=120,
    task_time_limit=150,
    worker_prefetch_multiplier=1,
    broker_connection_retry_on_startup=True,
    # Who sends a nudge does not wait for a broker that is down; the worker reconnects by settings of its own.
    broker_transport_options={
        "max_retries": 1,
        "interval_start": 0,
        "interval_step": 0.1,
        "interval_max": 0.1,
        "socket_connect_timeout": 1,
    },
    beat_schedule=BEAT_SCHEDULE,
    beat_schedule_filename="",
    timezone="UTC",
)
app.steps["worker"].add(DjangoStructLogInitStep)
app.autodiscover_tasks(["inventory", "api"])


@worker_before_create_process.connect
def _share_memory(**_: object) -> None:
    """Before a fork: what is loaded stays, and uncollected it stays shared with the child."""
    gc.freeze()
