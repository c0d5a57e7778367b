"""What a page says that nobody can translate."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from compliance.evaluation.identifiers import described
from numbering.countries import every, name_of
from tests.compliance.evaluation.cases import countries, rules_of
from tests.portal.languages.pseudo import CLOSING, OPENING

SPOKEN = ("title", "placeholder", "aria-label", "alt", "label", "data-label", "data-done", "data-failed", "data-over")
SPOKEN_TOO = ("data-missing", "data-other-type", "data-too-big", "data-sending", "aria-description")
_SILENT = ("script", "style", "textarea", "template")
_VOID = ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
#: What is the same in every language: SIDs, addresses of people and pages, names of our factories, currencies, types of
#: files.
_THE_SAME = re.compile(
    r"\b[A-Z]{2}[0-9a-f]{32}\b|[\w.+-]+@[\w-]+(\.[\w-]+)+|\b(https?|otpauth)://\S+"
    r"|\b(Bundle|Paper|Musterfirma|Carrier|Customer)[ -]\d+\b( GmbH)?|\b(EUR|USD|UTC|SID|GET|POST|MOS|GDPR|PDF|JPEG|PNG|Numberyard)\b|https://"
)
_COUNTRIES = re.compile(
    "|".join(sorted((re.escape(name_of(code, "de")) for code, _ in every()), key=len, reverse=True))
)
#: What numbers of registers and tax offices are called, with an example of each.
_IDENTIFIERS = {
    text
    for country in countries()
    for check in rules_of(country).identifiers.values()
    for told in described(check)
    for text in told
    if text
}
_LETTER = re.compile(r"[^\W\d_]")


def untranslated(page: str, *, data: tuple[str, ...] = ()) -> list[str]:
    """Every piece of text outside of the brackets that holds letters, in the order of the page.

    Not looked at: what is marked `translate="no"`, `code`, words in a language of their own (`lang`), what was typed
    into a field, and `data`: the names that the world of a test gave.
    """
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return [left for piece in reader.pieces if (left := _left(piece, data))]


def _left(piece: str, data: tuple[str, ...]) -> str:
    rest = _THE_SAME.sub("", piece)
    for each in sorted({*data, *_IDENTIFIERS}, key=len, reverse=True):
        rest = rest.replace(each, "")
    rest = _COUNTRIES.sub("", rest)
    return " ".join(piece.split()) if _LETTER.search(rest) else ""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.depth = 0
        self.skipped: list[str] = []
        self.pieces: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        is_data = (
            tag in (*_SILENT, "code", "kbd") or given.get("translate") == "no" or ("lang" in given and tag != "html")
        )
        if self.skipped or is_data:
            if tag not in _VOID:
                self.skipped.append(tag)
            return
        for name in (*SPOKEN, *SPOKEN_TOO, *(["value"] if given.get("type") in ("submit", "button") else [])):
            if name in given:
                self._read(given[name])

    def handle_endtag(self, tag: str) -> None:
        if tag in self.skipped:
            while self.skipped.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not self.skipped:
            self._read(data)

    def _read(self, text: str) -> None:
        self.pieces += list(self._outside(text))

    def _outside(self, text: str) -> Iterator[str]:
        for piece in re.split(f"([{OPENING}{CLOSING}])", text):
            self.depth += (piece == OPENING) - (piece == CLOSING)
            if self.depth <= 0 and piece.strip(f" {OPENING}{CLOSING}"):
                yield piece
