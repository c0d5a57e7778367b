"""German at the portal, its letters and its forms; English at the API, whatever anybody asks for."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.template.loader import render_to_string
from django.test import Client
from django.utils import timezone, translation

from accounts.models import Account, User
from inventory.models import Did, Tariff
from tests.api.conftest import Caller
from tests.factories import NumberFactory

pytestmark = pytest.mark.django_db

GERMAN = {"Accept-Language": "de-AT, en;q=0.5"}


def shown(client: Client, path: str) -> str:
    return client.get(path, headers=GERMAN).content.decode()


def test_a_stranger_chooses_once_and_the_browser_remembers() -> None:
    stranger = Client()
    assert '<html lang="de">' in shown(stranger, "/sign-in")
    chosen = stranger.post("/language", {"language": "en-gb", "next": "/sign-in"})
    assert chosen["Location"] == "/sign-in"
    cookie = stranger.cookies["django_language"]
    assert (cookie["max-age"], cookie["httponly"], cookie["samesite"]) == (365 * 24 * 3600, True, "Lax")
    assert '<html lang="en-gb">' in shown(stranger, "/sign-in"), "what was chosen goes before what the browser asks for"


def test_the_switch_leads_to_no_other_site() -> None:
    assert Client().post("/language", {"language": "de", "next": "//evil.example/"})["Location"] == "/"


def test_the_languages_are_called_what_their_speakers_call_them() -> None:
    for language in ("en", "de"):
        page = Client().get("/sign-in", headers={"Accept-Language": language}).content.decode()
        assert ">English</button>" in page
        assert ">Deutsch</button>" in page


def test_forms_and_refusals_are_german(client: Client) -> None:
    empty = client.post("/sign-up", {}, headers=GERMAN).content.decode()
    assert "Dieses Feld ist zwingend erforderlich." in empty
    wrong = client.post("/sign-in", {"login": "a@example.com", "password": "wrong"}, headers=GERMAN).content.decode()
    assert "E-Mail-Adresse oder Passwort ist falsch." in wrong


def test_a_page_that_is_not_there_is_not_there_in_german(client: Client) -> None:
    assert '<html lang="de">' in shown(client, "/no-such-page")
    assert '<html lang="en-gb">' in client.get("/no-such-page").content.decode()


def test_letters_are_german(client: Client) -> None:
    form = {"name": "Adas Laden", "email": "ada@example.com", "password1": "a long sentence"}
    client.post("/sign-up", form, headers=GERMAN)
    letter = mail.outbox[-1]
    assert letter.subject.endswith("ist Ihr Code für Numberyard")
    assert "Er gilt 15 Minuten." in letter.body


def test_what_allauth_says_is_as_formal_as_we_are(ada: Client) -> None:
    ada.post("/account/again", {"password": "password"}, headers=GERMAN)
    words = {"oldpassword": "password", "password1": "ein langer Satz", "password2": "ein langer Satz"}
    ada.post("/account/password", words, headers=GERMAN)
    assert "Ihr Passwort wurde geändert." in mail.outbox[-1].body


def test_numbers_days_and_money_are_written_as_in_german(ada: Client, did: Did) -> None:
    prices = {"setup_price": 0, "monthly_price": Decimal("1.15"), "currency": "EUR"}
    Tariff.objects.create(country=did.number.country, number_type=did.number.number_type, **prices)
    page = shown(ada, f"/numbers/{did.sid}")
    assert "1,15 EUR im Monat" in page
    assert re.search(r'title="\d{1,2}\. \w+ 20\d\d \d\d:\d\d"', page)


@pytest.mark.parametrize(
    ("language", "ago"),
    [("de", ["gerade eben", "vor 1 Stunde", "vor 2 Tagen"]), ("en-gb", ["just now", "1 hour ago", "2 days ago"])],
    ids=["de", "en"],
)
def test_how_long_ago_is_declined(language: str, ago: list[str]) -> None:
    for passed, words in zip((timedelta(), timedelta(hours=1), timedelta(days=2)), ago, strict=True):
        with translation.override(language):
            said = render_to_string("components/ago.html", {"at": timezone.now() - passed})
        assert f">{words}</time>" in said.replace("&nbsp;", " ").replace("\N{NO-BREAK SPACE}", " ")


def test_the_api_speaks_english_to_everybody(account: Account, ada_herself: User) -> None:
    number = NumberFactory.create()
    caller = Caller(account.sid, account.auth_token)
    asked = {"PhoneNumber": f"+{number.e164}", "VoiceUrl": "ftp://example.com"}
    path = caller.of("IncomingPhoneNumbers.json")
    english = caller.post(path, asked)
    german = caller.post(path, asked, Accept_Language="de", Cookie="django_language=de")
    assert english.status_code == 400
    assert german.json() == english.json()
    assert "Content-Language" not in german


def test_who_keeps_pages_keeps_one_for_each_language() -> None:
    for language in ("en", "de"):
        answer = Client().get("/sign-in", headers={"Accept-Language": language})
        assert "Accept-Language" in answer["Vary"]
