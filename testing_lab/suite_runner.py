"""One run of the suite on one line: which tests apply, which exchanges they need, what each one finds."""

import asyncio
import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, Self

from testing_lab.equipment import Equipment
from testing_lab.findings import BrokenOff, Finding, OurTrouble, inconclusive, not_applicable
from testing_lab.line import Line
from testing_lab.models.result import Outcome
from testing_lab.registry import LabTest, all_tests
from testing_lab.sip.errors import SipError

log = logging.getLogger(__name__)


class Exchange(Protocol):
    """A kind of call or message; its instances are the observations that tests judge."""

    @classmethod
    async def perform(cls, line: Line, lab: Equipment) -> Self: ...

    @property
    def trace(self) -> str: ...

    @property
    def packets(self) -> dict[str, Any]: ...

    @property
    def our_trouble(self) -> bool: ...


@dataclass(slots=True)
class SuiteReport:
    """Findings by test code, and the observations behind them by exchange name."""

    findings: dict[str, Finding] = field(default_factory=dict)
    observations: dict[str, list[Exchange]] = field(default_factory=dict)
    equipment_failed: bool = False

    @property
    def failing(self) -> list[str]:
        """The codes of the failed tests."""
        return [code for code, finding in self.findings.items() if finding.outcome == Outcome.FAIL]

    @property
    def our_trouble(self) -> bool:
        """Whether our machine, trunk or link could not measure: no fault of the number."""
        seen_trouble = any(seen.our_trouble for rounds in self.observations.values() for seen in rounds)
        return self.equipment_failed or seen_trouble

    @property
    def verdict(self) -> bool | None:
        """False if any test failed, True if all that apply passed (at least one), None when it can't be told."""
        outcomes = Counter(finding.outcome for finding in self.findings.values())
        if outcomes[Outcome.FAIL]:
            return False
        return None if outcomes[Outcome.INCONCLUSIVE] or not outcomes[Outcome.PASS] else True


async def run_suite(line: Line, lab: Equipment, tests: Sequence[LabTest] | None = None) -> SuiteReport:
    """Run every test that applies to the line. Never raises for what a line or a test does: that is inconclusive."""
    report = SuiteReport()
    by_exchange: dict[type, list[LabTest]] = {}
    for test in tests or all_tests():
        if test.needs in line.capabilities:
            by_exchange.setdefault(test.exchange, []).append(test)
        else:
            report.findings[test.code] = not_applicable()
    await asyncio.gather(*(_run_exchange(kind, group, line, lab, report) for kind, group in by_exchange.items()))
    report.findings = dict(sorted(report.findings.items()))
    return report


async def _run_exchange(kind: type, tests: Sequence[LabTest], line: Line, lab: Equipment, report: SuiteReport) -> None:
    """Perform the exchange; where a sampled quantity failed, twice more, best two of three."""
    rounds = [await _perform(kind, tests, line, lab, report)]
    doubtful = [test for test in tests if test.repeatable and rounds[0][test.code].outcome == Outcome.FAIL]
    solid_failure = any(rounds[0][t.code].outcome == Outcome.FAIL for t in tests if not t.repeatable)
    if doubtful and not solid_failure:
        for again in (1, 2):
            rounds.append(await _perform(kind, doubtful, replace(line, seed=f"{line.seed}/{again}"), lab, report))
    report.findings |= rounds[0]
    report.findings |= {test.code: _best_two_of_three([r[test.code] for r in rounds]) for test in doubtful}


async def _perform(
    kind: type, tests: Sequence[LabTest], line: Line, lab: Equipment, report: SuiteReport
) -> dict[str, Finding]:
    seen, error = await _observe(kind, line, lab)
    if seen is not None:
        report.observations.setdefault(kind.__name__, []).append(seen)
    if error is None:
        return {test.code: _judge(test, seen) for test in tests}
    report.equipment_failed |= isinstance(error, OurTrouble)
    if isinstance(error, OurTrouble | SipError | OSError):
        log.warning("%s: %s could not be performed: %s", line.number, kind.__name__, error)
    else:  # a bug of ours must not end the run, or the other exchanges beside this one
        log.error("%s: %s crashed", line.number, kind.__name__, exc_info=error)
    return {test.code: inconclusive(f"{type(error).__name__}: {error}"[:200]) for test in tests}


async def _observe(kind: type[Exchange], line: Line, lab: Equipment) -> tuple[Any, BaseException | None]:
    """What was seen, and why it broke off: either may be None."""
    try:
        return await kind.perform(line, lab), None
    except BrokenOff as broken:
        return broken.seen, broken.__cause__
    except Exception as error:  # noqa: BLE001 - told apart, and logged, by the caller
        return None, error


def _judge(test: LabTest, seen: Exchange) -> Finding:
    try:
        return test.judge(seen)
    except Exception:  # a crash of a test is our trouble and must not end the run or count against the number
        log.exception("%s crashed", test.code)
        return inconclusive("the test crashed")


def _best_two_of_three(findings: Sequence[Finding]) -> Finding:
    """The outcome that two agree on, with the median value; inconclusive when no two agree."""
    outcome, agreed = Counter(finding.outcome for finding in findings).most_common(1)[0]
    if agreed < 2:
        return findings[0] if len(findings) == 1 else inconclusive("three calls, three outcomes")
    chosen = sorted((f for f in findings if f.outcome == outcome), key=lambda f: (f.value is None, f.value or 0.0))
    return chosen[len(chosen) // 2]
