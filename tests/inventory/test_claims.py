"""Raw SQL tells lies about who has a number. No transaction that ends with one is committed."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from inventory.models import Did, Hold, PhoneNumber, Quarantine
from inventory.models.quarantine import QuarantineSource
from inventory.quarantine import stays
from tests.factories import AccountFactory, DidFactory, HoldFactory, NumberFactory, ReservationFactory

pytestmark = pytest.mark.django_db


def on_sale() -> PhoneNumber:
    number: PhoneNumber = NumberFactory.create()
    return number


def held() -> Hold:
    hold: Hold = HoldFactory.create()
    return hold


def served() -> Did:
    did: Did = DidFactory.create()
    return did


def resting(days: int = 0) -> Quarantine:
    """For so many days."""
    since = timezone.now() - timedelta(days=days)
    return stays.enter(NumberFactory.create(quarantined=True), source=QuarantineSource.RELEASED, since=since)


def somebody() -> int:
    return int(AccountFactory.create().pk)


def lie(sql: str, *parameters: int) -> None:
    """It is told without being contradicted, and refused at the end."""
    with pytest.raises(IntegrityError) as refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        assert cursor.rowcount == 1
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert refusal.value.__cause__.diag.constraint_name == "claims_are_as_the_state"  # type: ignore[union-attr]  # psycopg's own error


def test_a_number_is_reserved_by_a_hold_only() -> None:
    reserved = "UPDATE inventory_phonenumber SET state = 'RESERVED', holder_id = %s, due_at = now() WHERE id = %s"
    lie(reserved, somebody(), on_sale().pk)


@pytest.mark.parametrize("number", [lambda: on_sale().pk, lambda: served().number_id, lambda: resting().number_id])
def test_a_hold_is_on_a_reserved_number_only(number: Callable[[], int]) -> None:
    basket = ReservationFactory.create().pk
    lie("INSERT INTO inventory_hold (reservation_id, number_id, ended) VALUES (%s, %s, '')", basket, number())


def test_a_reserved_number_keeps_the_hold_of_its_holder() -> None:
    lie("UPDATE inventory_hold SET ended = 'lapsed', ended_at = now() WHERE id = %s", held().pk)
    lie("DELETE FROM inventory_hold WHERE id = %s", held().pk)
    lie("UPDATE inventory_hold SET number_id = %s WHERE id = %s", on_sale().pk, held().pk)
    lie("UPDATE inventory_hold SET reservation_id = %s WHERE id = %s", ReservationFactory.create().pk, held().pk)
    lie("UPDATE inventory_phonenumber SET holder_id = %s WHERE id = %s", somebody(), held().number_id)
    lie("UPDATE inventory_phonenumber SET state = 'AVAILABLE', holder_id = NULL WHERE id = %s", held().number_id)


def test_a_number_in_service_keeps_its_did_and_assignment() -> None:
    lie("UPDATE inventory_did SET ended_at = now() WHERE id = %s", served().pk)
    lie("UPDATE inventory_did SET number_id = %s WHERE id = %s", on_sale().pk, served().pk)
    lie("UPDATE inventory_assignment SET valid = tstzrange(lower(valid), now()) WHERE did_id = %s", served().pk)
    lie("DELETE FROM inventory_assignment WHERE did_id = %s", served().pk)
    lie("UPDATE inventory_phonenumber SET state = 'RELEASED', due_at = now() WHERE id = %s", served().number_id)


def test_a_number_in_service_has_one_account_whichever_row_one_asks() -> None:
    lie("UPDATE inventory_did SET account_id = %s WHERE id = %s", somebody(), served().pk)
    lie("UPDATE inventory_assignment SET account_id = %s WHERE did_id = %s", somebody(), served().pk)
    lie("UPDATE inventory_assignment SET did_id = %s WHERE did_id = %s", served().pk, served().pk)
    lie("UPDATE inventory_phonenumber SET holder_id = %s WHERE id = %s", somebody(), served().number_id)


def test_a_number_rests_while_it_is_quarantined_and_only_then() -> None:
    rests = "INSERT INTO inventory_quarantine (number_id, source, entered_at, earliest_at, rule, verdict)"
    lie(f"{rests} VALUES (%s, 'released', now(), now(), '', '')", on_sale().pk)
    lie("UPDATE inventory_quarantine SET ended_at = now() WHERE id = %s", resting().pk)
    lie("UPDATE inventory_phonenumber SET state = 'TESTING' WHERE id = %s", resting(days=60).number_id)


@pytest.mark.parametrize("number", [lambda: on_sale().pk, lambda: served().number_id])
def test_what_is_on_sale_or_in_service_is_not_given_back(number: Callable[[], int]) -> None:
    goes_back = (
        "INSERT INTO inventory_providerrelease (key, number_id, state, attempts, refusals, last_error, updated_at)"
    )
    lie(f"{goes_back} VALUES ('ny-1', %s, 'INTENDED', 0, 0, '', now())", number())


def test_a_reservation_changes_no_hands() -> None:
    """What it holds would have another holder than the numbers say."""
    taken = "UPDATE inventory_reservation SET account_id = %s WHERE id = %s"
    with pytest.raises(DatabaseError, match="update"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(taken, [somebody(), held().reservation_id])
