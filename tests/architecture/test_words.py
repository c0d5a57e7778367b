"""Every word that customers read is there in every language of their pages, and what Django reads is what we wrote."""

import re
from collections import Counter
from io import BytesIO
from typing import Any

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from django.utils import translation

from tests.architecture import sizes, words

LANGUAGES = sorted(words.languages())
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*[^}]*\}")
TAG = re.compile(r"</?[a-z][^>]*>")


@pytest.fixture(params=LANGUAGES)
def book(request: pytest.FixtureRequest) -> Catalog:
    return words.kept(request.param)


def said(book: Catalog) -> list[Message]:
    return [message for message in book if message.id]


def originals(message: Message) -> list[str]:
    return list(message.id) if isinstance(message.id, (tuple, list)) else [str(message.id)]


def differing(book: Catalog, kind: re.Pattern[str]) -> list[tuple[str, str]]:
    """List each form in which things of a kind are neither those of the English singular nor those of the plural."""
    return [
        (originals(message)[0], form)
        for message in said(book)
        for form in words.forms(message)
        if Counter(kind.findall(form.replace("%%", "")))
        not in [Counter(kind.findall(one.replace("%%", ""))) for one in originals(message)]
    ]


def test_the_words_are_found_in_python_and_in_templates() -> None:
    found = words.marked()
    assert len(found) > 1000
    files = {file.split("/")[0] for message in found for file, _ in message.locations}
    assert {"accounts", "portal", "templates"} <= files


def test_no_function_of_gettext_goes_by_a_name_that_is_not_looked_for() -> None:
    aliases = re.compile(r"^from django\.utils\.translation import .*?gettext\w* as (\w+)", re.MULTILINE)
    found = {
        (alias, str(path.relative_to(sizes.ROOT)))
        for path in sizes.source_files(*words.PLACES)
        for alias in aliases.findall(path.read_text(encoding="utf-8"))
    }
    assert found
    assert {(alias, path) for alias, path in found if alias not in words.CALLS} == set()


def test_calls_in_a_template_are_found_wherever_they_stand() -> None:
    page = b"""{% load i18n %}<ul>
    <li title="{% translate 'Told' context "of a bell" %}">
        {% blocktranslate trimmed count n=rows|length with who=name %}
          One of {{ who }}
        {% plural %}
          {{ n }} of {{ who }}: 5%
        {% endblocktranslate %}
      {# Translators: a verb #}
      {% include "x.html" with label=_("Open") %}{{ state|default:_("Shut") }}"""
    reader: Any = words.template
    found = extract(reader, BytesIO(page), words.CALLS, (words.TO_TRANSLATORS,))
    assert [(said, comments, context) for _, said, comments, context in found] == [
        ("Told", [], "of a bell"),
        (("One of %(who)s", "%(n)s of %(who)s: 5%%"), [], None),
        ("Open", ["Translators: a verb"], None),
        ("Shut", [], None),
    ]


def test_calls_in_a_module_are_found_and_what_is_looked_up_is_not_one() -> None:
    module = b"""
# Translators: of a bell
said = pgettext("of a bell", "Told " "twice") % {"who": _(names["bell"])}
more = _(f"{said}") + translation.ngettext("%(n)s bell", "%(n)s bells", len(names))
"""
    reader: Any = words.python
    found = extract(reader, BytesIO(module), words.CALLS, (words.TO_TRANSLATORS,))
    assert [(said, comments, context) for _, said, comments, context in found] == [
        ("Told twice", ["Translators: of a bell"], "of a bell"),
        (("%(n)s bell", "%(n)s bells"), [], None),
    ]


def test_the_files_have_the_words_that_are_marked(book: Catalog) -> None:
    kept = {(message.id, message.context) for message in said(book)}
    marked = {(message.id, message.context) for message in said(words.marked())}
    assert {"new": marked - kept, "gone": kept - marked} == {"new": set(), "gone": set()}, "run: make words"
    assert not book.obsolete


def test_nothing_is_left_in_english_or_unsure(book: Catalog) -> None:
    assert [message.id for message in words.untranslated(book)] == []
    assert [message.id for message in said(book) if message.fuzzy] == []
    assert [m.id for m in said(book) if m.pluralizable and len(words.forms(m)) != book.num_plurals] == []


@pytest.mark.parametrize("kind", [PLACEHOLDER, TAG], ids=["placeholders", "tags"])
def test_a_translation_keeps_what_programs_fill_in(book: Catalog, kind: re.Pattern[str]) -> None:
    assert differing(book, kind) == []


def test_a_translation_begins_and_ends_as_the_original(book: Catalog) -> None:
    def edges(text: str) -> tuple[str, str]:
        return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]

    assert [m.id for m in said(book) if {edges(f) for f in words.forms(m)} != {edges(originals(m)[0])}] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_django_reads_is_what_we_wrote(language: str) -> None:
    file = words.po_file(language)
    assert file.read_bytes() == words.written(words.renewed(language)), "run: make words"
    assert file.with_suffix(".mo").read_bytes() == words.compiled(words.kept(language)), "run: make words"


def test_german_is_formal_and_quotes_as_germans_do() -> None:
    forms = [form for message in said(words.kept("de")) for form in words.forms(message)]
    assert [form for form in forms if re.search(r"\b(du|dir|dich|dein\w*|euch|euer)\b", form, re.IGNORECASE)] == []
    assert [form for form in forms if "\N{RIGHT DOUBLE QUOTATION MARK}" in form or "'" in form] == []


def test_german_is_spoken() -> None:
    with translation.override("de"):
        assert translation.gettext("My numbers") == "Meine Rufnummern"
        assert translation.ngettext("number held", "numbers held", 2) == "Rufnummern reserviert"
