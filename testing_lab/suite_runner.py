"""One run of the suite on one line: which tests apply, which exchanges they need, what each one finds."""

import asyncio
import logging
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any, Protocol, Self

from testing_lab.equipment import Equipment
from testing_lab.exchanges.lanes import Lane, lane_of
from testing_lab.exchanges.routed_call import speaks_of_the_trunk
from testing_lab.findings import (
    BrokenOff,
    Finding,
    OurTrouble,
    OutsideTrouble,
    inconclusive,
    not_applicable,
    not_performed,
)
from testing_lab.limits import Limits, Scope, governing
from testing_lab.line import Line, rows_of_the_file
from testing_lab.models.result import Outcome
from testing_lab.registry import LabTest, all_tests
from testing_lab.sip.errors import SipError
from testing_lab.trunks.quiet import QuietReigns

log = logging.getLogger(__name__)

FAST_REJECT = ("V01", "V02", "V04", "V10", "V13", "S01", "S02")
"""The first stage of a number that was released: what short calls and messages show, before any is held for 50 s."""


FORBIDDEN = 403
PAUSE_S = 10.0
"""After a call that the trunk would not have: what it says of the next one shall not be of the same moment."""


class Exchange(Protocol):
    """A kind of call or message; its instances are the observations that tests judge. It may name its `Lane`."""

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
    """Findings by test code, the observations behind them by exchange name, and the limits that were applied.

    `passed_over` are observations of routes that would not have the call, which then went over `routes`. `quiet` is set
    when something did not begin because of a trunk's quiet hours, `outside_failed` for a trouble outside of the lab.
    """

    findings: dict[str, Finding] = field(default_factory=dict)
    observations: dict[str, list[Exchange]] = field(default_factory=dict)
    passed_over: dict[str, list[Exchange]] = field(default_factory=dict)
    routes: dict[str, str] = field(default_factory=dict)
    quiet: QuietReigns | None = None
    equipment_failed: bool = False
    outside_failed: bool = False
    limits: Limits = field(default_factory=lambda: governing(rows_of_the_file(), "", "", Scope.NATIONAL))

    @property
    def failing(self) -> list[str]:
        """The codes of the failed tests."""
        return [code for code, finding in self.findings.items() if finding.outcome == Outcome.FAIL]

    @property
    def our_trouble(self) -> bool:
        """Whether our machine, trunk or link could not measure, or a trunk cost the calls their time: no fault of the
        number."""
        failed = self.equipment_failed or self.outside_failed or bool(self.passed_over)
        return failed or any(seen.our_trouble for seen in self._seen)

    @property
    def sick(self) -> bool:
        """Whether our machine, or the trunk, could not follow, so that fewer numbers should be tested at once. That a
        trunk refused a call, or brought it from where we don't listen, is no sign of it: it will with fewer, too."""
        spoilt = (seen for seen in self._seen if seen.our_trouble)
        return self.equipment_failed or any(not _was_turned_away(seen) for seen in spoilt)

    @property
    def is_whole(self) -> bool:
        """Whether every test that applies was performed."""
        return all(finding.outcome != Outcome.NOT_PERFORMED for finding in self.findings.values())

    @property
    def _seen(self) -> Iterator[Exchange]:
        return chain.from_iterable(self.observations.values())

    @property
    def verdict(self) -> bool | None:
        """False if any test failed, True if all that apply passed (at least one), None when it can't be told."""
        outcomes = Counter(finding.outcome for finding in self.findings.values())
        if outcomes[Outcome.FAIL]:
            return False
        return None if outcomes[Outcome.INCONCLUSIVE] or not outcomes[Outcome.PASS] else True


def _was_turned_away(seen: object) -> bool:
    """Whether the trunk would not have the call, or we would not."""
    by_the_trunk = getattr(seen, "trunk_failed", False) or speaks_of_the_trunk(_final_status(seen))
    return by_the_trunk or bool(getattr(seen, "kept_out", ""))


def _final_status(seen: object) -> int | None:
    return getattr(seen, "final_status", None)


async def run_suite(
    line: Line, lab: Equipment, tests: Sequence[LabTest] | None = None, *, first: Collection[str] = ()
) -> SuiteReport:
    """Run every test that applies to the line. Never raises for what a line or a test does: that is inconclusive.

    The exchanges that the tests `first` need go before all others, and every test that these allow is judged on them.
    As soon as one has failed nothing more is begun: the number is rejected, and the rest was not performed.
    """
    tests = tests or all_tests()
    report = SuiteReport(limits=line.limits)
    report.findings |= {test.code: not_applicable() for test in tests if not test.applies_to(line)}
    early, late = _stages([test for test in tests if test.applies_to(line)], first)
    await _Run(line, lab, early, report, hasty=True).perform()
    if not report.failing:
        await _Run(replace(line, seed=f"{line.seed}/later") if early else line, lab, late, report).perform()
    skipped = [test.code for test in (*early, *late) if test.code not in report.findings]
    report.findings |= dict.fromkeys(skipped, not_performed(report.failing))
    report.findings = dict(sorted(report.findings.items()))
    return report


def _stages(tests: Sequence[LabTest], first: Collection[str]) -> tuple[list[LabTest], list[LabTest]]:
    """The tests that the exchanges of the first ones allow, and the others: these see exchanges of their own, as a test
    that compares calls must have seen them side by side."""
    seen = {kind for test in tests if test.code in first for kind in test.exchanges}
    early = [test for test in tests if seen.issuperset(test.exchanges)]
    return early, [test for test in tests if test not in early]


