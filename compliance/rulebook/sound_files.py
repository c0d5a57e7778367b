"""The country files, read whole: all of them are sound, or none is used."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from compliance.rulebook.country_files import COUNTRY_FILES, paths_of
from compliance.rulebook.described import digest_of
from compliance.rulebook.findings import Finding
from compliance.rulebook.linter import lint_file, strangers


@dataclass(frozen=True, slots=True)
class CountryFile:
    """A sound file."""

    country: str
    document: dict[str, Any]
    digest: str


class BadCountryFiles(Exception):
    """Some files can't be used; the message names each finding with its file and line."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(map(str, self.findings)))


def read_all(folder: Path = COUNTRY_FILES) -> Sequence[CountryFile]:
    """Every country file of the folder. Raises BadCountryFiles with everything that is wrong with any of them."""
    paths = paths_of(folder)
    findings = strangers(paths)
    files = []
    for path in paths:
        document, found = lint_file(path)
        findings += found
        if not found:
            files.append(CountryFile(document["country"], document, digest_of(document)))
    if findings:
        raise BadCountryFiles(findings)
    return files
