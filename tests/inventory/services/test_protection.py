"""The protection lock: whoever wants to end, move or close what is under it is refused, by the database too."""

from functools import partial

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import Account, AccountStatus
from inventory.models import Did, ProtectionEntry
from inventory.refusals import AccountNotActive, NotInService, Protected
from inventory.services import assignments, closing, protection
from tests.factories import AccountFactory, DidFactory
from tests.inventory.conftest import while_we_wait

pytestmark = pytest.mark.django_db


def protected(**fields: object) -> Did:
    return protection.protect(did=DidFactory.create(**fields), actor="user:1")


def test_a_protected_number_is_not_given_back_until_the_protection_is_off() -> None:
    did = protected()
    with pytest.raises(Protected, match=r"\+\d+ is protected"):
        assignments.release(did=did, actor="user:staff")
    protection.unprotect(did=did, actor="user:2")
    assignments.release(did=did, actor="user:staff")
    told = ProtectionEntry.objects.filter(did=did).order_by("pk").values_list("is_on", "actor")
    assert list(told) == [(True, "user:1"), (False, "user:2")]


def test_it_is_not_moved_either_nor_in_the_request_that_takes_it_off() -> None:
    parent = AccountFactory.create()
    did, child = protected(account=parent), AccountFactory.create(parent=parent)
    for said in (None, False):
        with pytest.raises(Protected):
            assignments.change(did=did, settings={}, to=child, by=parent, protected=said)
    did.refresh_from_db()
    assert (did.account, did.protected_since is None) == (parent, False)


def test_settings_of_a_protected_number_change() -> None:
    did = protected()
    assert assignments.change(did=did, settings={"friendly_name": "Desk"}, to=None, by=did.account).protected_since
    assert Did.objects.get().friendly_name == "Desk"


def test_what_is_so_already_is_not_written_down_again() -> None:
    did = protected()
    protection.protect(did=did, actor="user:2")
    assert ProtectionEntry.objects.count() == 1


def test_an_account_with_a_protected_number_stays_open() -> None:
    child = AccountFactory.create(parent=AccountFactory.create())
    did, other = protected(account=child), DidFactory.create(account=child)
    with pytest.raises(Protected):
        closing.change_account(account=child, actor="user:staff", status=AccountStatus.CLOSED)
    child.refresh_from_db()
    other.refresh_from_db()
    assert (child.status, other.ended_at) == (AccountStatus.ACTIVE, None), "nothing was begun"
    protection.unprotect(did=did, actor="user:1")
    closing.change_account(account=child, actor="user:staff", status=AccountStatus.CLOSED)
    assert not Did.objects.filter(ended_at=None).exists()


def test_what_is_over_or_not_active_is_not_protected() -> None:
    suspended = DidFactory.create(account=AccountFactory.create(status=AccountStatus.SUSPENDED))
    with pytest.raises(AccountNotActive):
        protection.protect(did=suspended, actor="user:1")
    over = DidFactory.create()
    assignments.release(did=over, actor="user:1")
    with pytest.raises(NotInService):
        protection.protect(did=over, actor="user:1")


@pytest.mark.parametrize(
    "change",
    ["ended_at = now()", "account_id = {other}", "protected_since = NULL, ended_at = now()"],
    ids=["ended", "moved", "unlocked-and-ended-at-once"],
)
def test_the_database_refuses_it_too(change: str) -> None:
    did, other = protected(), AccountFactory.create()
    statement = f"UPDATE inventory_did SET {change.format(other=other.pk)} WHERE id = %s"  # noqa: S608 - our own
    with pytest.raises(IntegrityError, match="is protected"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, [did.pk])


@pytest.mark.django_db(transaction=True)
def test_no_number_is_protected_while_its_account_is_being_closed() -> None:
    child = AccountFactory.create(parent=AccountFactory.create())
    did = DidFactory.create(account=child)
    lock = partial(protection.protect, did=did, actor="user:1")
    with pytest.raises(AccountNotActive), while_we_wait(lock):
        protection.require_none_in(child)
        Account.objects.filter(pk=child.pk).update(status=AccountStatus.CLOSED)
