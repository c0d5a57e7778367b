"""The tests the lab knows. A new test is one new file in `testing_lab/suite/`: importing it registers it here."""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from string import Formatter

from numbering.types import Capability
from testing_lab.applicability import PLAN, Demand
from testing_lab.findings import Finding
from testing_lab.limits import Limits
from testing_lab.line import Line

Judge = Callable[..., Finding]


def any_line(_: Line) -> bool:
    """The test applies to every line that the plan gives it."""
    return True


@dataclass(frozen=True, slots=True)
class LabTest:
    """`exchanges` are the types of observation that `judge` reads, one argument each; tests of one exchange share it.

    `demand` and `applies` say to which lines. `limit` names, in braces, the quantities that `judge` reads from the
    line's limits. `repeatable` marks a sampled quantity: a failure is confirmed by two more exchanges, best two of
    three; such a test reads one exchange.
    """

    code: str
    title: str
    exchanges: tuple[type, ...]
    demand: Demand
    unit: str
    limit: str
    source: str
    judge: Judge
    repeatable: bool = False
    applies: Callable[[Line], bool] = any_line

    def applies_to(self, line: Line) -> bool:
        """Whether the line is sold for what this test asks of it."""
        return self.demand.fits(line) and self.applies(line)

    @property
    def quantities(self) -> tuple[str, ...]:
        """The quantities that have a limit."""
        return tuple(name for _, name, _, _ in Formatter().parse(self.limit) if name)

    def limit_for(self, limits: Limits) -> str:
        """The limit in words, at most 60 characters, by the rows that govern."""
        return limits.shown(self.code, self.limit)[:60]


_TESTS: dict[str, LabTest] = {}


class DuplicateTest(Exception):
    """Two files claim one code."""


def lab_test(
    code: str,
    title: str,
    *,
    exchange: type | tuple[type, ...],
    limit: str,
    source: str,
    unit: str = "",
    needs: Capability = Capability.VOICE,
    repeatable: bool = False,
    applies: Callable[[Line], bool] = any_line,
) -> Callable[[Judge], Judge]:
    """Register the decorated judge as test `code`; it takes one observation of each exchange, in the order given.

    `needs` counts for a test that is not of the plan (`applicability.PLAN`): any of these capabilities.
    Raises DuplicateTest when the code is taken, TypeError for a repeatable test over several exchanges.
    """
    exchanges = exchange if isinstance(exchange, tuple) else (exchange,)
    if repeatable and len(exchanges) > 1:
        raise TypeError(f"{code}: a sampled quantity is read from one exchange")

    def register(judge: Judge) -> Judge:
        if code in _TESTS:
            raise DuplicateTest(code)
        demand = PLAN.get(code) or Demand(needs)
        _TESTS[code] = LabTest(code, title, exchanges, demand, unit, limit, source, judge, repeatable, applies)
        return judge

    return register


@cache
def all_tests() -> tuple[LabTest, ...]:
    """Every test in `testing_lab/suite/`, by code."""
    suite = importlib.import_module("testing_lab.suite")
    for module in pkgutil.iter_modules(suite.__path__):
        importlib.import_module(f"testing_lab.suite.{module.name}")
    return tuple(_TESTS[code] for code in sorted(_TESTS))


def titles() -> dict[str, str]:
    """The names of the tests by code."""
    return {test.code: test.title for test in all_tests()}
