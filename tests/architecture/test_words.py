"""Every word that customers read is there in every language of their pages, and what Django reads is what we wrote."""

from io import BytesIO
from typing import Any

from babel.messages.extract import extract

from tests.architecture import words


def test_the_words_are_found_in_python_and_in_templates() -> None:
    found = words.marked()
    assert len(found) > 1000
    files = {file.split("/")[0] for message in found for file, _ in message.locations}
    assert {"accounts", "portal", "templates"} <= files


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
