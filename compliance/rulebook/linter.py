"""Whether country files are sound: all that is wrong with them, told to whoever wrote them.

Nothing is loaded that has a finding, so the rest of the room may trust what it reads. See docs/regulations.md.
"""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from compliance.rulebook.catalogue import catalogue
from compliance.rulebook.consistency import of_the_whole
from compliance.rulebook.country_files import COMMON_FILES
from compliance.rulebook.findings import Finding, Report
from compliance.rulebook.grammar import country_file
from compliance.rulebook.reading import MAXIMUM_BYTES, Unreadable, read
from compliance.rulebook.shapes import Shape


class Linted(NamedTuple):
    """What a file says, and what is wrong with it. Without findings the document is sound."""

    document: dict[str, Any]
    findings: list[Finding]


def lint_file(path: Path) -> Linted:
    """Look at one country file. Raises OSError."""
    with path.open("rb") as file:
        return lint(file.read(MAXIMUM_BYTES + 1), path.name)


def lint(content: bytes, name: str) -> Linted:
    """Look at the content of a country file; `name` is the file's, such as `de.yaml`."""
    try:
        written = read(content)
    except Unreadable as error:
        return Linted({}, [Finding(name, error.line, "", error.what)])
    report = Report(name, written)
    _grammar()(written.document, (), report)
    if isinstance(written.document, dict):
        of_the_whole(written.document, name.removesuffix(".yaml").upper(), report)
    return Linted(written.document, report.findings())


@cache
def _grammar() -> Shape:
    return country_file(catalogue())


def strangers(paths: Iterable[Path]) -> list[Finding]:
    """Files of the folder that nobody would read: their names are no country's."""
    what = "a country's file is called by its code in lower case, like de.yaml; this one would never be read"
    names = sorted(path.name for path in paths if path.name not in COMMON_FILES)
    return [Finding(name, 1, "", what) for name in names if not _is_country_file(name)]


def _is_country_file(name: str) -> bool:
    stem = name.removesuffix(".yaml")
    return len(stem) == 2 and stem.isascii() and stem.isalpha() and stem.islower()
