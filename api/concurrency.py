"""How many requests of one account may run at the same time: a lease each, in one sorted set of Redis.

Redis is asked once on entry (a script: forget leases that outlived any request, count, take) and once on the way out.
A worker that is killed leaves a lease that runs out by itself. Without Redis the API goes on unlimited: a limit is no
reason to stop selling.
"""

import secrets
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import cache

import redis
import structlog
from django.conf import settings
from redis.commands.core import Script

from accounts.models import Account
from api.errors import Refusal

log = structlog.get_logger(__name__)

LEASE_SECONDS = 60  # no usual request lives that long
_TAKE = """
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])
local running = redis.call('ZCARD', KEYS[1])
if running >= tonumber(ARGV[4]) then return -running end
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[5])
return running + 1
"""


@cache
def _take() -> Script:
    client = redis.Redis.from_url(
        settings.CACHES["default"]["LOCATION"], socket_timeout=0.5, socket_connect_timeout=0.5
    )
    return client.register_script(_TAKE)


def slot(account: Account) -> AbstractContextManager[int]:
    """Hold one of the account's slots; yields how many are in use. Raises Refusal 20429 when none is free."""
    return one_of(settings.CONCURRENT_REQUESTS, f"requests of account {account.sid}", account.sid)


@contextmanager
def one_of(most: int, what: str, name: str, *, lease_s: int = LEASE_SECONDS) -> Iterator[int]:
    """Be one of at most so many at a time; yields how many there are. Raises Refusal 20429, which says of `what`.

    A worker that is killed keeps its place for `lease_s` seconds, in which a request must be over.
    """
    lease, key = secrets.token_bytes(8), f"concurrent:{name}"
    running = _enter(key, lease, most, lease_s)
    if running < 0:
        raise Refusal(20429, f"There are {-running} {what} running")
    try:
        yield running
    finally:
        with suppress(redis.RedisError):
            _take().registered_client.zrem(key, lease)


def _enter(key: str, lease: bytes, most: int, lease_s: int) -> int:
    now = time.time()
    try:
        return int(_take()(keys=[key], args=[now, now + lease_s, lease, most, lease_s]))
    except redis.RedisError:
        log.warning("concurrency_not_limited", exc_info=True)
        return 0