def _lanes(tests: Sequence[LabTest]) -> list[list[type]]:
    """The exchanges that the tests read, each once, those of one lane together; lanes that begin first come first."""
    lanes: dict[tuple[Lane, str], list[type]] = {}
    for kind in dict.fromkeys(kind for test in tests for kind in test.exchanges):
        lane = lane_of(kind)
        lanes.setdefault((lane, kind.__name__ if lane == Lane.BESIDE else ""), []).append(kind)
    return [lanes[key] for key in sorted(lanes)]


@dataclass(frozen=True, slots=True)
class _Performance:
    """What was seen of one exchange, and why it broke off: either may be None."""

    seen: Any = None
    error: BaseException | None = None

    @property
    def trunk_failed(self) -> bool:
        """Whether the trunk refused the call for a reason that may be its own."""
        return getattr(self.seen, "trunk_failed", False)

    @property
    def route_failed(self) -> bool:
        """Whether the route would not have the call, so that another may."""
        return getattr(self.seen, "route_failed", False)


@dataclass(slots=True)
class _Run:
    """`hasty`: it ends with the first failure."""

    line: Line
    lab: Equipment
    tests: Sequence[LabTest]
    report: SuiteReport
    performed: dict[type, _Performance] = field(default_factory=dict)
    hasty: bool = False

    async def perform(self) -> None:
        """Perform what the tests need, lanes side by side, and judge every test whose exchanges there were."""
        await asyncio.gather(*(self.follow(lane) for lane in _lanes(self.tests)))
        unjudged = [test for test in self.tests if test.code not in self.report.findings]
        seen = [test for test in unjudged if self.performed.keys() >= set(test.exchanges)]
        self.report.findings |= {test.code: self.judge(test) for test in seen}

    async def follow(self, lane: Sequence[type]) -> None:
        """Perform the exchanges of one lane, one after the other, and judge what each alone can tell."""
        was_refused = False
        for kind in lane:
            if self.hasty and self.report.failing:
                return
            if was_refused:
                await asyncio.sleep(PAUSE_S)
            self.performed[kind] = await self._perform(kind, self.line)
            was_refused = self.performed[kind].trunk_failed
            await self._judge_alone(kind, [test for test in self.tests if test.exchanges == (kind,)])

    async def _judge_alone(self, kind: type, tests: Sequence[LabTest]) -> None:
        """Judge the tests of this exchange; where only sampled quantities failed, twice more, best two of three."""
        rounds = [{test.code: self.judge(test) for test in tests}]
        failing = [test for test in tests if rounds[0][test.code].outcome == Outcome.FAIL]
        if failing and all(test.repeatable for test in failing):
            for again in (1, 2):
                performance = await self._perform(kind, replace(self.line, seed=f"{self.line.seed}/{again}"))
                rounds.append({test.code: _judge(test, [performance]) for test in failing})
            rounds[0] |= {test.code: _best_two_of_three([each[test.code] for each in rounds]) for test in failing}
        self.report.findings |= rounds[0]

    def judge(self, test: LabTest) -> Finding:
        """What the test says of the first performance of each of its exchanges."""
        return _judge(test, [self.performed[kind] for kind in test.exchanges])

    async def _perform(self, kind: type, line: Line) -> _Performance:
        """Over the first route that is up; over the next when that would not have the call."""
        ways = self.lab.ways() if lane_of(kind) != Lane.BESIDE else [self.lab]
        for lab in ways:
            performance = await _observe(kind, line, lab)
            await _ask_whether_barred(performance, lab)
            if performance.trunk_failed:
                lab.route.note_refusal(line.number)
            if not performance.route_failed or lab is ways[-1]:
                break
            lab.route.in_doubt = True
            self.report.passed_over.setdefault(kind.__name__, []).append(performance.seen)
        return self._note(kind, line, performance, lab)

    def _note(self, kind: type, line: Line, performance: _Performance, lab: Equipment) -> _Performance:
        if performance.seen is not None:
            self.report.observations.setdefault(kind.__name__, []).append(performance.seen)
        if lane_of(kind) != Lane.BESIDE and lab.routes:
            self.report.routes[kind.__name__] = lab.route.name
        error = performance.error
        if isinstance(error, QuietReigns):
            self.report.quiet = error
            return performance
        self.report.outside_failed |= isinstance(error, OutsideTrouble)
        self.report.equipment_failed |= isinstance(error, OurTrouble) and not isinstance(error, OutsideTrouble)
        if isinstance(error, OurTrouble | SipError | OSError):
            log.warning("%s: %s could not be performed: %s", line.number, kind.__name__, error)
        elif error is not None:  # a bug of ours must not end the run, or the other exchanges beside this one
            log.error("%s: %s crashed", line.number, kind.__name__, exc_info=error)
        return performance


async def _observe(kind: type[Exchange], line: Line, lab: Equipment) -> _Performance:
    try:
        return _Performance(await kind.perform(line, lab))
    except BrokenOff as broken:
        return _Performance(broken.seen, broken.__cause__)
    except Exception as error:  # noqa: BLE001 - told apart, and logged, by the caller
        return _Performance(error=error)


async def _ask_whether_barred(performance: _Performance, lab: Equipment) -> None:
    """A call that is refused with 403 may be the number's fault, or the trunk lets us do nothing: OPTIONS tells."""
    seen = performance.seen
    if _final_status(seen) != FORBIDDEN or not hasattr(seen, "barred") or seen.arrivals:
        return
    lab.route.in_doubt = True
    if await lab.route.ask(lab.agent):
        seen.barred = seen.our_trouble = True


def _judge(test: LabTest, performances: Sequence[_Performance]) -> Finding:
    errors = [each.error for each in performances if each.error is not None]
    if errors:
        return inconclusive(f"{type(errors[0]).__name__}: {errors[0]}"[:200])
    try:
        return test.judge(*(each.seen for each in performances))
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
