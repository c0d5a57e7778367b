"""What an import tells the person who brought the file."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Refusal:
    """A line that was not loaded, or a number of it, by the line's place in the file (the header is 1), and why."""

    line: int
    reason: str


@dataclass(slots=True)
class Report:
    """`loaded` numbers; nothing is loaded when there are refusals and they may not be skipped."""

    loaded: int = 0
    refusals: list[Refusal] = field(default_factory=list)

    @property
    def refused_lines(self) -> int:
        """Lines of which something was refused."""
        return len({refusal.line for refusal in self.refusals})

    def refuse(self, line: int, reason: str) -> None:
        """Note why a line, or a number of it, is not loaded."""
        self.refusals.append(Refusal(line, reason))
