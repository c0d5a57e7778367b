"""Finding a number in the console by what staff type."""

import pytest
from django.db import connection
from django.db.models import Q
from django.test import Client
from django.test.utils import CaptureQueriesContext

from console.read_only import CappedPaginator
from console.searching import found, lives
from inventory.lifecycle import State
from inventory.models import PhoneNumber
from tests.factories import NumberFactory


@pytest.fixture
def numbers(db: None) -> None:
    for e164 in (14155550101, 14155550199, 14155550990, 14155555000, 14165550101, 442079460018):
        NumberFactory.create(e164=e164)
    NumberFactory.create(e164=14155550101, sourced=True, state=State.RETURNED)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("+14155550199", {14155550199}),
        ("+1 (415) 555-0199", {14155550199}),
        ("1415", {14155550101, 14155550199, 14155550990, 14155555000}),
        ("+44 20", {442079460018}),
        ("415 555 0199", {14155550199}),
        ("(415) 555-0199", {14155550199}),
        ("020 7946", {442079460018}),
        ("2079460018", {442079460018}),
        ("+415", set()),
        ("41", set()),
        ("0101", {14155550101, 14165550101}),
        ("101", set()),
        ("+0101", set()),
        ("5501 01", {14155550101, 14165550101}),
        ("9990", set()),
        ("0990", {14155550990}),
        ("5000", set()),
        ("55000", {14155555000}),
        ("0000", set()),
        ("anything", set()),
        ("1", set()),
        ("1" * 16, set()),
        ("٤١٥", set()),
        ("'; drop table", set()),
    ],
)
def test_a_number_is_found_by_its_beginning_as_written_abroad_or_at_home(
    numbers: None, typed: str, expected: set[int]
) -> None:
    assert {number.e164 for number in PhoneNumber.objects.filter(pk__in=found(typed))} == expected


def test_a_search_reads_indexes_and_not_the_stock(numbers: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # a handful of rows it would read at once
    with CaptureQueriesContext(connection) as asked:
        found("415 555")
    for query in asked.captured_queries:
        if "e164" in query["sql"]:
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN {query['sql']}")
                assert "Seq Scan" not in str(cursor.fetchall())


def test_past_lives_are_found_too(numbers: None) -> None:
    assert len(found("+14155550101")) == 2
    assert len(lives(Q(e164=14155550101))) == 2


def test_the_box_of_the_list_searches(numbers: None, staff: Client) -> None:
    shown = staff.get("/console/inventory/phonenumber/", {"q": "+44"}).content.decode()
    assert "+44 20 7946 0018" in shown
    assert "+1 415-555-0199" not in shown


@pytest.mark.parametrize("query", ["country=GB", "number_type__exact=local", "state__exact=AVAILABLE"])
def test_the_list_filters(numbers: None, staff: Client, query: str) -> None:
    answer = staff.get(f"/console/inventory/phonenumber/?{query}")
    assert answer.status_code == 200
    assert "+44 20 7946 0018" in answer.content.decode()


def test_the_paginator_counts_no_further_than_its_ceiling(numbers: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.read_only.CEILING", 3)
    pages = CappedPaginator(PhoneNumber.objects.order_by("-pk"), 2)
    assert (pages.count, pages.is_capped, pages.num_pages) == (3, True, 2)
