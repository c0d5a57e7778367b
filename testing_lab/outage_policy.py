"""What the outage canary goes by: dated rows of `outage_policy.yaml`, read once."""

from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from testing_lab.models.suite_run import Purpose
from testing_lab.sequential import Bounds, Rates, alarm_at, sample_size

FILE = Path(__file__).with_name("outage_policy.yaml")
#: Runs of numbers that had a passport when they were called.
PROVEN = frozenset({Purpose.SAMPLE, Purpose.RETEST, Purpose.CUSTOMER, Purpose.ROUTE})


class OutagePolicy(NamedTuple):
    """One row."""

    valid_from: date
    why: str
    alpha: float
    beta: float
    proven: Rates
    unproven: Rates
    window: timedelta
    missed: float
    follow_up: int
    round: int
    pause: timedelta

    def weight(self, purpose: str, *, passed: bool) -> float:
        """What the result of such a run says of its provider, in nats."""
        rates = self.proven if purpose in PROVEN else self.unproven
        return rates.weight(passed=passed)

    @property
    def alarm_at(self) -> float:
        """The statistic at which an outage is declared."""
        return alarm_at(self.alpha)

    @property
    def doubt_at(self) -> float:
        """The statistic from which on more numbers are called at once: one good number has failed."""
        return self.proven.weight(passed=False)

    @property
    def bounds(self) -> Bounds:
        """Of the test whether an outage is over."""
        return Bounds.of(self.alpha, self.beta)

    @property
    def sample(self) -> int:
        """How many numbers of a provider in a country are called each night."""
        return sample_size(self.proven.outage, self.missed)


@cache
def rules() -> tuple[OutagePolicy, ...]:
    """Every row, oldest first. Raises ValueError for rates between which no result could tell."""
    rows = yaml.safe_load(FILE.read_text(encoding="utf-8"))["rules"]
    return tuple(sorted(map(_read, rows), key=lambda rule: rule.valid_from))


def governing(on: date) -> OutagePolicy:
    """The row in force on that day."""
    return [rule for rule in rules() if rule.valid_from <= on][-1]


def _read(row: dict[str, Any]) -> OutagePolicy:
    proven, unproven = Rates.checked(**row.pop("proven")), Rates.checked(**row.pop("unproven"))
    window, pause = timedelta(hours=row.pop("window_hours")), timedelta(minutes=row.pop("round_minutes"))
    return OutagePolicy(**row, proven=proven, unproven=unproven, window=window, pause=pause)
