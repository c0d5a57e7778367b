"""How much time is left for a review, in words that do not need their colour."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

#: A working day: what is due by then is taken up today.
SOON = timedelta(hours=8)


@dataclass(frozen=True)
class Timer:
    """A deadline, seen from a moment."""

    due_at: datetime
    now: datetime

    @property
    def is_late(self) -> bool:
        """Whether it has passed."""
        return self.due_at <= self.now

    @property
    def is_soon(self) -> bool:
        """Whether it passes within a working day."""
        return not self.is_late and self.due_at <= self.now + SOON


def timer(due_at: datetime | None) -> Timer | None:
    """Of a deadline, now; None where nobody waits."""
    return Timer(due_at, timezone.now()) if due_at else None
