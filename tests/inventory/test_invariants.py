"""Raw SQL against every promise that the database itself keeps: it must refuse, whatever Python thinks."""

from datetime import timedelta

import pgtrigger
import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Model
from django.utils import timezone

from inventory.lifecycle import BORN, CLOCKED, PAIRS, State
from inventory.models import PhoneNumber
from inventory.models.quarantine import QuarantineSource
from inventory.quarantine.stays import enter
from inventory.services.transition import record_birth
from numbering.models.stays import NeverEmptied
from tests.factories import AccountFactory, DidFactory, HoldFactory, NumberFactory

pytestmark = pytest.mark.django_db


def refused(sql: str, *parameters: str | int | None) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize("source", State)
@pytest.mark.parametrize("target", State)
def test_a_state_changes_only_along_the_lifecycle(source: State, target: State) -> None:
    number = _in_state(source)
    sql = "UPDATE inventory_phonenumber SET state = %s, holder_id = %s, due_at = now() WHERE id = %s"
    if (source, target) == (State.RELEASED, State.QUARANTINED):  # tested before reuse
        sql = sql.replace("due_at", "passport_expires_at = NULL, due_at")
    held = target in (State.RESERVED, State.IN_SERVICE, State.RELEASED)
    holder = AccountFactory.create().pk if held else None
    if source == target or (source.value, target.value) in PAIRS:
        with connection.cursor() as cursor:
            cursor.execute(sql, [target, holder, number.pk])
        transaction.set_rollback(True)  # bare as it is, without the claims of its state, it could not be committed
    else:
        refused(sql, target, holder, number.pk)


def _in_state(state: State) -> PhoneNumber:
    holder = AccountFactory.create() if state in (State.RESERVED, State.IN_SERVICE, State.RELEASED) else None
    number: PhoneNumber = NumberFactory.create(state=state, holder=holder, due_at="2030-01-01T00:00Z")
    if state == State.QUARANTINED:  # for long enough
        enter(number, source=QuarantineSource.RELEASED, since=timezone.now() - timedelta(days=60))
    return number


def test_a_number_has_one_live_row() -> None:
    number = NumberFactory.create()
    same = "e164, country, number_type, area_code, region, declared_capabilities, capabilities, beta, origin, currency"
    copy = f"INSERT INTO inventory_phonenumber ({same}, blocked, state) SELECT {same}, blocked, %s"
    copy += " FROM inventory_phonenumber WHERE id = %s"
    refused(copy, State.SOURCED, number.pk)
    with connection.cursor() as cursor:  # another life of it, over already, is no live row
        cursor.execute(copy, [State.RETURNED, number.pk])


@pytest.mark.parametrize("state", State)
def test_a_number_is_born_at_the_beginning(state: State) -> None:
    number = _in_state(state)
    columns = [str(field.column) for field in PhoneNumber._meta.local_concrete_fields if not field.primary_key]
    values = ["e164 + 1" if column == "e164" else column for column in columns]
    again = f"INSERT INTO inventory_phonenumber ({', '.join(columns)}) SELECT {', '.join(values)}"
    again += " FROM inventory_phonenumber WHERE id = %s"
    if state in BORN:
        with connection.cursor() as cursor:
            cursor.execute(again, [number.pk])
    else:
        refused(again, number.pk)


GUARDED = [(model, trigger) for model, trigger in pgtrigger.registered() if isinstance(trigger, NeverEmptied)]


@pytest.mark.parametrize(("model", "guard"), GUARDED, ids=[model._meta.object_name for model, _ in GUARDED])
def test_what_must_stay_is_not_emptied_either(model: Model, guard: NeverEmptied) -> None:
    pgtrigger.enable(guard.get_uri(model))  # the suite disables it
    refused(f"TRUNCATE {model._meta.db_table} CASCADE")


