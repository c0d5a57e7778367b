"""What an import tells the person who brought the file, in a memory that does not grow with what it refuses."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple

SHOWN = 50


class Refused(NamedTuple):
    """A number of a line that is not loaded, and why; 0 stands for the whole line."""

    line: int
    number: int
    reason: str


class Refusal(NamedTuple):
    """What was not loaded of a line, by its place in the file (the header is 1), and why: all of it, or one run of its
    numbers, which `reason` names then."""

    line: int
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}"


@dataclass(slots=True)
class Report:
    """`loaded` numbers; nothing is loaded when there are refusals and they may not be skipped.

    Of `refusals` only the first are kept, in `shown`; `tell` gets each of them, in the order of the file.
    """

    tell: Callable[[Refusal], object] | None = None
    loaded: int = 0
    refusals: int = 0
    refused_lines: int = 0  # lines of which something was refused
    shown: list[Refusal] = field(default_factory=list)
    _last: int = 0

    def add(self, refused: Iterable[Refused]) -> None:
        """What one chunk of the file refused; chunks come in the order of the file."""
        for refusal in _runs(refused):
            self.refusals += 1
            self.refused_lines += refusal.line != self._last
            self._last = refusal.line
            if self.refusals <= SHOWN:
                self.shown.append(refusal)
            if self.tell:
                self.tell(refusal)


def _runs(refused: Iterable[Refused]) -> Iterator[Refusal]:
    """One refusal for numbers of a line that follow one another and have the same reason."""
    numbered = enumerate(sorted(refused))
    for (line, _, reason), run in groupby(
        numbered, lambda item: (item[1].line, item[1].number - item[0], item[1].reason)
    ):
        numbers = [one.number for _, one in run]
        yield Refusal(line, reason if not numbers[0] else f"{_span(numbers[0], numbers[-1])}: {reason}")


def _span(first: int, last: int) -> str:
    return f"+{first}" if first == last else f"+{first} to +{last}"
