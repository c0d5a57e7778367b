"""No page is forgotten, every list of words is whole, and programs are spoken to in English."""

import re
from base64 import b64encode
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver
from django.utils.translation import override

from accounts.models import Account, AccountStatus
from compliance.lifecycle import BundleState
from compliance.models import EndUserType
from compliance.vault import kinds, words
from compliance.vault.examination import pdf, reasons, strangers
from inventory.lifecycle import MEANING, State
from inventory.models import UnwantedKind
from numbering.types import NumberType
from portal import choice_words
from portal.language import DOORS
from testing_lab import words as of_tests
from testing_lab.registry import all_tests
from tests.portal.languages import test_entrance, test_filed, test_numbers, test_papers, test_shop
from tests.portal.languages.reading import untranslated

SYMBOLS = {"s", "ms", "%", "MOS-CQE"}
ROOMS = (test_entrance, test_filed, test_numbers, test_papers, test_shop)


def names(found: URLResolver | None = None) -> Iterator[str]:
    """Of every page that speaks other languages."""
    for each in (found or get_resolver()).url_patterns:
        if isinstance(each, URLResolver):
            yield from names(each)
        elif isinstance(each, URLPattern) and each.callback.__module__.startswith((*DOORS, "django.contrib.auth")):
            yield str(each.name)


def test_every_page_is_walked_over() -> None:
    walked = {name for room in ROOMS for name in room.PAGES}
    assert walked >= {name for name in names() if not name.startswith("auth_")}


@pytest.mark.parametrize("text", ["Hello", "⟦Hello⟧ Ada", "⟦a ⟧of⟦ b⟧", '<p title="Hello">⟦x⟧</p>', "<b>⟦x⟧</b> y"])
def test_a_word_outside_of_the_brackets_is_found(text: str) -> None:
    assert untranslated(text) != []


@pytest.mark.parametrize("text", ["⟦Hello⟧ 5", '⟦a <b title="x">b</b>⟧', "<code>x</code>", '<p lang="fr">oui</p>'])
def test_nothing_else_is(text: str) -> None:
    assert untranslated(text) == []


def test_every_word_of_the_lab_is_listed() -> None:
    tests = all_tests()
    assert {test.title for test in tests} == set(of_tests.TITLES)
    assert {test.unit for test in tests} - SYMBOLS - {""} == set(of_tests.UNITS)
    assert {test.limit for test in tests} == set(of_tests.LIMITS)


def test_every_word_of_the_choices_is_listed() -> None:
    assert {state.label for state in State} == set(choice_words.STATES)
    assert set(MEANING.values()) == set(choice_words.MEANINGS)
    assert {each.label.lower() for each in NumberType} == set(choice_words.TYPES)
    assert {each.label.lower() for each in AccountStatus} == set(choice_words.ACCOUNTS)
    assert {each.label.lower() for each in EndUserType} == set(choice_words.PEOPLE)
    assert {each.label for each in UnwantedKind} == set(choice_words.UNWANTED)
    assert {state.label for state in BundleState} == set(choice_words.BUNDLES)


def test_every_reason_against_a_file_is_listed() -> None:
    said = {text for name, text in vars(reasons).items() if name.isupper()}
    assert said == set(words.REASONS)
    others = {name for name, _signature in kinds._OTHERS}
    seconds = {name for name, *_rest in (*strangers._ANYWHERE, *strangers._AT)}
    inside = {
        getattr(pdf, name) for name in ("SCRIPT", "PROGRAM", "ATTACHMENT", "MEDIA", "ELSEWHERE", "SENDING", "XFA")
    }
    assert set(words.KINDS) >= others | seconds | inside | {pdf.BY_ITSELF}


@pytest.mark.parametrize("reason", [text for name, text in sorted(vars(reasons).items()) if name.isupper()])
def test_a_reason_against_a_file_is_told_again(reason: str) -> None:
    filled = re.sub(r"\{\w+[^}]*\}", "a script", reason)
    with override("en-gb"):
        assert words.in_words(filled) == filled, "in English nothing changes"
    with override("de"):
        assert untranslated(words.in_words(filled), data=("a script",)) == []


def test_programs_hear_english(account: Account, client: Client) -> None:
    key = b64encode(f"{account.sid}:{account.auth_token}".encode()).decode()
    spoken = {"Accept-Language": "de", "Authorization": f"Basic {key}"}
    root = f"/2010-04-01/Accounts/{account.sid}"
    answers = [
        client.post(f"{root}/IncomingPhoneNumbers.json", {"PhoneNumber": "+14155550199"}, headers=spoken),
        client.get(f"{root}/AvailablePhoneNumbers/US/Local.json?Contains=%25%25", headers=spoken),
        client.post(f"{root}/Addresses.json", {"IsoCountry": "DE", "CustomerName": "x"}, headers=spoken),
        client.get("/v2/RegulatoryCompliance/Regulations?IsoCountry=XX", headers=spoken),
    ]
    assert {answer.status_code for answer in answers} <= {200, 400, 404}
    assert [answer for answer in answers if "⟦" in answer.content.decode()] == []
