"""Every kind of number with every set of capabilities is due the tests that the plan names, and no others."""

from dataclasses import replace

import pytest

from numbering.types import ALL_CAPABILITIES, Capability, NumberType, capability_names
from testing_lab.applicability import PLAN
from testing_lab.line import Line
from testing_lab.registry import LabTest, all_tests, lab_test

VOICE_TESTS = {f"V{n:02}" for n in range(1, 18)}
OUTBOUND = {"V12", "V13", "V14", "V15"}
SMS_TESTS = {f"S{n:02}" for n in range(1, 6)}
FAX_CALL_TESTS = {"V01", "V02", "V03", "V11"}
SETS = [Capability(mask) for mask in range(int(ALL_CAPABILITIES) + 1)]


def due(kind: NumberType, capabilities: Capability) -> set[str]:
    """The design's sentences, one after the other."""
    codes: set[str] = set()
    if Capability.VOICE in capabilities:
        codes |= VOICE_TESTS
        if kind in (NumberType.TOLL_FREE, NumberType.SHARED_COST):
            codes -= OUTBOUND
        if kind in (NumberType.LOCAL, NumberType.NATIONAL, NumberType.VOIP):
            codes |= {"E01"}
    if Capability.FAX in capabilities:
        codes |= FAX_CALL_TESTS | {"F01"}
    if Capability.SMS in capabilities:
        codes |= SMS_TESTS
    if Capability.MMS in capabilities:
        codes |= {"M01"}
    return codes


@pytest.mark.parametrize(
    ("kind", "capabilities"),
    [pytest.param(kind, mask, id=f"{kind}-{'+'.join(capability_names(mask))}") for kind in NumberType for mask in SETS],
)
def test_a_number_is_due_what_the_plan_says(line: Line, kind: NumberType, capabilities: Capability) -> None:
    line = replace(line, number_type=kind, capabilities=capabilities)
    planned = {code for code, demand in PLAN.items() if demand.fits(line)}
    assert planned == due(kind, capabilities), capability_names(capabilities)
    registered = {test.code for test in all_tests() if test.applies_to(line)}
    # beyond the plan, a test may ask more of a line: signing within one framework, an emergency service to be tested
    assert registered <= planned
    assert planned - registered <= {"V15", "E01", "F01"}


def test_the_plan_has_the_25_tests_and_every_registered_one_is_of_it() -> None:
    assert len(PLAN) == 25
    assert {test.code for test in all_tests()} <= PLAN.keys()


def test_the_type_is_that_of_the_stock_whatever_the_digits_look_like(line: Line) -> None:
    v12: LabTest = next(test for test in all_tests() if test.code == "V12")
    assert v12.applies_to(replace(line, number=type(line.number).parse("+18005550199")))
    assert not v12.applies_to(replace(line, number_type=NumberType.TOLL_FREE))


def test_a_test_beyond_the_plan_says_itself_what_it_needs(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    from testing_lab import registry

    monkeypatch.setattr(registry, "_TESTS", {})
    lab_test("X01", "", exchange=object, needs=Capability.MMS, limit="", source="")(lambda _: None)  # type: ignore[arg-type,return-value]  # never judged
    [test] = registry._TESTS.values()
    assert not test.applies_to(line)
    assert test.applies_to(replace(line, capabilities=Capability.MMS))
