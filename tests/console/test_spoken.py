"""Codes of rows as people say them, and the cells of the lists that show them."""

from datetime import timedelta

import pytest
from django.contrib import admin
from django.test import Client
from django.utils import timezone

from console import cells, spoken
from inventory.lifecycle import MOVES
from inventory.models import LifecycleEntry, Tariff
from inventory.services.transition import move
from tests.factories import NumberFactory


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("user:ada@example.com", "ada@example.com"),
        ("sweep:quarantine", "the quarantine engine"),
        ("sweep:something_new", "the sweep of something new"),
        ("lab:drift", "the lab"),
        ("lab:host:17", "the lab (host:17)"),
        ("provider:petrel", "provider petrel"),
        ("nobody", "nobody"),
        ("", ""),
    ],
)
def test_who_did_it_is_said_in_words(code: str, words: str) -> None:
    assert spoken.actor(code) == words


def test_evidence_has_a_name_that_people_say() -> None:
    assert [spoken.exchange(name) for name in ("InboundCall", "EmergencyTestCall", "SMS")] == [
        "Inbound call",
        "Emergency test call",
        "SMS",
    ]


def test_each_move_of_a_life_has_words() -> None:
    assert [verb for verb in MOVES if spoken.move(verb) == verb.replace("_", " ")] == []
    assert spoken.move("of_the_future") == "of the future"


def test_a_moment_says_how_far_it_is_whichever_way() -> None:
    now = timezone.now()
    assert ">2\xa0hours ago<" in cells.moment(now - timedelta(hours=2, seconds=5))
    assert ">in 2\xa0hours<" in cells.moment(now + timedelta(hours=2, seconds=5))
    assert ">just now<" in cells.moment(now)
    assert cells.moment(None) == "-"


def test_the_ledger_speaks_and_writes_numbers_as_abroad(staff: Client) -> None:
    number = NumberFactory.create(e164=442079460018)
    move(number.pk, "start_tests", actor="sweep:retests", reason="the retest is due")
    shown = staff.get("/console/inventory/lifecycleentry/").content.decode()
    for words in ("+44 20 7946 0018", "sent to the lab", "the retests", "just now"):
        assert words in shown
    assert "<title> Ledger |" in " ".join(shown.split())
    entry = LifecycleEntry.objects.latest("pk")
    page = staff.get(f"/console/inventory/lifecycleentry/{entry.pk}/change/").content.decode()
    assert f'href="/console/inventory/phonenumber/{number.pk}/change/"' in page


def test_columns_are_one_and_the_same_each_time() -> None:
    model_admin = admin.site.get_model_admin(Tariff)
    names = list(model_admin.list_display)
    assert cells.columns(Tariff, names) == cells.columns(Tariff, names)
