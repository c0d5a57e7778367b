"""Patterns as ranges: they hold every match, and they are few."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.search.digits import MAX_RANGES, Kind, Lookup, Ranges, Span, lookup, templates
from numbering.patterns import InvalidPattern, Pattern

US = Kind((Span(11, "1"),), size=2_000_000)
GERMANY = Kind((Span(10, "49"), Span(11, "49"), Span(12, "49")), size=100_000)


def holds(found: Lookup, number: str) -> bool:
    def within(ranges: Ranges, digits: int) -> bool:
        return any(low <= digits < high for low, high in zip(ranges.lows, ranges.highs, strict=True))

    return within(found.forward, int(number)) or within(found.mirrored, int(number[::-1]))


@st.composite
def numbers_with_a_pattern_that_they_match(draw: st.DrawFn) -> tuple[str, Pattern]:
    number = draw(st.sampled_from(["1", "49"])) + draw(st.from_regex(r"\A[0-9]{9,10}\Z"))
    first = draw(st.integers(0, 5))
    last = draw(st.integers(first + 3, len(number)))
    body = "".join(draw(st.sampled_from([digit, digit, digit, "*"])) for digit in number[first:last])
    if draw(st.booleans()):
        gap = draw(st.integers(1, len(body) - 1))
        body = body[:gap] + "%" + body[min(len(body), gap + draw(st.integers(0, 2))) :]
    start = "+" if first == 0 and draw(st.booleans()) else ""
    end = "$" if last == len(number) and draw(st.booleans()) else ""
    try:
        return number, Pattern.parse(start + body + end)
    except InvalidPattern:
        return number, Pattern.parse(number)


@given(numbers_with_a_pattern_that_they_match())
def test_every_match_fits_a_template_and_lies_in_a_range(case: tuple[str, Pattern]) -> None:
    number, pattern = case
    assert pattern.matches(number)
    kind = US if number[0] == "1" and len(number) == 11 else Kind((Span(len(number), number[:1]),), 1_000)
    fitting = [t for span in kind.spans for t in templates(pattern, span) if _fits(number, t)]
    assert fitting
    found = lookup(pattern, kind)
    assert found is None or holds(found, number)


def _fits(number: str, template: str) -> bool:
    return len(number) == len(template) and all(t in ("?", d) for d, t in zip(number, template, strict=True))


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("2*3*4", Span(6, ""), {"2?3?4?", "?2?3?4"}),
        ("2*3*4", Span(6, "1"), {"12?3?4"}),
        ("+12", Span(4, "1"), {"12??"}),
        ("+22", Span(4, "1"), set()),
        ("34$", Span(4, "1"), {"1?34"}),
        ("+12%34$", Span(5, "1"), {"12?34"}),
        ("+1234$", Span(4, "1"), {"1234"}),
        ("+123$", Span(4, "1"), set()),
        ("12345", Span(4, "1"), set()),
        ("23%4", Span(5, "1"), {"1234?", "123?4", "1?234"}),
    ],
)
def test_all_ways_a_pattern_can_stand(text: str, kind: Span, expected: set[str]) -> None:
    assert set(templates(Pattern.parse(text), kind)) == expected


@pytest.mark.parametrize("text", ["55", "5*5", "555", "5*5*5", "5**5**5", "1%2%3", "*55%"])
def test_common_patterns_are_walked_for(text: str) -> None:
    assert lookup(Pattern.parse(text), US) is None


@pytest.mark.parametrize(
    "text", ["5555", "5*5*5*5", "41*5**2*9", "7*77**7", "415555", "5**5**5*5", "12%34$", "+1415", "+1415%7", "5555$"]
)
def test_rare_and_bound_patterns_are_looked_up_in_few_ranges(text: str) -> None:
    found = lookup(Pattern.parse(text), US)
    assert found is not None
    assert 0 < len(found.forward) + len(found.mirrored) <= 5_000


@pytest.mark.parametrize("text", ["+49", "+10", "+123456789012345", "1234567890123"])
def test_a_pattern_that_no_number_of_the_kind_can_have_is_looked_up_nowhere(text: str) -> None:
    kind = Kind((Span(11, "12"),), 1_000_000)
    found = lookup(Pattern.parse(text), kind)
    assert found is not None
    assert not found


def test_an_empty_kind_has_nothing() -> None:
    assert lookup(Pattern.parse("5555"), Kind((), 0)) == Lookup(Ranges(), Ranges())


def test_the_cheaper_side_is_taken() -> None:
    head, tail = lookup(Pattern.parse("+1415"), US), lookup(Pattern.parse("5555$"), US)
    assert head
    assert tail
    assert (head.forward.lows, head.forward.highs) == ([14150000000], [14160000000])
    assert (tail.mirrored.lows, tail.mirrored.highs) == ([55550000000], [55560000000])


@given(st.from_regex(r"\A\+?[0-9*%]{2,14}\$?\Z"))
def test_ranges_never_explode(text: str) -> None:
    try:
        pattern = Pattern.parse(text)
    except InvalidPattern:
        return
    for kind in (US, GERMANY):
        found = lookup(pattern, kind)
        assert found is None or len(found.forward) + len(found.mirrored) <= MAX_RANGES
