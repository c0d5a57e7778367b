"""Somebody always owns an account: the database sees to it, whoever asks, and however many at once."""

import threading
from collections.abc import Callable

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import Account, Membership, Role
from accounts.refusals import LastOwner
from accounts.services import memberships
from tests.factories import AccountFactory, UserFactory


def team(*roles: Role) -> list[Membership]:
    account = AccountFactory.create()
    return [Membership.objects.create(user=UserFactory.create(), account=account, role=role) for role in roles]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    ["UPDATE accounts_membership SET role = 'viewer' WHERE id = %s", "DELETE FROM accounts_membership WHERE id = %s"],
    ids=["made a viewer", "removed"],
)
def test_raw_sql_takes_no_last_owner_away(statement: str) -> None:
    [owner, _] = team(Role.OWNER, Role.MEMBER)
    with pytest.raises(IntegrityError) as refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, [owner.pk])
    assert refusal.value.__cause__.diag.constraint_name == "somebody_owns_it"  # type: ignore[union-attr]  # psycopg's own error


@pytest.mark.django_db
def test_one_of_two_owners_may_go() -> None:
    [first, second] = team(Role.OWNER, Role.OWNER)
    memberships.remove(membership=first)
    with pytest.raises(LastOwner):
        memberships.change_role(membership=second, role=Role.MEMBER)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "leave",
    [lambda each: memberships.remove(membership=each), lambda each: Membership.objects.filter(pk=each.pk).delete()],
    ids=["by the service", "past it"],
)
def test_two_owners_who_leave_at_once_leave_one(leave: Callable[[Membership], object]) -> None:
    both = team(Role.OWNER, Role.OWNER)
    start, refused = threading.Barrier(len(both)), []

    def go(each: Membership) -> None:
        start.wait()
        try:
            leave(each)
        except (LastOwner, IntegrityError) as error:
            refused.append(error)
        finally:
            connection.close()

    leaving = [threading.Thread(target=go, args=(each,)) for each in both]
    for thread in leaving:
        thread.start()
    for thread in leaving:
        thread.join()
    assert len(refused) == 1
    assert Membership.objects.filter(account=both[0].account, role=Role.OWNER).count() == 1


@pytest.mark.django_db
def test_who_asked_for_no_account_gets_none() -> None:
    assert memberships.open_account_of(UserFactory.create()) is None
    assert Account.objects.count() == 0
