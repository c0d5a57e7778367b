"""The runner: tests share exchanges, doubt is repeated, crashes and our own troubles never count against a number."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import ClassVar

import pytest

from numbering.types import Capability
from testing_lab.equipment import Equipment
from testing_lab.findings import Finding, failed, inconclusive, passed
from testing_lab.line import Line
from testing_lab.models import Outcome
from testing_lab.registry import LabTest
from testing_lab.sip.errors import SipError
from testing_lab.suite_runner import run_suite

LAB: Equipment = None  # type: ignore[assignment]  # the exchanges below need none


class Roll:
    """An exchange whose observations are scripted, one per performance."""

    script: ClassVar[Iterator[object]]
    performed: ClassVar[int]
    trace = "trace"
    packets: ClassVar[dict[str, object]] = {}
    our_trouble = False

    def __init__(self, value: object) -> None:
        self.value = value

    @classmethod
    async def perform(cls, line: Line, lab: Equipment) -> "Roll":
        cls.performed += 1
        value = next(cls.script)
        if isinstance(value, Exception):
            raise value
        return cls(value)


def judged(seen: Roll) -> Finding:
    verdicts: dict[object, Callable[[], Finding]] = {
        "good": lambda: passed(1.0),
        "bad": lambda: failed(2.0),
        "unclear": lambda: inconclusive("?"),
    }
    return verdicts[seen.value]()


def sampled(code: str = "X01", **changes: object) -> LabTest:
    test = LabTest(code, "", Roll, Capability.VOICE, "", "", "", judged, repeatable=True)
    return replace(test, **changes)  # type: ignore[arg-type]  # fields of the row


def script(*values: object) -> None:
    Roll.script, Roll.performed = iter(values), 0


async def test_tests_of_one_exchange_share_it(line: Line) -> None:
    script("good")
    report = await run_suite(line, LAB, [sampled("X01"), sampled("X02")])
    assert Roll.performed == 1
    assert report.verdict is True


@pytest.mark.parametrize(
    ("rolls", "verdict"),
    [
        (["bad", "good", "good"], True),
        (["bad", "bad", "good"], False),
        (["bad", "good", "bad"], False),
        (["bad", "good", "unclear"], None),
    ],
)
async def test_a_sampled_failure_is_decided_best_two_of_three(
    line: Line, rolls: list[str], verdict: bool | None
) -> None:
    script(*rolls)
    report = await run_suite(line, LAB, [sampled()])
    assert (report.verdict, Roll.performed) == (verdict, 3)


async def test_a_plain_failure_needs_no_second_call(line: Line) -> None:
    script("bad")
    report = await run_suite(line, LAB, [sampled(repeatable=False), sampled("X02")])
    assert report.verdict is False
    assert Roll.performed == 1


async def test_our_own_trouble_is_inconclusive(line: Line) -> None:
    script(SipError("socket gone"))
    report = await run_suite(line, LAB, [sampled()])
    assert report.findings["X01"].outcome == Outcome.INCONCLUSIVE
    assert report.verdict is None


async def test_a_crashing_test_is_inconclusive(line: Line) -> None:
    script("no such verdict")
    assert (await run_suite(line, LAB, [sampled()])).verdict is None


async def test_what_is_not_sold_is_not_applicable_and_no_pass(line: Line) -> None:
    script("good")
    report = await run_suite(replace(line, capabilities=Capability.SMS), LAB, [sampled()])
    assert report.findings["X01"].outcome == Outcome.NOT_APPLICABLE
    assert report.verdict is None
    assert Roll.performed == 0
