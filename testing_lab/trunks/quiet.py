"""Hours in which the owner of a trunk wants no test calls."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from testing_lab.findings import OurTrouble
from testing_lab.models import Trunk

QUIET = "quiet hours"


class QuietReigns(OurTrouble):
    """Nothing may begin before `until` (aware). No fault of anybody's: the run waits."""

    def __init__(self, trunk: str, until: datetime) -> None:
        super().__init__(f"{QUIET} of trunk {trunk} until {until:%H:%M %Z}")
        self.until = until


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `begin` (inclusive) until `end` (exclusive), every day, by the clocks of `zone`; past midnight too."""

    begin: time
    end: time
    zone: ZoneInfo

    @classmethod
    def of(cls, trunk: Trunk) -> Self | None:
        """What the row says."""
        if trunk.quiet_from is None or trunk.quiet_until is None:
            return None
        return cls(trunk.quiet_from, trunk.quiet_until, ZoneInfo(trunk.time_zone))

    def until(self, moment: datetime) -> datetime | None:
        """When the quiet that reigns at `moment` (aware) ends, in the zone; None while there is none."""
        local = moment.astimezone(self.zone)
        if not self._holds(local.time()):
            return None
        day = local.date() if local.time() < self.end else local.date() + timedelta(days=1)
        return datetime.combine(day, self.end, self.zone)

    def _holds(self, clock: time) -> bool:
        if self.begin < self.end:
            return self.begin <= clock < self.end
        return clock >= self.begin or clock < self.end
