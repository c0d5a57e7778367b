"""What is wrong with a country file, so that whoever wrote it finds the place and knows what to write instead."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from compliance.rulebook.reading import Path, Written


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing that is wrong. `place`: the keys that lead there; `line` counts from 1."""

    file: str
    line: int
    place: str
    what: str

    def __str__(self) -> str:
        place = f" {self.place}:" if self.place else ""
        return f"{self.file}:{self.line}:{place} {self.what}"


class Report:
    """Collects the findings of one file."""

    def __init__(self, file: str, written: Written) -> None:
        self._file, self._written = file, written
        self._found: dict[Path, list[Finding]] = {}

    def add(self, path: Path, what: str) -> None:
        """Something at this place is not as it should be."""
        line = self._written.line_of(path)
        self._found.setdefault(path, []).append(Finding(self._file, line, in_words(path), what))

    def is_sound(self, path: Path) -> bool:
        """Whether nothing was found there or below."""
        return not any(place[: len(path)] == path for place in self._found)

    def findings(self) -> list[Finding]:
        """All of them, from the top of the file to its end."""
        return sorted(finding for found in self._found.values() for finding in found)


def in_words(path: Path) -> str:
    """`number_types > local > review`; positions in lists count from 1."""
    return " > ".join(f"no. {step + 1}" if isinstance(step, int) else step for step in path)


def instead(given: object, known: Iterable[str]) -> str:
    """The end of a sentence about a word that is not known: the nearest one that is, or all if they are few."""
    words = sorted(known)
    if near := get_close_matches(str(given), words, n=1, cutoff=0.6):
        return f"did you mean “{near[0]}”?"
    if len(words) == 1:
        return f"it must be “{words[0]}”"
    if len(words) <= 12:
        return f"it must be one of {', '.join(words)}"
    return "see the README beside the files"


def told(given: object) -> str:
    """A value as a message quotes it, in YAML's words, never at length."""
    words = {None: "nothing", True: "true", False: "false"}
    if isinstance(given, dict | list):
        return "a list" if isinstance(given, list) else "a group of keys"
    if given is None or isinstance(given, bool):
        return words[given]
    text = str(given)
    return f"“{text[:60]}…”" if len(text) > 60 else f"“{text}”"
