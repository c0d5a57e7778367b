"""How Celery is set up: one queue each for providers, sweeps and the rest; the schedule is in `config.schedule`.

Without Django, so that beat, which needs nothing else, stays small.
"""

from typing import Any

from kombu import Queue

from config import environment
from config.schedule import BEAT_SCHEDULE

SETTINGS: dict[str, Any] = {
    "broker_url": environment.REDIS_URL,
    "task_queues": [Queue("providers"), Queue("audits"), Queue("sweeps"), Queue("default")],
    "task_default_queue": "default",
    "task_routes": {
        "inventory.tasks.place_order": {"queue": "providers"},
        "inventory.tasks.hear_callback": {"queue": "providers"},
        "inventory.tasks.give_back": {"queue": "providers"},
        "inventory.tasks.audit_*": {"queue": "audits"},
        "inventory.tasks.ingest_*": {"queue": "providers"},
        "inventory.tasks.verify_*": {"queue": "providers"},
        "inventory.tasks.settle_*": {"queue": "providers"},
        "inventory.tasks.source_*": {"queue": "providers"},
        "inventory.tasks.carry_out_*": {"queue": "providers"},
        "*.tasks.sweep_*": {"queue": "sweeps"},
    },
    "task_acks_late": True,
    "task_ignore_result": True,
    "task_soft_time_limit": 120,
    "task_time_limit": 150,
    "worker_prefetch_multiplier": 1,
    "broker_connection_retry_on_startup": True,
    # Who sends a nudge does not wait for a broker that is down; the worker reconnects by settings of its own.
    "broker_transport_options": {
        "max_retries": 1,
        "interval_start": 0,
        "interval_step": 0.1,
        "interval_max": 0.1,
        "socket_connect_timeout": 1,
    },
    "beat_schedule": BEAT_SCHEDULE,
    "beat_schedule_filename": "",
    "timezone": "UTC",
}
