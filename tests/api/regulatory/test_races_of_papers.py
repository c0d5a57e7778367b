"""Two at once on one paper: whoever comes second hears it in plain words, and what was judged is what was sent."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.models import Account
from compliance.lifecycle import BundleState
from compliance.models import Address, EndUser, ItemAssignment, StoredFile, SupportingDocument
from compliance.refusals import AddressInUse, Deleted, EndUserAssigned, Frozen
from compliance.services import addresses, documents, end_users, transition
from compliance.services.freezing import locked
from tests.api.conftest import Caller
from tests.api.regulatory.papers import END_USERS, png
from tests.api.test_incoming import refused
from tests.factories import AddressFactory, BundleFactory, DocumentFactory, EndUserFactory, advanced
from tests.patience import PATIENCE

pytestmark = pytest.mark.django_db(transaction=True)

_PARTS = {"street": "Unter den Linden 77", "city": "Berlin", "postal_code": "10117"}


def meanwhile(first: Callable[[], object], second: Callable[[], str]) -> str:
    """What the second is told that begins while the first holds its locks, and goes on when that has committed."""
    holds, goes = threading.Event(), threading.Event()

    def other() -> str:
        assert holds.wait(PATIENCE)
        goes.set()
        try:
            return second()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads:
        told = threads.submit(other)
        with transaction.atomic():
            first()
            holds.set()
            assert goes.wait(PATIENCE)
        return told.result(PATIENCE)


def changed(row: EndUser) -> str:
    try:
        end_users.change(end_user=row, attributes={"first_name": "Mallory"})
    except Frozen:
        return "frozen"
    except Deleted:
        return "deleted"
    return "changed"


def test_a_change_that_meets_a_submission_is_refused(account: Account) -> None:
    row = EndUserFactory.create(account=account)
    bundle = BundleFactory.create(account=account, items=[row])

    def submit() -> None:
        locked(row)
        advanced(bundle, BundleState.PENDING_REVIEW)

    assert meanwhile(submit, lambda: changed(row)) == "frozen"
    assert EndUser.objects.get().attributes == row.attributes


def test_a_submission_that_meets_a_change_sees_it(account: Account) -> None:
    row = EndUserFactory.create(account=account)
    BundleFactory.create(account=account, items=[row])

    def submit() -> str:
        with transaction.atomic():
            return str(locked(row).attributes["first_name"])

    def change() -> None:
        end_users.change(end_user=row, attributes={"first_name": "Countess"})

    assert meanwhile(change, submit) == "Countess"


def test_a_deletion_that_meets_an_assignment_is_refused(account: Account) -> None:
    row, bundle = EndUserFactory.create(account=account), BundleFactory.create(account=account, items=[])

    def assign() -> None:
        ItemAssignment.objects.create(bundle=bundle, end_user=locked(row))

    def delete() -> str:
        try:
            end_users.delete(end_user=row)
        except EndUserAssigned:
            return "assigned"
        return "deleted"

    assert meanwhile(assign, delete) == "assigned"


def test_an_assignment_that_meets_a_deletion_finds_nothing(account: Account) -> None:
    row = EndUserFactory.create(account=account)
    assert meanwhile(lambda: end_users.delete(end_user=row), lambda: changed(row)) == "deleted"


def naming(row: Address) -> SupportingDocument:
    attributes = {"address_sids": [row.sid]}
    return documents.create(account=row.account, type="business_address", friendly_name="", attributes=attributes)


def test_a_document_that_meets_the_deletion_of_its_address_is_without_it(account: Account) -> None:
    row = AddressFactory.create(account=account)
    found = meanwhile(lambda: addresses.delete(address=row), lambda: str(naming(row).addresses.count()))
    assert found == "0"


def test_an_address_that_a_new_document_names_is_not_deleted(account: Account) -> None:
    row = AddressFactory.create(account=account)

    def delete() -> str:
        try:
            addresses.delete(address=row)
        except AddressInUse:
            return "in use"
        return "deleted"

    assert meanwhile(lambda: naming(row), delete) == "in use"


def test_the_trigger_speaks_even_where_the_services_were_not_asked(ada: Caller, account: Account) -> None:
    """A submission that locks nothing: the database still refuses, and the customer reads why."""
    row = EndUserFactory.create(account=account)
    bundle = BundleFactory.create(account=account, items=[row])
    transition.move(bundle, "submit", actor="user:test", due_at=timezone.now())
    refused(ada.post(f"{END_USERS}/{row.sid}", {"Attributes": "{}"}), 20409, 409)


def test_whatever_else_the_database_refuses_is_not_taken_for_that(account: Account) -> None:
    row = AddressFactory.create(account=account)
    with pytest.raises(IntegrityError):
        addresses.create(account=account, given={"sid": row.sid, "customer_name": "Ada", "iso_country": "DE"} | _PARTS)


def test_a_document_gets_one_file_from_two_uploads(account: Account) -> None:
    """Both are kept one after the other; no file stays that no document has."""
    row = DocumentFactory.create(account=account)
    barrier = threading.Barrier(2)

    def upload(colour: bytes) -> None:
        barrier.wait(PATIENCE)
        try:
            documents.change(document=row, content=png(colour))
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(upload, (b"\0\0\0", b"\xff\xff\xff")))
    row.refresh_from_db()
    assert row.revision == 3
    assert list(StoredFile.objects.filter(erased_at=None)) == [row.file]
