"""What is known of a trunk now: whether it answers and who asks it, the calls that are up, the last check of it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from django.db.models import Count, Q
from django.db.models.functions import Now
from django.utils import timezone

from testing_lab.models import Incident, SuiteRun, Trunk

#: Beyond its interval: who is as late as that with OPTIONS is gone.
LATENESS = timedelta(minutes=1)


class Busy(NamedTuple):
    """Calls of one daemon over the trunk: those that are up, and those that wait for a seat."""

    daemon: str
    up: int
    waiting: int


class TrunkState(NamedTuple):
    """`check` is the latest of the daily ones; None of the first route, which every run goes over. `incidents` are
    those of the route that are open."""

    trunk: Trunk
    busy: Sequence[Busy]
    is_first: bool
    check: SuiteRun | None
    incidents: Sequence[Incident]

    @property
    def up(self) -> int:
        """Calls that are up, over all daemons."""
        return sum(each.up for each in self.busy)

    @property
    def waiting(self) -> int:
        """Calls that wait for a seat."""
        return sum(each.waiting for each in self.busy)

    @property
    def is_watched(self) -> bool:
        """Whether a daemon that runs uses it."""
        return is_watched(self.trunk)


def is_watched(trunk: Trunk) -> bool:
    """Whether a daemon that runs uses it: each one asks each trunk in its interval."""
    longest = timedelta(seconds=trunk.options_interval) + LATENESS
    return trunk.active and trunk.asked_at is not None and trunk.asked_at > timezone.now() - longest


def state_of(trunk: Trunk) -> TrunkState:
    """Four queries."""
    taken = Q(taken_at__isnull=False)
    held = trunk.seats.filter(lease_until__gte=Now()).order_by("daemon").values_list("daemon")
    busy = [Busy(*row) for row in held.annotate(up=Count("pk", filter=taken), waiting=Count("pk", filter=~taken))]
    first = Trunk.objects.filter(active=True).values_list("pk", flat=True).first()
    check = SuiteRun.objects.filter(trunk=trunk).select_related("number").order_by("-pk").first()
    incidents = Incident.objects.filter(route=trunk.name, closed_at=None).select_related("provider").order_by("pk")
    return TrunkState(trunk, busy, trunk.pk == first, check, list(incidents))
