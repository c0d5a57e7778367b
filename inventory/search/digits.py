"""Patterns as ranges of numbers: what lets two plain btrees find "5*5*5*5" anywhere in ten million numbers.

In a number of n digits the pattern can stand at few offsets. At one offset some digits are given and the others free:

    5*5*5*5 at offset 3 of 11 digits starting with 1:   1??5?5?5?5?

Read from the left, the digits up to the third 5 are 10,000 prefixes ("1005050", "1005051", ...), each a range of the
index on the number. Read from the right (the index on the mirrored digits) the same knowledge costs 1,000. For each
offset the cheaper side and depth is taken: few enough ranges to probe, few enough numbers in them to look at. What
they hold is checked against the whole pattern, so they need only contain all matches.
"""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from numbering.patterns import ANY_DIGIT, Pattern

FREE = "?"
#: A probe of a btree costs about as much as reading six entries of a range (measured: 2.5 and 0.4 microseconds).
PROBE_COST = 6
#: How many matches a walk has to meet until it may stop: a page.
WALKED_FOR = 50
MAX_RANGES = 20_000
MAX_TEMPLATES = 1_000


class Span(NamedTuple):
    """Numbers on sale of one length: how many digits they have, and the digits that all of them start with."""

    length: int
    prefix: str


class Kind(NamedTuple):
    """What the stock of one (country, type) looks like: its spans, and about how many numbers are on sale.

    The spans must be true (they decide what is found); `size` only sways which way is taken.
    """

    spans: tuple[Span, ...]
    size: int


@dataclass(frozen=True)
class Ranges:
    """Half-open ranges [low, high) of integers, as two columns."""

    lows: list[int] = field(default_factory=list)
    highs: list[int] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.lows)

    def add(self, head: str, length: int) -> None:
        """All numbers of `length` digits that start with `head`, in which FREE stands for any digit."""
        starts = [0]
        for digit in head:
            choices = range(10) if digit == FREE else (int(digit),)
            starts = [start * 10 + choice for start in starts for choice in choices]
        width = 10 ** (length - len(head))
        self.lows.extend(start * width for start in starts)
        self.highs.extend((start + 1) * width for start in starts)


class Lookup(NamedTuple):
    """Where matches can be: ranges of the number, and ranges of its mirrored digits."""

    forward: Ranges
    mirrored: Ranges

    def __bool__(self) -> bool:
        return bool(self.forward or self.mirrored)


class Cut(NamedTuple):
    """The head of a template that is looked up, and what that costs, in index entries read."""

    cost: float
    ranges: int
    mirrored: bool
    head: str


def lookup(pattern: Pattern, kind: Kind) -> Lookup | None:
    """Ranges that hold all matches of the pattern in this kind; empty when it can't match at all.

    None when a walk along the shelf is cheaper, since it soon meets a page of matches. How soon is only an
    expectation (digits evenly spread). For a pattern bound to an end that can be badly wrong ("+10" is one number in
    ten, but no US number), and its ranges are few, so it is always looked up.
    """
    cuts: list[tuple[Span, Cut]] = []
    density = 0.0
    for span in kind.spans:
        found = list(itertools.islice(templates(pattern, span), MAX_TEMPLATES + 1))
        if len(found) > MAX_TEMPLATES:
            return None
        cuts += [(span, cheapest(template, span, kind.size)) for template in found]
        density += sum(0.1 ** _told(template, span) for template in found)
    bound = pattern.anchored_start or pattern.anchored_end
    if _too_dear([cut for _, cut in cuts], density, kind.size, bound=bound):
        return None
    result = Lookup(Ranges(), Ranges())
    for span, cut in cuts:
        (result.mirrored if cut.mirrored else result.forward).add(cut.head, span.length)
    return result


def _too_dear(cuts: list[Cut], density: float, size: int, *, bound: bool) -> bool:
    if sum(cut.ranges for cut in cuts) > MAX_RANGES:
        return True
    walk = min(size, WALKED_FOR / density) if density else size
    return not bound and sum(cut.cost for cut in cuts) > walk


def templates(pattern: Pattern, span: Span) -> Iterator[str]:
    """Every way the pattern can stand in a number of this span: its digits, the unknown ones FREE."""
    blank = span.prefix.ljust(span.length, FREE)
    for offsets in _placements(pattern, span.length):
        template: str | None = blank
        for offset, segment in zip(offsets, pattern.segments, strict=True):
            template = template and _written(template, segment, offset)
        if template:
            yield template


def _placements(pattern: Pattern, length: int) -> Iterator[tuple[int, ...]]:
    """The offsets of all segments, in order and without overlap."""
    lengths = [len(segment) for segment in pattern.segments]
    slack = length - sum(lengths)
    packed = [sum(lengths[:index]) for index in range(len(lengths))]
    for shifts in itertools.combinations_with_replacement(range(slack + 1), len(lengths)):
        if (pattern.anchored_start and shifts[0]) or (pattern.anchored_end and shifts[-1] != slack):
            continue
        yield tuple(at + shift for at, shift in zip(packed, shifts, strict=True))


def _written(template: str, segment: str, offset: int) -> str | None:
    """The template with the segment's digits at their places; None when another digit is there already."""
    end = offset + len(segment)
    merged = [_merged(old, new) for old, new in zip(template[offset:end], segment, strict=True)]
    return None if None in merged else template[:offset] + "".join(map(str, merged)) + template[end:]


def _merged(old: str, new: str) -> str | None:
    if new in (ANY_DIGIT, old):
        return old
    return new if old == FREE else None


def _told(template: str, span: Span) -> int:
    """How many digits are given beyond those that all numbers of the span share."""
    return sum(digit != FREE for digit in template) - len(span.prefix)


def cheapest(template: str, span: Span, size: int) -> Cut:
    """The side and depth at which to look the template up among `size` numbers."""
    own = template[len(span.prefix) :]
    forward = (cut._replace(head=span.prefix + cut.head) for cut in _cuts(own, size, mirrored=False))
    return min(itertools.chain(forward, _cuts(own[::-1], size, mirrored=True)), key=lambda cut: cut.cost)


def _cuts(template: Iterable[str], size: int, *, mirrored: bool) -> Iterator[Cut]:
    """Each depth at which a template can be looked up from one side. More digits: more probes or fewer numbers."""
    head, ranges, numbers = "", 1, float(size)
    yield Cut(PROBE_COST + numbers, ranges, mirrored, head)
    for digit in template:
        head += digit
        if digit == FREE:
            ranges *= 10
        else:
            numbers /= 10
        yield Cut(ranges * PROBE_COST + numbers, ranges, mirrored, head)
