"""Everybody locks bundles first, then end users, papers, addresses, each kind by id: so nobody waits in a circle."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple

import pytest
from django.db import connection, transaction

from accounts.models import Account
from compliance import gate
from compliance.models import Address, EndUser, SupportingDocument
from compliance.services import erasure, transition
from compliance.unmet import Unmet
from tests.api.bundles.irish import irish_bundle
from tests.factories import AccountFactory
from tests.patience import eventually

pytestmark = pytest.mark.django_db(transaction=True)
BY = {"actor": "user:1", "reason": "case 2026-17"}


@pytest.fixture
def account(transactional_db: None) -> Account:
    row: Account = AccountFactory.create()
    return row


def waiting() -> int:
    """How many sessions wait for a lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return int(cursor.fetchone()[0])


def alone(verb: Callable[[], object]) -> None:
    try:
        verb()
    finally:
        connection.close()


def free(*kinds: type[Any]) -> None:
    """Raises OperationalError unless every row of these can be locked at once."""
    for kind in kinds:
        list(kind.objects.select_for_update(nowait=True))


@pytest.mark.parametrize("kind", [EndUser, SupportingDocument, Address])
def test_who_erases_waits_for_the_bundle_before_it_takes_a_paper(account: Account, kind: type[Any]) -> None:
    """The customer submits, and so has the bundle and wants its papers."""
    bundle = irish_bundle(account)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            transition.locked(bundle)
            erased = pool.submit(alone, partial(erasure.erase, kind.objects.get(), **BY))
            eventually(lambda: waiting() or erased.done())
            free(EndUser, SupportingDocument, Address)
        erased.result()
    assert kind.objects.get().erased_at


def test_what_came_into_another_bundle_meanwhile_is_seen(account: Account) -> None:
    """An end user is put into a second bundle between the look at the bundles and the lock on the end user."""
    bundle, second = irish_bundle(account), irish_bundle(account, items=[])
    end_user = bundle.items.get(document=None).end_user
    assert end_user
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            transition.locked(bundle)
            erased = pool.submit(alone, partial(erasure.erase, end_user, **BY))
            eventually(lambda: waiting() or erased.done())
            second.items.create(end_user=end_user)
        erased.result()
    second.refresh_from_db()
    assert second.erased_at


class Number(NamedTuple):
    e164: int = 35312345678
    country: str = "IE"
    number_type: str = "local"


def bought(account: Account, address_sid: str, bundle_sid: str) -> None:
    """As far as the gate: the papers stay locked until the purchase is over."""
    with transaction.atomic(), suppress(Unmet):
        gate.require(account, Number(), address_sid, bundle_sid)


def test_a_purchase_takes_the_bundle_before_its_address(account: Account) -> None:
    bundle, at = irish_bundle(account), Address.objects.get()
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            transition.locked(bundle)
            buying = pool.submit(alone, partial(bought, account, address_sid=at.sid, bundle_sid=bundle.sid))
            eventually(lambda: waiting() or buying.done())
            free(Address)
        buying.result()


def test_a_purchase_does_not_wait_for_another_accounts_papers(account: Account) -> None:
    """Else how long it takes would tell that they are there."""
    bundle, at = irish_bundle(account), Address.objects.get()
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        transition.locked(bundle)
        list(Address.objects.select_for_update())
        buying = pool.submit(alone, partial(bought, AccountFactory.create(), address_sid=at.sid, bundle_sid=bundle.sid))
        eventually(lambda: waiting() or buying.done())
        assert not waiting()
