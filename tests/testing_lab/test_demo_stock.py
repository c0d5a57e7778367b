"""The large stock of the demonstration: each of its rows could have come about by our own services."""

from contextlib import nullcontext

import pytest
from django.db import connection

from accounts.models import Account
from compliance.models import Bundle
from compliance.services import rulebooks
from inventory.demo.logins import CUSTOMER, set_up_logins
from inventory.lifecycle import PAIRS, State
from inventory.models import Did, LifecycleEntry, PhoneNumber, Quarantine
from inventory.services.reservations import MAX_HELD
from numbering.services.load_places import load_places
from testing_lab.demo import cast, filling
from testing_lab.models import Passport, Result

COUNT = 3_000

# As the trigger `claims_are_as_the_state` asks of each number that moves.
_WRONG = """
SELECT count(*) FROM inventory_phonenumber AS number WHERE NOT (
    CASE state WHEN 'RESERVED' THEN holder_id END IS NOT DISTINCT FROM (
        SELECT account_id FROM inventory_hold JOIN inventory_reservation AS basket ON basket.id = reservation_id
        WHERE number_id = number.id AND ended = '')
    AND CASE state WHEN 'IN_SERVICE' THEN holder_id END IS NOT DISTINCT FROM (
        SELECT account_id FROM inventory_did WHERE number_id = number.id AND ended_at IS NULL)
    AND (SELECT (id, account_id) FROM inventory_did WHERE number_id = number.id AND ended_at IS NULL)
        IS NOT DISTINCT FROM (
        SELECT (did_id, account_id) FROM inventory_assignment WHERE number_id = number.id AND upper_inf(valid))
    AND (state = 'QUARANTINED') = EXISTS (
        SELECT FROM inventory_quarantine WHERE number_id = number.id AND ended_at IS NULL)
    AND blocked = EXISTS (
        SELECT FROM inventory_numberblock WHERE number_id = number.id AND cleared_at IS NULL)
)
"""
# As the trigger `lawful` asks of each DID.
_LAWLESS = """
SELECT count(*) FROM inventory_did AS did JOIN inventory_phonenumber AS number ON number.id = number_id
LEFT JOIN compliance_bundle AS bundle ON bundle.sid = bundle_sid
LEFT JOIN compliance_regulation AS rule ON rule.id = regulation_id
WHERE did.ended_at IS NULL AND NOT coalesce(bundle.state = 'approved' AND bundle.account_id = did.account_id
        AND rule.country = number.country AND rule.number_type = number.number_type, false)
    AND (bundle_sid <> '' OR number.country NOT IN ('US', 'CA'))
"""


@pytest.fixture
def stock(db: None) -> cast.Cast:
    """All that is made, as `fill` makes it."""
    load_places()
    rulebooks.load()
    set_up_logins({})
    before, asleep = guards(), sleeping()
    players = filling.make(COUNT, lambda _text: nullcontext(), member=CUSTOMER)
    assert guards() == before
    assert sleeping() <= asleep  # the tests let those against TRUNCATE sleep, and what comes back is awake
    return players


def guards() -> set[tuple[str, str]]:
    """All that keeps a table's rows right, or finds them, by name: triggers, constraints, indexes. Foreign keys' own
    triggers have their oids in their names; the foreign keys are among the constraints."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgname::text FROM pg_trigger WHERE NOT tgisinternal "
            "UNION SELECT conrelid::regclass::text, conname::text FROM pg_constraint "
            "UNION SELECT tablename::text, indexname::text FROM pg_indexes WHERE schemaname = current_schema()"
        )
        return set(cursor.fetchall())


def sleeping() -> set[str]:
    """Triggers that do nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE tgenabled = 'D'")
        return {name for (name,) in cursor.fetchall()}


def counted(statement: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.fetchone()[0])


def test_a_large_stock_is_as_our_services_would_have_left_it(stock: cast.Cast) -> None:
    assert PhoneNumber.objects.count() == COUNT
    assert set(PhoneNumber.objects.values_list("state", flat=True)) == set(State.values)
    assert (counted(_WRONG), counted(_LAWLESS)) == (0, 0)
    assert Did.objects.filter(account=stock.largest, ended_at=None).count() > COUNT * 0.08
    assert Bundle.objects.filter(account=stock.filer).count() >= COUNT * filling.BUNDLES // 2
    passport = Passport.objects.select_related("run").first()
    assert passport
    assert Result.objects.filter(run=passport.run).count() == 25
    assert Account.objects.get(pk=stock.filer).memberships.get().user.email == CUSTOMER


def test_nobody_has_more_in_the_cart_than_an_account_may_hold() -> None:
    reserved = filling.MOST * filling.SHARES["RESERVED"] // 1_000
    assert 2 * reserved / (cast.HOLDERS + 1) < MAX_HELD


def test_the_ledger_tells_how_each_number_came_to_where_it_is(stock: cast.Cast) -> None:
    moves = {(each.source, each.target) for each in LifecycleEntry.objects.all()}
    assert moves <= {*PAIRS, ("", "SOURCED")}
    for number in PhoneNumber.objects.order_by("?")[:50]:
        last = number.ledger.latest("at", "pk")
        assert (last.target, last.at) == (number.state, number.state_since)
    for stay in Quarantine.objects.filter(ended_at=None)[:50]:
        assert stay.earliest_at > stay.entered_at
