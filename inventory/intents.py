"""What orders, releases and proposals have in common: a row with a clock, written before the provider is called.

`next_attempt_at` says when somebody may take the row up; whoever does moves it on by a lease first, so that others
leave it alone meanwhile, and one that is killed costs no more than the lease. A lease saves work and guards nothing:
an attempt may outlast it, and a callback breaks it. Two attempts at once do no harm since both name the same key, and
since what the provider said is written under the lock of a row that is still open.
"""

import random
from collections.abc import Callable
from datetime import timedelta

from django.db.models import F
from django.db.models.functions import Least
from django.utils import timezone

from accounts.sweeping import take_each
from inventory.models import ProviderOrder, ProviderRelease, RestockProposal
from inventory.providers.base import ProviderError, ProviderUnavailable

LEASE = timedelta(seconds=30)  # longer than the calls of one attempt usually take
MOST_ATTEMPTS = 1_000  # counted; the delay has long stopped growing, and the column is a smallint
FIRST_DELAY = timedelta(seconds=2)
LONGEST_DELAY = timedelta(minutes=10)

Intent = ProviderOrder | ProviderRelease | RestockProposal


def claim(model: type[Intent], intent_id: int, lease: timedelta = LEASE) -> bool:
    """Take up an intent that is due: counts the attempt and moves its clock. False when it isn't due, or is taken."""
    now = timezone.now()
    due = model._default_manager.filter(pk=intent_id, next_attempt_at__lte=now)
    return bool(
        due.update(next_attempt_at=now + lease, attempts=Least(F("attempts") + 1, MOST_ATTEMPTS), updated_at=now)
    )


def postpone(intent: Intent, error: ProviderError, **columns: int) -> None:
    """Note what went wrong, for staff, and try again later: no earlier than the provider wished.

    `columns` are set beside.
    """
    wish = error.retry_after if isinstance(error, ProviderUnavailable) else None
    type(intent)._default_manager.filter(pk=intent.pk, next_attempt_at__isnull=False).update(
        next_attempt_at=timezone.now() + delay(intent.attempts, at_least=wish),
        last_error=str(error)[:300],
        updated_at=timezone.now(),
        **columns,
    )


def delay(attempts: int, *, at_least: float | None = None) -> timedelta:
    """Twice as long after each attempt, up to ten minutes, give or take a quarter so that a crowd disperses.

    `at_least` is in seconds.
    """
    doublings = min(max(attempts, 1) - 1, 16)
    wait = min(FIRST_DELAY * (1 << doublings), LONGEST_DELAY) * random.uniform(0.75, 1.25)  # noqa: S311 - jitter only
    return max(wait, timedelta(seconds=at_least or 0))


def take_due(model: type[Intent], name: str, settle: Callable[[int], object], limit: int) -> int:
    """Settle up to `limit` intents whose time has come, longest waiting first; returns how many."""
    due = model._default_manager.filter(next_attempt_at__lte=timezone.now()).order_by("next_attempt_at")
    return take_each(name, list(due.values_list("pk", flat=True)[:limit]), settle)
