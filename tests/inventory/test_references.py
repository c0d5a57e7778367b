"""Raw SQL against the references that no foreign key keeps: each row's parent is there, and stays."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from inventory.models import LifecycleEntry, PhoneNumber, Provider
from numbering.models import Place
from tests.factories import NumberFactory, ProviderFactory

pytestmark = pytest.mark.django_db

NOBODY = 987_654_321
MANY = 20_000
NUMBERS = """
INSERT INTO inventory_phonenumber (e164, country, number_type, area_code, region, declared_capabilities, capabilities,
    beta, origin, currency, state, blocked, provider_id, place_id)
SELECT 14155550000 + row, 'US', 'local', '415', '', 1, 0, false, 'onboarded_new', '', 'SOURCED', false, provider, place
FROM unnest(%s::bigint[], %s::bigint[]) WITH ORDINALITY AS given (provider, place, row)
"""
ENTRIES = """
INSERT INTO inventory_lifecycleentry (number_id, verb, source, target, actor, reason, rule, data)
SELECT number, 'source', '', 'SOURCED', 'import:test', '', '', '{}' FROM unnest(%s::bigint[]) AS given (number)
"""


@pytest.fixture
def provider() -> Provider:
    made: Provider = ProviderFactory.create()
    return made


@pytest.fixture
def place() -> Place:
    return Place.objects.create(
        id=1, country="US", name="Oakland", normalised_name="oakland", granularity="locality", source="libphonenumber"
    )


def run(sql: str, *parameters: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def refused(sql: str, *parameters: Any) -> None:
    with pytest.raises(IntegrityError, match="refers to what is not in"):
        run(sql, *parameters)


def test_numbers_have_a_provider_and_a_place_or_none(provider: Provider, place: Place) -> None:
    run(NUMBERS, [provider.pk, None, provider.pk], [place.pk, place.pk, None])
    assert PhoneNumber.objects.filter(provider=provider, place=place).count() == 1


@pytest.mark.parametrize("bad", [0, 1, 499])
def test_a_statement_with_one_missing_parent_is_refused_whole(bad: int, provider: Provider, place: Place) -> None:
    providers, places = [provider.pk] * 500, [place.pk] * 500
    refused(NUMBERS, [*providers[:bad], NOBODY, *providers[bad + 1 :]], places)
    refused(NUMBERS, providers, [*places[:bad], NOBODY, *places[bad + 1 :]])
    numbers = [NumberFactory.create().pk] * 500
    refused(ENTRIES, [*numbers[:bad], NOBODY, *numbers[bad + 1 :]])
    assert (PhoneNumber.objects.count(), LifecycleEntry.objects.count()) == (1, 0)


@pytest.mark.parametrize("column", ["provider_id", "place_id"])
def test_a_number_is_given_no_missing_parent(column: str, provider: Provider, place: Place) -> None:
    number = NumberFactory.create()
    change = f"UPDATE inventory_phonenumber SET {column} = %s WHERE id = %s"  # noqa: S608 - two fixed names
    refused(change, NOBODY, number.pk)
    run(change, {"provider_id": provider.pk, "place_id": place.pk}[column], number.pk)
    run(change, None, number.pk)


@pytest.mark.parametrize("change", ["DELETE FROM {}", "UPDATE {} SET id = id + 1"])
@pytest.mark.parametrize("table", ["numbering_place", "inventory_provider", "inventory_phonenumber"])
def test_parents_stay_whether_anything_refers_to_them_or_not(
    table: str, change: str, provider: Provider, place: Place
) -> None:
    NumberFactory.create(sourced=True)
    with pytest.raises(DatabaseError, match=r"Cannot (delete|update) rows"):
        run(change.format(table))


@pytest.fixture
def elsewhere() -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    """Another session."""
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": psycopg.Cursor}) as other:
        yield other


@pytest.mark.django_db(transaction=True)
def test_a_parent_that_is_not_committed_is_not_there_yet(
    elsewhere: psycopg.Connection[tuple[Any, ...]],
) -> None:
    elsewhere.execute("SET CONSTRAINTS ALL IMMEDIATE")
    made = elsewhere.execute(
        "INSERT INTO inventory_provider (slug, name, adapter, options, is_active, orphans, ghosts)"
        " VALUES ('tern', 'Tern', '', '{}', true, 0, 0) RETURNING id"
    ).fetchone()
    assert made
    with pytest.raises(IntegrityError, match="refers to what is not in inventory_provider"):
        run(NUMBERS, [made[0]], [None])
    elsewhere.commit()
    run(NUMBERS, [made[0]], [None])


def test_a_parent_that_was_taken_back_takes_its_rows_back_too() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        run(NUMBERS, [ProviderFactory.create().pk], [None])
        raise ZeroDivisionError
    assert not PhoneNumber.objects.exists()


def test_a_session_that_knows_small_tables_never_reads_large_ones_whole(provider: Provider, place: Place) -> None:
    """Its plans are from when the tables had one page, where an ordinary plan reads all of it."""
    for _ in range(6):  # a prepared statement's plan may be made anew up to five times
        run(ENTRIES, [NumberFactory.create().pk])
        run("ANALYZE inventory_phonenumber, inventory_provider, numbering_place")
    before = _rows_read_in_sequence()
    run(NUMBERS, [provider.pk] * MANY, [place.pk] * MANY)
    assert _rows_read_in_sequence() == before
    numbers = list(PhoneNumber.objects.values_list("pk", flat=True))
    before = _rows_read_in_sequence()
    run(ENTRIES, numbers)
    assert _rows_read_in_sequence() == before
    assert LifecycleEntry.objects.count() == MANY + 12


def _rows_read_in_sequence() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(seq_tup_read)::bigint FROM pg_stat_xact_user_tables")
        return int(cursor.fetchone()[0])
