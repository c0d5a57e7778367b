"""Counting: what was found of what is to be found, and what was found that is not there."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from bench.lab.results import Seen
from bench.lab.truth import Case, healthy_passes

Z = 1.959964  # two-sided 95 %


class Share(NamedTuple):
    """`hits` of `of`."""

    hits: int
    of: int

    @property
    def value(self) -> float:
        """1 of nothing: nobody was wronged."""
        return self.hits / self.of if self.of else 1.0

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's score interval at 95 % (JASA 22 (1927) 209): sound near 0 and 1, and for small counts."""
        if not self.of:
            return 0.0, 1.0
        centre = self.value + Z**2 / (2 * self.of)
        half = Z * math.sqrt(self.value * (1 - self.value) / self.of + Z**2 / (4 * self.of**2))
        scale = 1 + Z**2 / self.of
        return max(0.0, (centre - half) / scale), min(1.0, (centre + half) / scale)


@dataclass(slots=True)
class Tally:
    """One test, or all: `found` of the faulty, `missed` (passed, or left undecided), `wronged` of the others."""

    found: int = 0
    missed: int = 0
    wronged: int = 0
    clear: int = 0

    @property
    def recall(self) -> Share:
        """Found, of all that is to be found."""
        return Share(self.found, self.found + self.missed)

    @property
    def precision(self) -> Share:
        """Right, of all failures."""
        return Share(self.found, self.found + self.wronged)

    def add(self, other: "Tally") -> None:
        """Count another's too."""
        self.found, self.missed = self.found + other.found, self.missed + other.missed
        self.wronged, self.clear = self.wronged + other.wronged, self.clear + other.clear


@dataclass(slots=True)
class Score:
    """By test; and each single mistake, in words."""

    tests: dict[str, Tally] = field(default_factory=dict)
    mistakes: list[str] = field(default_factory=list)
    healthy: int = 0
    healthy_failed: int = 0
    healthy_passed: int = 0
    faulty: int = 0
    faulty_failed: int = 0

    @property
    def total(self) -> Tally:
        """All tests together."""
        total = Tally()
        for tally in self.tests.values():
            total.add(tally)
        return total


def score(runs: Iterable[Seen]) -> Score:
    """Judge the lab's findings by the truth.

    A test that may fail counts neither way, and one that does not apply, or is beside a limit, not at all. A fault that
    is left undecided counts as missed.
    """
    result = Score()
    for run in runs:
        if run.case.where == "curve":
            continue
        failing = {code for code, outcome in run.outcomes.items() if outcome == "fail"}
        _count_number(result, run, failing)
        for code, outcome in run.outcomes.items():
            if outcome == "not_applicable" or code in run.case.may_fail:
                continue
            _count(result.tests.setdefault(code, Tally()), outcome, is_faulty=code in run.case.fails)
        result.mistakes += _mistakes(run.case, run, failing)
    result.tests = dict(sorted(result.tests.items()))
    return result


def _count_number(result: Score, run: Seen, failing: set[str]) -> None:
    if run.case.where == "healthy":
        result.healthy += 1
        result.healthy_failed += bool(failing)
        passed = {code for code, outcome in run.outcomes.items() if outcome == "pass"}
        result.healthy_passed += passed == healthy_passes(run.case.line)
    else:
        result.faulty += 1
        result.faulty_failed += bool(failing)


def _count(tally: Tally, outcome: str, *, is_faulty: bool) -> None:
    if is_faulty:
        tally.found, tally.missed = tally.found + (outcome == "fail"), tally.missed + (outcome != "fail")
    else:
        tally.wronged, tally.clear = tally.wronged + (outcome == "fail"), tally.clear + (outcome != "fail")


def _mistakes(case: Case, run: Seen, failing: set[str]) -> list[str]:
    missed = sorted(case.fails - failing)
    wronged = sorted(failing - case.fails - case.may_fail)
    said = [f"{code} missed ({run.outcomes.get(code, 'nothing')}: {run.details.get(code, '')})" for code in missed]
    said += [f"{code} failed wrongly ({run.details.get(code, '')})" for code in wronged]
    return [f"{case.name}: {each}" for each in said]
