import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numbering import rules

EXPRESSIONS = [
    r"[2-9]\d{9}",
    r"2\d{7}|30[1-9]\d{5}",
    r"(\d{2})(\d{3,4})(\d{4})",
    r"(?:1[0-9]?|22)\d{2}(?:\d{2})?",
    r"7(?:0[013-9]|1(?:2|34))\d{3}",
]


@given(st.sampled_from(EXPRESSIONS), st.text("0123456789", max_size=12))
def test_what_is_left_is_empty_exactly_when_the_expression_matches(expression: str, digits: str) -> None:
    left = frozenset({rules.parse(expression)})
    for digit in digits:
        left = rules.after(left, int(digit))
    assert any(map(_nullable, left)) == bool(re.fullmatch(expression, digits))


@given(st.sampled_from(EXPRESSIONS), st.text("0123456789", max_size=8), st.text("0123456789", max_size=6))
def test_behind_a_settled_head_only_the_number_of_digits_matters(expression: str, head: str, tail: str) -> None:
    left = frozenset({rules.parse(expression)})
    for digit in head:
        left = rules.after(left, int(digit))
    if rules.settled(left):
        other = "".join(str(9 - int(digit)) for digit in tail)
        assert bool(re.fullmatch(expression, head + tail)) == bool(re.fullmatch(expression, head + other))


@pytest.mark.parametrize("expression", ["a", r"\D", "2.", "1*", "[^2]", "1+", "(?=1)2"])
def test_syntax_that_the_metadata_never_use_is_refused(expression: str) -> None:
    with pytest.raises(ValueError, match="not an expression over digits"):
        rules.parse(expression)


def _nullable(rule: rules.Rule) -> bool:
    return all(isinstance(item, tuple) and any(map(_nullable, item)) for item in rule)
