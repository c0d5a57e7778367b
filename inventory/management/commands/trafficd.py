"""`manage.py trafficd`: takes traffic events from the stream in Redis, in the foreground, until SIGTERM or SIGINT."""

import os
import signal
import socket
from contextlib import closing
from threading import Event
from typing import Any

import redis
import structlog
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import OperationalError, connection

from inventory.traffic.stream import Consumer

PAUSE_S = 5  # when Redis or the database is away
SILENCE_S = 30  # a Redis that says nothing for so long is away: a read waits for a second at most
log = structlog.get_logger(__name__)


class Command(BaseCommand):
    help = "Count the traffic events that feeds write to the stream `traffic` in Redis (docs/traffic.md)."

    def handle(self, *_args: Any, **_options: Any) -> None:
        stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        with closing(redis.Redis.from_url(settings.TRAFFIC_REDIS_URL, socket_timeout=SILENCE_S)) as client:
            while not stop.is_set():
                _consume(client, stop)


def _consume(client: redis.Redis, stop: Event) -> None:
    """Until told to stop, or something is away: what was not acknowledged comes again."""
    try:
        consumer = Consumer(client, f"{socket.gethostname()}-{os.getpid()}")
        while not stop.is_set():
            consumer.work()
    except (redis.RedisError, OperationalError) as error:
        log.warning("traffic_stream_waits", error=repr(error))
        connection.close()
        stop.wait(PAUSE_S)
