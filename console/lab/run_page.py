"""What a suite run's page shows: each attempt with its results at their limits, and the evidence behind them."""

from itertools import groupby
from typing import NamedTuple

from django.db.models import Count, QuerySet

from console.lab.gauge import Gauge, gauge
from testing_lab.models import Evidence, Outcome, Result, SuiteRun
from testing_lab.registry import titles

_CONTENTS = ("trace", "packets", "timing")
#: What a person looks for first.
_ORDER = (Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.PASS, Outcome.NOT_PERFORMED, Outcome.NOT_APPLICABLE)


class Shown(NamedTuple):
    """A result, the title of its test, and its drawing."""

    result: Result
    title: str
    gauge: Gauge | None


class Attempt(NamedTuple):
    """What one attempt found."""

    number: int
    results: list[Shown]
    not_applicable: list[Shown]
    evidence: list[Evidence]

    @property
    def counts(self) -> list[tuple[str, int]]:
        """How many results of each outcome."""
        outcomes = [shown.result.outcome for shown in (*self.results, *self.not_applicable)]
        return [(outcome.label.lower(), outcomes.count(outcome)) for outcome in _ORDER if outcome in outcomes]


def attempts(run: SuiteRun) -> list[Attempt]:
    """Latest first; two queries, of which neither reads a trace."""
    evidence = list(kept_of(run))
    results = run.results.order_by("-attempt", "code").select_related("evidence").defer(*_of_evidence())
    return [
        _attempt(number, shown(list(group)), [kept for kept in evidence if kept.attempt == number])
        for number, group in groupby(results, key=lambda result: result.attempt)
    ]


def _attempt(number: int, results: list[Shown], evidence: list[Evidence]) -> Attempt:
    applies = [each for each in results if each.result.outcome != Outcome.NOT_APPLICABLE]
    return Attempt(number, applies, results[len(applies) :], evidence)


def shown(results: list[Result]) -> list[Shown]:
    """With titles and drawings; what went wrong first."""
    names = titles()
    ordered = sorted(results, key=lambda result: (_ORDER.index(Outcome(result.outcome)), result.code))
    return [Shown(result, names.get(result.code, ""), gauge(result)) for result in ordered]


def kept_of(run: SuiteRun) -> QuerySet[Evidence]:
    """The evidence of a run without its contents, with how much audio there is."""
    return run.evidence.defer(*_CONTENTS).annotate(audio=Count("recordings")).order_by("exchange")


def latest_results(run: SuiteRun) -> list[Shown]:
    """Of its last attempt."""
    results = run.results.filter(attempt=run.attempt).select_related("evidence").defer(*_of_evidence())
    return shown(list(results))


def _of_evidence() -> list[str]:
    return [f"evidence__{column}" for column in _CONTENTS]