def test_what_must_stay() -> None:
    stock = {"inventory.LifecycleEntry", "inventory.PhoneNumber", "inventory.Provider", "numbering.Place"}
    rest = {"inventory.Quarantine", "inventory.QuarantineDecision", "inventory.QuarantineModel"}
    words = {"inventory.AlphaRelief", "inventory.LimitChange", "inventory.QuarantineModelChange"}
    words |= {"inventory.QuarantineOverride", "inventory.PastCapabilities", "inventory.PastPapers"}
    words |= {"inventory.Filing", "inventory.ReportedDisconnect", "inventory.Activation", "inventory.Allocation"}
    words |= {"inventory.Invoice", "inventory.InvoiceLine", "inventory.UnwantedTraffic"}
    law = {"compliance.Regulation", "compliance.RegulationVersion", "compliance.Rulebook"}
    papers = {"compliance.Bundle", "compliance.LegalHold", "compliance.RetentionPolicy", "compliance.StoredFile"}
    looks = {"compliance.BundleView", "compliance.DecryptGrant", "compliance.DocumentView", "compliance.Erasure"}
    papers |= {"compliance.HeldDecision", "inventory.ProtectionEntry"}
    staff = {"accounts.RoleChange", "accounts.StaffLog", "compliance.SightRequest"}
    staff |= {"inventory.BulkItem", "inventory.BulkRun"}
    assert {model._meta.label for model, _ in GUARDED} == stock | rest | words | law | papers | looks | staff


def test_assignments_of_one_number_never_overlap() -> None:
    did = DidFactory.create()
    insert = "INSERT INTO inventory_assignment (number_id, account_id, did_id, valid) VALUES (%s, %s, %s, {})"
    row = (did.number.pk, AccountFactory.create().pk, did.pk)
    refused(insert.format("tstzrange(now(), NULL)"), *row)
    refused(insert.format("tstzrange(now() - interval '30 min', now() - interval '20 min')"), *row)
    refused(insert.format("'empty'"), *row)
    refused(insert.format("tstzrange(NULL, now() - interval '1 day')"), *row)
    with connection.cursor() as cursor:
        cursor.execute(insert.format("tstzrange(now() - interval '9 day', now() - interval '8 day')"), row)


def test_a_number_has_one_active_hold_and_one_open_did() -> None:
    hold, did = HoldFactory.create(), DidFactory.create()
    other = HoldFactory.create().reservation
    refused(
        "INSERT INTO inventory_hold (reservation_id, number_id, ended) VALUES (%s, %s, '')", other.pk, hold.number.pk
    )
    second = DidFactory.create()
    refused("UPDATE inventory_did SET number_id = %s WHERE id = %s", did.number.pk, second.pk)


def test_a_hold_has_ended_or_has_not() -> None:
    hold = HoldFactory.create()
    refused("UPDATE inventory_hold SET ended = 'lapsed' WHERE id = %s", hold.pk)
    refused("UPDATE inventory_hold SET ended_at = now() WHERE id = %s", hold.pk)


def test_the_ledger_is_append_only() -> None:
    number = NumberFactory.create(sourced=True)
    record_birth([number], actor="import:test", reason="")
    refused("UPDATE inventory_lifecycleentry SET reason = 'never happened'")
    refused("DELETE FROM inventory_lifecycleentry")
    refused(
        "INSERT INTO inventory_lifecycleentry (number_id, verb, source, target, actor, reason, rule, data)"
        " VALUES (%s, 'x', '', 'SOURCED', '', '', '', '{}')",
        number.pk,
    )


def test_who_is_served_has_a_holder_and_who_is_not_has_none() -> None:
    refused("UPDATE inventory_phonenumber SET holder_id = NULL WHERE id = %s", DidFactory.create().number.pk)
    account = AccountFactory.create()
    refused("UPDATE inventory_phonenumber SET holder_id = %s WHERE id = %s", account.pk, NumberFactory.create().pk)


@pytest.mark.parametrize("paper", ["passport_expires_at", "cleared_at"])
def test_nothing_is_on_sale_without_both_papers(paper: str) -> None:
    refused(f"UPDATE inventory_phonenumber SET {paper} = NULL WHERE id = %s", NumberFactory.create().pk)  # noqa: S608 - two fixed names
    testing = NumberFactory.create(testing=True)
    refused("UPDATE inventory_phonenumber SET state = 'AVAILABLE' WHERE id = %s", testing.pk)


@pytest.mark.parametrize("digits", [0, 999_999, 1_000_000_000_000_000, -14155550001])
def test_what_is_no_e164_number_is_not_stored(digits: int) -> None:
    refused("UPDATE inventory_phonenumber SET e164 = %s WHERE id = %s", digits, NumberFactory.create().pk)


@pytest.mark.parametrize("state", CLOCKED)
def test_a_state_that_a_clock_ends_has_a_clock(state: State) -> None:
    refused("UPDATE inventory_phonenumber SET due_at = NULL WHERE id = %s", _in_state(state).pk)
