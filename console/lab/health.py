"""How the lab is doing, in one line of the home page."""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Count
from django.utils import timezone

from testing_lab.models import RunState, SuiteRun

VERDICTS = 100
MOST_COUNTED = 1_000
_SILENCE = timedelta(minutes=10)


class LabHealth(NamedTuple):
    """Runs in hand and at how many daemons, runs that are due, and of the latest verdicts how many are passes."""

    running: int
    daemons: int
    due: int
    verdicts: int
    passed: int
    latest: datetime | None

    @property
    def is_silent(self) -> bool:
        """Whether work waits and nobody does it."""
        longer = self.latest is None or self.latest < timezone.now() - _SILENCE
        return bool(self.due) and not self.running and longer

    @property
    def due_is_capped(self) -> bool:
        """Whether more are due than were counted."""
        return self.due == MOST_COUNTED


def lab_health() -> LabHealth:
    """Three queries, each by an index and none over more than it must see."""
    claimed = SuiteRun.objects.filter(state=RunState.CLAIMED)
    at_work = claimed.aggregate(running=Count("pk"), daemons=Count("claimed_by", distinct=True))
    waiting = SuiteRun.objects.filter(state=RunState.DUE, due_at__lte=timezone.now()).order_by("due_at")
    judged = SuiteRun.objects.filter(state=RunState.DONE).order_by("-pk").values_list("passed", "finished_at")
    verdicts = list(judged[:VERDICTS])
    return LabHealth(
        **at_work,
        due=waiting[:MOST_COUNTED].count(),
        verdicts=len(verdicts),
        passed=sum(bool(passed) for passed, _ in verdicts),
        latest=max((at for _, at in verdicts if at is not None), default=None),
    )
