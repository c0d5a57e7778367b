"""The runner: tests share exchanges, doubt is repeated, crashes and our own troubles never count against a number."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, ClassVar, Self

import pytest

from numbering.types import Capability
from testing_lab.applicability import Demand
from testing_lab.equipment import Equipment
from testing_lab.exchanges.lanes import Lane
from testing_lab.findings import Finding, failed, inconclusive, passed
from testing_lab.line import Line
from testing_lab.models import Outcome
from testing_lab.registry import LabTest, all_tests, lab_test
from testing_lab.sip.errors import SipError
from testing_lab.suite_runner import FAST_REJECT, run_suite

NOTHING: dict[str, Any] = dict.fromkeys(("host", "agent", "switchboard", "smsc", "lag", "calculator"))
LAB = Equipment(**NOTHING, routes=())  # the exchanges below need none


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
    test = LabTest(code, "", (Roll,), Demand(Capability.VOICE), "", "", "", judged, repeatable=True)
    return replace(test, **changes)  # type: ignore[arg-type]  # fields of the row


def script(*values: object) -> None:
    Roll.script, Roll.performed = iter(values), 0


class SecondRoll(Roll):
    """Another exchange, with a script of its own."""


def over_both(first: Roll, second: SecondRoll) -> Finding:
    return passed() if (first.value, second.value) == ("good", "second") else failed()


def joint(code: str = "X03") -> LabTest:
    return sampled(code, exchanges=(Roll, SecondRoll), judge=over_both, repeatable=False)


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


async def test_a_test_over_two_exchanges_reads_both_in_its_order(line: Line) -> None:
    script("good")
    SecondRoll.script = iter(["second"])
    SecondRoll.performed = 0
    report = await run_suite(line, LAB, [sampled("X01"), joint()])
    assert report.verdict is True, report.findings
    assert (Roll.performed, SecondRoll.performed) == (1, 1)
    assert set(report.observations) == {"Roll", "SecondRoll"}


@pytest.mark.parametrize(("first", "second"), [("good", SipError("gone")), (SipError("gone"), "second")])
async def test_a_test_over_two_exchanges_is_inconclusive_when_one_could_not_be_performed(
    line: Line, first: object, second: object
) -> None:
    script(first)
    SecondRoll.script = iter([second])
    SecondRoll.performed = 0
    report = await run_suite(line, LAB, [joint()])
    assert report.findings["X03"].outcome == Outcome.INCONCLUSIVE


def test_a_sampled_test_reads_one_exchange() -> None:
    with pytest.raises(TypeError):
        lab_test("X09", "", exchange=(Roll, SecondRoll), needs=Capability.VOICE, limit="", source="", repeatable=True)


class InLane:
    """Notes when it begins and ends."""

    notes: ClassVar[list[str]]
    trace = ""
    packets: ClassVar[dict[str, object]] = {}
    our_trouble = False

    @classmethod
    async def perform(cls, line: Line, lab: Equipment) -> Self:
        InLane.notes.append(f"{cls.__name__} begins")
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        InLane.notes.append(f"{cls.__name__} ends")
        return cls()


class Held(InLane):
    lane = Lane.HELD_CALL


class First(InLane):
    lane = Lane.CALL


class Second(InLane):
    lane = Lane.CALL


class Text(InLane):
    pass


async def test_calls_follow_one_another_over_the_held_one_and_messages_go_beside(line: Line) -> None:
    InLane.notes = []
    kinds = (Text, First, Second, Held)
    await run_suite(line, LAB, [sampled(k.__name__, exchanges=(k,), judge=lambda _: passed()) for k in kinds])
    assert InLane.notes[:3] == ["Held begins", "First begins", "Text begins"]
    assert InLane.notes.index("First ends") < InLane.notes.index("Second begins")


async def test_a_test_may_apply_to_some_lines_only(line: Line) -> None:
    script("good")
    report = await run_suite(line, LAB, [sampled("X01"), sampled("X02", applies=lambda line: not line.is_national)])
    assert report.findings["X02"].outcome == Outcome.NOT_APPLICABLE
    assert report.verdict is True


def in_two_stages(first: str, later: object) -> list[LabTest]:
    """X01 and X02 over the exchange that is asked for first, X04 over one that comes later, X03 over both."""
    script(first)
    SecondRoll.script, SecondRoll.performed = iter([later]), 0
    return [sampled("X01", repeatable=False), sampled("X02", repeatable=False), joint(), later_test()]


def later_test() -> LabTest:
    return sampled("X04", exchanges=(SecondRoll,), judge=lambda _: passed(), repeatable=False)


async def test_after_a_failure_in_the_first_stage_the_rest_is_not_performed_and_says_so(line: Line) -> None:
    report = await run_suite(line, LAB, in_two_stages("bad", "second"), first={"X01"})
    outcomes = {code: finding.outcome for code, finding in report.findings.items()}
    assert outcomes == {
        "X01": Outcome.FAIL,
        "X02": Outcome.FAIL,  # seen on the same exchange, so it is told
        "X03": Outcome.NOT_PERFORMED,
        "X04": Outcome.NOT_PERFORMED,
    }
    assert report.findings["X04"].detail == "not performed, since X01, X02 failed first"
    assert (report.verdict, report.failing, SecondRoll.performed) == (False, ["X01", "X02"], 0)


@pytest.mark.parametrize(("first", "verdict"), [("good", True), ("unclear", None)])
async def test_without_a_failure_in_the_first_stage_the_full_set_follows(
    line: Line, first: str, verdict: bool | None
) -> None:
    tests = in_two_stages(first, "second")
    script(first, "good")  # the later stage sees both exchanges side by side: one more of the first
    report = await run_suite(line, LAB, tests, first={"X01"})
    assert (report.verdict, Roll.performed, SecondRoll.performed) == (verdict, 2, 1)
    assert {code: report.findings[code].outcome for code in ("X03", "X04")} == dict.fromkeys(
        ("X03", "X04"), Outcome.PASS
    )


async def test_in_the_first_stage_nothing_more_is_begun_after_a_failure(line: Line) -> None:
    InLane.notes = []
    kinds = (First, Second)
    tests = [sampled(k.__name__, exchanges=(k,), judge=lambda _: failed(), repeatable=False) for k in kinds]
    tests.append(sampled("both", exchanges=kinds, judge=lambda *_: failed(), repeatable=False))
    report = await run_suite(line, LAB, tests, first={"First", "Second"})
    assert InLane.notes == ["First begins", "First ends"]
    outcomes = {code: finding.outcome for code, finding in report.findings.items()}
    assert outcomes == {"First": Outcome.FAIL, "Second": Outcome.NOT_PERFORMED, "both": Outcome.NOT_PERFORMED}


async def test_what_does_not_apply_stays_so_after_a_fast_reject(line: Line) -> None:
    tests = [*in_two_stages("bad", "second"), sampled("X05", applies=lambda _: False)]
    report = await run_suite(line, LAB, tests, first={"X01"})
    assert report.findings["X05"].outcome == Outcome.NOT_APPLICABLE


async def test_where_none_of_the_first_tests_applies_all_are_performed_at_once(line: Line) -> None:
    report = await run_suite(line, LAB, in_two_stages("good", "second"), first={"S01"})
    assert (report.verdict, Roll.performed, SecondRoll.performed) == (True, 1, 1)


def test_the_first_stage_holds_no_call_and_costs_three_calls_and_two_messages() -> None:
    early = {kind.__name__ for test in all_tests() if test.code in FAST_REJECT for kind in test.exchanges}
    assert early == {"InboundCall", "OutboundCall", "WithheldCall", "MessageToNumber", "MessageFromNumber"}


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
