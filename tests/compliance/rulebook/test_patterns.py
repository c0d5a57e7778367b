"""Patterns of country files: those that are quick on every text pass, the others don't."""

import pytest

from compliance.rulebook.country_files import COUNTRY_FILES
from compliance.rulebook.patterns import trouble_with
from compliance.rulebook.sound_files import read_all

SLOW = (
    *(r"(a+)+$", r"(a|ab)*$", r"(a|aa){1,40}", r"\d*\d*\d*x", r"(x+x+)+y", r"(?:a?){30}a{30}", r".*"),
    *(r"(ab|cd){4000000000}", r"(\d{1,9}){1,9}", r"(?=(a+)+)b", "(" * 20 + "ab|cd" + "){3}" * 20),
)


@pytest.mark.parametrize("pattern", SLOW)
def test_a_pattern_with_many_ways_is_refused(pattern: str) -> None:
    assert "can take very long" in trouble_with(pattern)


@pytest.mark.parametrize("pattern", [r"\d{5}(?:[ \-]\d{4})?", r"[A-Z]{1,2}\d{1,4}", r"(?:PC )?\d{3}|\d{10000}"])
def test_a_pattern_with_few_ways_is_taken(pattern: str) -> None:
    assert trouble_with(pattern) == ""


@pytest.mark.parametrize("pattern", ["(", "[a-", r"(?P<a>x)(?P<a>y)", "*", "(" * 5_000 + ")" * 5_000, "a" * 3_000])
def test_what_is_no_pattern_is_refused(pattern: str) -> None:
    assert trouble_with(pattern)


def test_the_patterns_of_our_own_files_are_quick() -> None:
    assert not [
        file.country
        for file in read_all(COUNTRY_FILES)
        if trouble_with(file.document["address_format"]["postal_code_pattern"] or "")
    ]
