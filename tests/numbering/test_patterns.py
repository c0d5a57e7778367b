from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numbering.patterns import InvalidPattern, Pattern
from numbering.vanity import to_digits

bodies = st.text("01234555*%abzQ", min_size=2, max_size=14)
patterns = st.tuples(st.sampled_from(["", "+"]), bodies, st.sampled_from(["", "$"])).map("".join)
numbers = st.text("012345", min_size=7, max_size=15) | st.integers(10**6, 10**15 - 1).map(str)


def naive(text: str, digits: str) -> bool:
    """What a pattern means, by trying every substring, shell wildcards doing the rest."""
    shell = to_digits(text.strip("+$")).replace("*", "?").replace("%", "*")
    starts = [0] if text.startswith("+") else range(len(digits) + 1)
    ends = [len(digits)] if text.endswith("$") else range(len(digits) + 1)
    return any(fnmatchcase(digits[start:end], shell) for start in starts for end in ends if start <= end)


def like(pattern: str, digits: str) -> bool:
    """SQL LIKE without escapes, by recursion on the first sign."""
    if not pattern:
        return not digits
    if pattern[0] == "%":
        return any(like(pattern[1:], digits[skipped:]) for skipped in range(len(digits) + 1))
    return bool(digits) and pattern[0] in ("_", digits[0]) and like(pattern[1:], digits[1:])


def parsed(text: str) -> Pattern | None:
    try:
        return Pattern.parse(text)
    except InvalidPattern:
        return None


@given(patterns, numbers)
def test_a_pattern_matches_what_trying_every_substring_finds(text: str, digits: str) -> None:
    if pattern := parsed(text):
        assert pattern.matches(digits) == naive(text, digits) == like(pattern.like, digits)


@given(st.data(), st.integers(10**6, 10**15 - 1).map(str))
def test_a_pattern_cut_out_of_a_number_finds_it(data: st.DataObject, digits: str) -> None:
    start = data.draw(st.integers(0, len(digits) - 2))
    end = data.draw(st.integers(start + 2, len(digits)))
    hidden = data.draw(st.sets(st.integers(start, end - 1)))
    body = "".join("*" if at in hidden else digits[at] for at in range(start, end))
    text = ("+" if start == 0 else "") + body + ("$" if end == len(digits) else "")
    if pattern := parsed(text):
        assert pattern.matches(digits)


@given(st.text(max_size=20))
def test_arbitrary_text_is_a_pattern_or_refused_never_an_accident(text: str) -> None:
    pattern = parsed(text)
    assert pattern is None or pattern.literal_count >= 2


@pytest.mark.parametrize(
    ("text", "digits", "matches"),
    [
        ("555****", "14155550123", True), ("555******", "14155550123", False), ("STORM", "14157867600", True),
        ("storm", "14157867600", True), ("+1415", "14155550123", True), ("+415", "14155550123", False),
        ("0123$", "14155550123", True), ("5501$", "14155550123", False), ("5*5*5", "14151525500", True),
        ("415***0123", "14155550123", True), ("415**0123", "14155550123", False), ("+1%23$", "14155550123", True),
        ("*55", "14155550123", True), ("%0123", "14155550123", True), ("0123*", "14155550123", False),
    ],
)  # fmt: skip
def test_documented_patterns_and_our_inner_wildcards(text: str, digits: str, *, matches: bool) -> None:
    assert Pattern.parse(text).matches(digits) is matches


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("5", "2 to 16 characters"), ("12345678901234567", "2 to 16 characters"), ("5*", "at least 2 digits"),
        ("**", "at least 2 digits"), ("+1", "at least 2 digits"), ("5%%5", "two % side by side"),
        ("+*55", r"after \+"), ("55%$", r"before \$"), ("5+5", "one [+] at its start"), ("$55", "one [+] at its start"),
        ("55 5", "one [+] at its start"), ("55é", "one [+] at its start"), ("\u0665\u0665", "one [+] at its start"),
        ("55\n", "one [+] at its start"),
    ],
)  # fmt: skip
def test_what_is_no_pattern_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(InvalidPattern, match=reason):
        Pattern.parse(text)


def test_what_the_search_engine_reads_off_a_pattern() -> None:
    pattern = Pattern.parse("+1415%55*1$")
    assert (pattern.anchored_start, pattern.anchored_end) == (True, True)
    assert pattern.segments == ("1415", "55*1")
    assert pattern.literal_count == 7
    assert pattern.like == "1415%55_1"
