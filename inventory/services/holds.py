"""How a hold on a number ends: bought, given up, or run out. The number is locked by the caller's transaction."""

from collections.abc import Sequence
from datetime import datetime

from inventory.models import Hold, PhoneNumber
from inventory.models.reservation import HoldEnd
from inventory.services import drift_cases
from inventory.services.testing import retest_clock
from inventory.services.transition import move_locked

SWEEP = "sweep:reservations"


def use_up(number: PhoneNumber, now: datetime) -> None:
    """Its account buys it."""
    end([number], HoldEnd.BOUGHT, now)


def lapse(numbers: Sequence[PhoneNumber], now: datetime) -> None:
    """Their time is over: back on sale."""
    move_locked(numbers, "lapse", actor=SWEEP, reason="the hold ran out", changes=retest_clock())
    end(numbers, HoldEnd.LAPSED, now)


def end(numbers: Sequence[PhoneNumber], how: HoldEnd, now: datetime) -> None:
    """Write how the active holds of these numbers ended. Unless they were bought, they are back on sale by now."""
    Hold.objects.filter(number__in=numbers, ended="").update(ended=how, ended_at=now)
    if how != HoldEnd.BOUGHT:
        drift_cases.given_up(numbers)
