"""Erasure: what goes, what stays, what is refused, and that the proof holds."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone
from psycopg.types.range import TimestamptzRange

from compliance import forgetting
from compliance.lifecycle import BundleState
from compliance.models import Bundle, BundleEntry, EndUser, Erasure, Evaluation, StoredFile, SupportingDocument
from compliance.refusals import PartOfABundle, ReasonTellsTooMuch, StillNeeded, UnderLegalHold
from compliance.services import erasure, holds
from inventory.models import Assignment
from inventory.services import assignments
from tests.compliance.private.papers import paper
from tests.factories import (
    AddressFactory,
    BundleFactory,
    DidFactory,
    DocumentFactory,
    EndUserFactory,
    RegulationVersionFactory,
)

pytestmark = pytest.mark.django_db
BY = {"actor": "user:1", "reason": "case 2026-17"}


def bundle_with_a_file(state: BundleState = BundleState.APPROVED, **fields: Any) -> Bundle:
    document = paper()
    end_user = EndUserFactory.create(account=document.account)
    row: Bundle = BundleFactory.create(account=document.account, items=[end_user, document], state=state, **fields)
    return row


def person(bundle: Bundle) -> EndUser:
    row = bundle.items.get(document=None).end_user
    assert row
    return row


def document_of(bundle: Bundle) -> SupportingDocument:
    row = bundle.items.get(end_user=None).document
    assert row
    return row


@pytest.mark.parametrize("state", list(BundleState))
def test_a_person_is_erased_with_all_that_is_only_theirs(state: BundleState) -> None:
    bundle = bundle_with_a_file(state)
    end_user, document = person(bundle), document_of(bundle)
    address = document.addresses.get()
    proof = erasure.erase(end_user, **BY)
    for row in (bundle, end_user, document, address):
        row.refresh_from_db()
        assert row.erased_at
        assert row.deleted_at
    assert (end_user.attributes, end_user.friendly_name) == ({}, "")
    assert (document.attributes, document.friendly_name) == ({}, "")
    assert (address.customer_name, address.street, address.city, address.postal_code) == ("", "", "", "")
    assert (bundle.friendly_name, bundle.email) == ("", "")
    assert StoredFile.objects.get().key is None
    assert {item["sid"] for item in proof.items} == {bundle.sid, end_user.sid, document.sid, address.sid}


def test_the_proof_knows_the_ciphertexts_and_not_the_texts() -> None:
    end_user = EndUserFactory.create(attributes={"first_name": "Quackenbush"})
    with connection.cursor() as cursor:
        cursor.execute("SELECT attributes FROM compliance_enduser WHERE id = %s", [end_user.pk])
        (ciphertext,) = cursor.fetchone()
    proof = erasure.erase(end_user, **BY)
    (item,) = proof.items
    assert item["columns"]["attributes"] == erasure._digest(ciphertext)
    assert "Quackenbush" not in json.dumps(proof.items)
    with pytest.raises(DatabaseError, match="append_only"):
        Erasure.objects.update(reason="nothing happened")


def test_two_erasures_are_one() -> None:
    end_user = EndUserFactory.create()
    assert erasure.erase(end_user, **BY) == erasure.erase(end_user, **BY)


def test_the_ledger_the_evaluations_and_the_history_of_numbers_stay() -> None:
    bundle = bundle_with_a_file()
    found = {"compliant": True, "hard_passed": False, "results": [{"field": "last_name", "passed": True}]}
    Evaluation.objects.create(bundle=bundle, version=RegulationVersionFactory.create(), **found)
    held = Assignment.objects.create(
        number=(did := DidFactory.create(account=bundle.account)).number, account=did.account, did=did, valid=_past()
    )
    ledger = BundleEntry.objects.count()
    erasure.erase(person(bundle), **BY)
    assert BundleEntry.objects.count() >= ledger
    assert Evaluation.objects.get().results == found["results"]
    assert Assignment.objects.filter(pk=held.pk).exists()


def _past() -> TimestamptzRange:
    now = timezone.now()
    return TimestamptzRange(now - timedelta(days=3), now - timedelta(days=2))


def test_a_number_in_service_keeps_its_papers() -> None:
    bundle = bundle_with_a_file()
    DidFactory.create(account=bundle.account, bundle_sid=bundle.sid)
    with pytest.raises(StillNeeded, match=r"17\(3\)\(b\)"):
        erasure.erase(person(bundle), **BY)
    assert person(bundle).attributes


def test_a_released_number_keeps_its_papers_while_it_may_be_reclaimed() -> None:
    bundle = bundle_with_a_file()
    did = DidFactory.create(account=bundle.account, bundle_sid=bundle.sid)
    assignments.release(did=did, actor="test")
    with pytest.raises(StillNeeded):
        erasure.erase(person(bundle), **BY)
    did.number.refresh_from_db()
    type(did.number).objects.filter(pk=did.number_id).update(due_at=timezone.now())
    assert erasure.erase(person(bundle), **BY).checked


def test_an_address_that_a_number_refers_to_stays() -> None:
    address = AddressFactory.create()
    DidFactory.create(account=address.account, address_sid=address.sid)
    with pytest.raises(StillNeeded):
        erasure.erase(address, **BY)


@pytest.mark.parametrize("on", ["account", "end_user", "document"])
def test_a_legal_hold_keeps_everything_it_names(on: str) -> None:
    bundle = bundle_with_a_file()
    held: Any = {"account": bundle.account, "end_user": person(bundle), "document": document_of(bundle)}[on]
    hold = holds.place(held.sid, actor="user:1", reason="case 9")
    with pytest.raises(UnderLegalHold, match=r"17\(3\)\(e\)"):
        erasure.erase(person(bundle), **BY)
    holds.lift(hold, actor="user:1")
    assert erasure.erase(person(bundle), **BY).checked


def test_what_somebody_else_needs_too_is_kept_and_named() -> None:
    address = AddressFactory.create()
    shared, own = (DocumentFactory.create(account=address.account, addresses=[address]) for _ in range(2))
    first, second = (EndUserFactory.create(account=address.account) for _ in range(2))
    BundleFactory.create(account=address.account, items=[first, shared, own])
    BundleFactory.create(account=address.account, items=[second, shared], state=BundleState.APPROVED)
    proof = erasure.erase(first, **BY)
    for row in (shared, own, address, second):
        row.refresh_from_db()
    assert own.erased_at
    assert (shared.erased_at, address.erased_at, second.erased_at) == (None, None, None)
    assert set(proof.kept) == {shared.sid, address.sid}


def test_a_single_paper_of_an_approved_bundle_is_not_erased() -> None:
    bundle = bundle_with_a_file()
    with pytest.raises(PartOfABundle):
        erasure.erase(document_of(bundle), **BY)
    with pytest.raises(PartOfABundle):
        erasure.erase(document_of(bundle).addresses.get(), **BY)


def test_a_draft_goes_on_without_an_erased_paper() -> None:
    bundle = bundle_with_a_file(BundleState.DRAFT)
    erasure.erase(document_of(bundle), **BY)
    assert not bundle.items.filter(ended_at=None, end_user=None).exists()
    assert person(bundle).attributes


def test_the_reason_must_not_repeat_what_is_erased() -> None:
    end_user = EndUserFactory.create(attributes={"last_name": "Quackenbush"})
    with pytest.raises(ReasonTellsTooMuch):
        erasure.erase(end_user, actor="user:1", reason="letter of Mr quackenbush")


def test_the_blank_index_finds_nobody() -> None:
    address = AddressFactory.create(customer_name="Quackenbush")
    erasure.erase(address, **BY)
    assert not type(address).objects.named("customer_name", "Quackenbush").exists()


def test_every_other_place_is_told_what_to_forget(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []
    monkeypatch.setattr(forgetting, "_PLACES", [lambda account, sids: told.append((account, set(sids)))])
    end_user = EndUserFactory.create()
    erasure.erase(end_user, **BY)
    assert told == [(end_user.account, {end_user.sid})]
