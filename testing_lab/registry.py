"""The tests the lab knows. A new test is one new file in `testing_lab/suite/`: importing it registers it here."""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from numbering.types import Capability
from testing_lab.findings import Finding

Judge = Callable[[Any], Finding]


@dataclass(frozen=True, slots=True)
class LabTest:
    """`exchange` is the type of observation that `judge` reads; tests of one exchange share one call or message.

    `repeatable` marks a sampled quantity: a failure is confirmed by two more exchanges, best two of three.
    """

    code: str
    title: str
    exchange: type
    needs: Capability
    unit: str
    limit: str
    source: str
    judge: Judge
    repeatable: bool = False


_TESTS: dict[str, LabTest] = {}


class DuplicateTest(Exception):
    """Two files claim one code."""


def lab_test(
    code: str,
    title: str,
    *,
    exchange: type,
    needs: Capability,
    limit: str,
    source: str,
    unit: str = "",
    repeatable: bool = False,
) -> Callable[[Judge], Judge]:
    """Register the decorated judge as test `code`. Raises DuplicateTest when the code is taken."""

    def register(judge: Judge) -> Judge:
        if code in _TESTS:
            raise DuplicateTest(code)
        _TESTS[code] = LabTest(code, title, exchange, needs, unit, limit, source, judge, repeatable)
        return judge

    return register


@cache
def all_tests() -> tuple[LabTest, ...]:
    """Every test in `testing_lab/suite/`, by code."""
    suite = importlib.import_module("testing_lab.suite")
    for module in pkgutil.iter_modules(suite.__path__):
        importlib.import_module(f"testing_lab.suite.{module.name}")
    return tuple(_TESTS[code] for code in sorted(_TESTS))
