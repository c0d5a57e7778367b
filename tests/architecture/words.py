"""The words of the customers' pages and what they are in other languages. `make words` runs this, without GNU gettext.

Django's `makemessages` calls programs of GNU gettext that few machines have. Babel reads Python; templates are first
made readable by the same function of Django that `makemessages` uses.
"""

import ast
import os
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir, extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

from tests.architecture.sizes import ROOT

LOCALE = ROOT / "locale"
#: Where words of customers stand. The API and the console speak English.
PLACES = ("accounts", "compliance", "inventory", "numbering", "portal", "templates", "testing_lab")
PLURAL = (1, 2)
IN_CONTEXT = ((1, "c"), 2)
PLURAL_IN_CONTEXT = ((1, "c"), 2, 3)
CALLS: Mapping[str, Any] = {
    **dict.fromkeys(("_", "lazy"), None),  # `from django.utils.translation import gettext_lazy as lazy`
    **dict.fromkeys(("gettext", "gettext_lazy", "gettext_noop"), None),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), PLURAL),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), IN_CONTEXT),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), PLURAL_IN_CONTEXT),
}
TO_TRANSLATORS = "Translators:"  # a comment that begins so, above the words, comes into the .po file
BEGUN = datetime(2026, 1, 1, tzinfo=UTC)  # always the same: a file changes when its words do


def template(
    file: IO[bytes], keywords: Collection[str], comment_tags: Collection[str], options: Mapping[str, Any]
) -> Iterable[tuple[Any, ...]]:
    """Read the words of a template. Django gives calls of gettext amid blanked text, indented as the page is."""
    lines = templatize(file.read().decode()).splitlines()
    calls = "\n".join(line.lstrip() for line in lines) + "\n"
    return extract_python(BytesIO(calls.encode()), dict.fromkeys(keywords), comment_tags, {})


def python(
    file: IO[bytes], keywords: Collection[str], comment_tags: Collection[str], options: Mapping[str, Any]
) -> Iterator[tuple[Any, ...]]:
    """Read the words of a module. Babel's own reader takes `_(words["key"])` for a call with "key"."""
    source = file.read().decode()
    lines = ["", *(line.strip().removeprefix("# ") for line in source.splitlines())]
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    for call in sorted(calls, key=lambda each: each.lineno):
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        if name in keywords:
            said = tuple(each.value if isinstance(each, ast.Constant) else None for each in call.args)
            above = lines[call.lineno - 1]
            yield call.lineno, name, said, [above] if above.startswith(tuple(comment_tags)) else []


READERS: list[tuple[str, Any]] = [
    ("**/migrations/**", "ignore"),
    ("**.py", python),
    ("**.html", template),
    ("**.txt", template),
    ("**.svg", template),
]


def marked() -> Catalog:
    """Collect every word that is marked for translation, with the files in which it stands."""
    found = Catalog()
    for place in PLACES:
        rows = extract_from_dir(ROOT / place, READERS, keywords=CALLS, comment_tags=(TO_TRANSLATORS,))
        for file, line, words, comments, context in rows:
            found.add(words, None, [(f"{place}/{file}", line)], auto_comments=comments, context=context)
    return found


def languages() -> list[str]:
    """List the languages of the pages other than English, in which they are written."""
    return [code for code, _ in settings.LANGUAGES if code.split("-")[0] != "en"]


def po_file(language: str) -> Path:
    """Say where the translations into a language stand."""
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def kept(language: str) -> Catalog:
    """Read the translations into a language: none where its file does not exist yet."""
    path = po_file(language)
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def renewed(language: str) -> Catalog:
    """Put the words as they are marked now beside the translations that are kept. What is no longer said is dropped."""
    old, new = kept(language), marked()
    book = Catalog(
        language, project="Numberyard", version="1", header_comment=old.header_comment, creation_date=BEGUN,
        revision_date=BEGUN, last_translator="Numberyard", language_team=language, fuzzy=False,
        msgid_bugs_address="Numberyard",
    )  # fmt: skip
    for message in new:
        if message.id:
            before = old.get(message.id, message.context)
            string = before.string if before and before.pluralizable == message.pluralizable else None
            places = sorted({(file, 1) for file, _ in message.locations})
            book.add(message.id, string, places, auto_comments=message.auto_comments, context=message.context)
    return book


def written(book: Catalog) -> bytes:
    """Give the .po file as octets. Without numbers of lines, which change with every edit of a page."""
    file = BytesIO()
    write_po(file, book, width=120, sort_by_file=True, include_lineno=False)
    return file.getvalue()


def compiled(book: Catalog) -> bytes:
    """Give the .mo file, which Django reads, as octets."""
    file = BytesIO()
    write_mo(file, book)
    return file.getvalue()


def forms(message: Message) -> list[str]:
    """List what stands for a message in the other language: one text, or one for each plural form."""
    string: Any = message.string
    return list(string) if message.pluralizable else [string]


def untranslated(book: Catalog) -> Iterator[Message]:
    """List the messages that lack a translation, or one of its plural forms."""
    for message in book:
        if message.id and not all(forms(message)):
            yield message


def main() -> None:
    """Renew the files of every language and print how many messages still lack words."""
    for language in languages():
        path = po_file(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(written(renewed(language)))
        book = kept(language)
        path.with_suffix(".mo").write_bytes(compiled(book))
        lacking = sum(1 for _ in untranslated(book))
        sys.stdout.write(f"{path.relative_to(ROOT)}: {len(book)} messages, {lacking} without a translation\n")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    main()
