"""What was seen, part by part, and what it comes to."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from bench.lab.options import Options
from bench.lab.truth import Case
from bench.noise import Noise


@dataclass(frozen=True, slots=True)
class Seen:
    """One number's run: what its last attempt found, by test, and what each attempt came to.

    `trouble` is what an inconclusive test of its first attempt said.
    """

    case: Case
    passed: bool | None
    daemon: str
    attempts: int
    verdicts: tuple[str, ...] = ()
    outcomes: Mapping[str, str] = field(default_factory=dict)
    details: Mapping[str, str] = field(default_factory=dict)
    started: datetime | None = None
    finished: datetime | None = None
    trouble: str = ""


class Pace(NamedTuple):
    """Healthy numbers, `at_once` of them; CPU in seconds over the whole run, memory at its peak in MiB."""

    at_once: int
    runs: Sequence[Seen]
    cpu: float
    far_cpu: float
    memory: float

    @property
    def wall(self) -> float:
        """Seconds from the first beginning to the last end."""
        return _wall(self.runs)

    @property
    def an_hour(self) -> float:
        """Numbers an hour."""
        return 3600 * len(self.runs) / self.wall

    @property
    def cpu_each(self) -> float:
        """CPU seconds of the lab, its calculator included, for each suite that it ran to its end."""
        return self.cpu / sum(run.attempts for run in self.runs)

    @property
    def told(self) -> str:
        """In one line."""
        return (
            f"{self.at_once} at once: {self.an_hour:,.0f} numbers/h, {self.cpu_each:.2f} CPU s each, "
            f"{self.memory:.0f} MiB; {verdicts(self.runs)}; {Counter(run.trouble for run in self.runs)}"
        )


class Together(NamedTuple):
    """Two daemons, one queue; `twice` is how many numbers were called over both trunks."""

    runs: Sequence[Seen]
    twice: int

    @property
    def shares(self) -> Mapping[str, int]:
        """How many each of them has judged."""
        return Counter(run.daemon for run in self.runs)

    @property
    def told(self) -> str:
        """In one line."""
        shares = ", ".join(f"{name} {count}" for name, count in sorted(self.shares.items()))
        return f"Two daemons: {shares}; {self.twice} numbers tested twice; {verdicts(self.runs)}"


class Beside(NamedTuple):
    """Healthy numbers while `hogs` processes want every core, and the same numbers after those had gone."""

    hogs: int
    during: Sequence[Seen]
    after: Sequence[Seen]

    @property
    def attempts(self) -> Mapping[str, int]:
        """What the attempts came to that ended beside the hogs."""
        return Counter(verdict for run in self.during for verdict in run.verdicts)

    @property
    def told(self) -> str:
        """In one line."""
        return f"Beside {self.hogs} hogs: {dict(self.attempts)}; then: {verdicts(self.after)}"


@dataclass(slots=True)
class Results:
    """Everything that one run measured; a part that was left out is empty."""

    options: Options
    noise: list[Noise] = field(default_factory=list)
    paces: list[Pace] = field(default_factory=list)
    together: Together | None = None
    beside: Beside | None = None
    judged: list[Seen] = field(default_factory=list)


def verdicts(runs: Sequence[Seen]) -> str:
    """ "40 passed, 1 undecided": how the runs ended."""
    names = {True: "passed", False: "failed", None: "undecided"}
    counts = Counter(names[run.passed] for run in runs)
    return ", ".join(f"{counts[name]} {name}" for name in names.values() if counts[name])


def _wall(runs: Sequence[Seen]) -> float:
    started = [run.started for run in runs if run.started]
    finished = [run.finished for run in runs if run.finished]
    return (max(finished) - min(started)).total_seconds() if started and finished else float("nan")
