"""Raw SQL against the minimum of a stay: nothing gets a number out of quarantine and towards the shop before it."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from datetime import UTC, timedelta
from itertools import product
from threading import Barrier, Event
from time import sleep
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from compliance.models import AgingRule
from inventory.lifecycle import State
from inventory.models import FeedDay, LimitChange, PhoneNumber, Quarantine
from inventory.models.quarantine import QuarantineSource
from inventory.quarantine.limits import of_kind
from inventory.quarantine.nights.stretches import morning, run
from inventory.quarantine.stays import enter
from inventory.quarantine.sweeps import clear_due
from tests.factories import AccountFactory, NumberFactory, ProviderFactory

pytestmark = pytest.mark.django_db
OUT = "UPDATE inventory_phonenumber SET state = %(state)s, due_at = now(), cleared_at = now() WHERE id = %(number)s"


def resting(days: int, *, number_type: str = "local", use: str = "") -> Quarantine:
    """A stay that began so many days ago; it must last 45, if no law says otherwise at its beginning."""
    since = timezone.now() - timedelta(days=days)
    number = NumberFactory.create(quarantined=True, number_type=number_type)
    return enter(number, source=QuarantineSource.RELEASED, since=since, previous_use=use)


def tried(stay: Quarantine, *statements: str, state: State = State.AVAILABLE) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement, {"stay": stay.pk, "number": stay.number_id, "state": state})


@pytest.mark.parametrize("state", [State.AVAILABLE, State.TESTING])
def test_a_number_leaves_after_its_minimum_and_not_before(state: State) -> None:
    tried(resting(46), OUT, "UPDATE inventory_quarantine SET ended_at = now() WHERE id = %(stay)s", state=state)
    with pytest.raises(DatabaseError, match="has not rested"):
        tried(resting(44), OUT, state=state)


@pytest.mark.parametrize(
    "first",
    [
        "UPDATE inventory_quarantine SET earliest_at = entered_at WHERE id = %(stay)s",
        "UPDATE inventory_quarantine SET entered_at = entered_at - interval '9 days' WHERE id = %(stay)s",
        "UPDATE inventory_quarantine SET number_id = number_id + 1 WHERE id = %(stay)s",
        "UPDATE inventory_quarantine SET id = id + 1 WHERE id = %(stay)s",
        "UPDATE inventory_quarantine SET ended_at = now() WHERE id = %(stay)s",
        "DELETE FROM inventory_quarantine WHERE id = %(stay)s",
        "UPDATE inventory_quarantine SET action = 'release', action_rule = 'clean', state_day = now(), likelihood = 0,"
        " recent_contacts = 0, effective_days = 9, alpha = 1 WHERE id = %(stay)s",
    ],
)
def test_nothing_done_to_the_stay_first_opens_a_way_out(first: str) -> None:
    with pytest.raises(DatabaseError):
        tried(resting(44), first, OUT)


def test_an_older_stay_opens_no_way_out_either() -> None:
    old = resting(60)
    tried(old, OUT, "UPDATE inventory_quarantine SET ended_at = now() WHERE id = %(stay)s", state=State.TESTING)
    rests_again = "UPDATE inventory_phonenumber SET state = 'QUARANTINED', cleared_at = NULL WHERE id = %(number)s"
    with pytest.raises(DatabaseError, match="has not rested"):
        tried(old, rests_again, OUT)


def test_a_released_number_does_not_slip_through_in_one_transaction() -> None:
    """Into quarantine and out again, without a stay: at the commit nothing would be missing."""
    number = NumberFactory.create(state=State.RELEASED, holder=AccountFactory.create(), due_at=timezone.now())
    passes = "UPDATE inventory_phonenumber SET state = 'QUARANTINED', holder_id = NULL, passport_expires_at = NULL"
    with pytest.raises(DatabaseError, match="has not rested"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(passes)
        cursor.execute("UPDATE inventory_phonenumber SET state = 'TESTING', cleared_at = now()")
    number.refresh_from_db()
    assert number.state == State.RELEASED


def law(least: int, *, ahead: int = 0, **fields: Any) -> AgingRule:
    """A rule that comes into force so many days from now."""
    day = (timezone.now() + timedelta(days=ahead)).astimezone(UTC).date()
    rule = {"country": "US", "minimum_days": least, "confidence": "documented", "valid_from": day}
    return AgingRule.objects.create(**rule | fields)


def test_a_law_that_came_since_counts_whether_anybody_applied_it_or_not() -> None:
    stay = resting(50)
    law(60)
    with pytest.raises(DatabaseError, match="has not rested"):
        tried(stay, OUT)
    tried(resting(61), OUT, "UPDATE inventory_quarantine SET ended_at = now() WHERE id = %(stay)s")


@pytest.mark.parametrize(
    "fields",
    [
        {"ahead": 1},  # not in force yet
        {"country": "CA"},
        {"previous_use": "toll_free"},
        {"previous_use": "residential"},  # nobody knows, so the business rule governs
        {"ahead": -9, "least": 60},  # and gives way to that of eight days ago
    ],
    ids=["tomorrow", "abroad", "toll-free", "residential", "overtaken"],
)
def test_a_law_that_does_not_govern_the_number_holds_it_not(fields: dict[str, Any]) -> None:
    stay = resting(50)
    law(**{"least": 300, **fields})
    law(30, ahead=-8, previous_use="business")
    law(30, ahead=-8)
    tried(stay, OUT, "UPDATE inventory_quarantine SET ended_at = now() WHERE id = %(stay)s")


def test_the_trigger_and_the_limits_choose_the_same_rule() -> None:
    """For every former use and type: what the one lets go, the other would have let go."""
    for least, use in ((50, "any"), (60, "business"), (70, "residential"), (80, "toll_free")):
        law(least, previous_use=use)
    law(55, ahead=-5, previous_use="residential")  # before today's
    for number_type, use in product(("local", "toll_free"), ("", "business", "residential")):
        asked = of_kind("US", number_type, QuarantineSource.RELEASED, timezone.now().date(), use).minimum.days
        for age, leaves in ((asked - 1, False), (asked + 1, True)):
            stay = resting(age, number_type=number_type, use=use)
            with nullcontext() if leaves else pytest.raises(DatabaseError, match="has not rested"):
                tried(stay, OUT, "UPDATE inventory_quarantine SET ended_at = now() WHERE id = %(stay)s")


def test_a_number_that_was_never_in_service_has_no_law() -> None:
    number = NumberFactory.create(quarantined=True)
    stay = enter(number, source=QuarantineSource.ONBOARDED_NEW, since=timezone.now() - timedelta(days=8))
    law(300)
    tried(stay, OUT, "UPDATE inventory_quarantine SET ended_at = now() WHERE id = %(stay)s")


def test_a_number_does_not_move_under_another_law_while_it_rests() -> None:
    stay, demo = resting(50), ProviderFactory.create(demo_aging=timedelta(minutes=1))
    law(60)
    provider = f"UPDATE inventory_phonenumber SET provider_id = {demo.pk} WHERE id = %(number)s"  # noqa: S608 - ours
    ruled = "UPDATE inventory_quarantine SET rule = 'demo:tern' WHERE id = %(stay)s"
    with pytest.raises(DatabaseError, match="has not rested"):
        tried(stay, provider, OUT)
    with pytest.raises(DatabaseError, match="Cannot update"):
        tried(stay, provider, ruled, OUT)
    for change in ("country = 'CA'", "number_type = 'toll_free'"):
        with pytest.raises(DatabaseError, match="Cannot update"):
            tried(stay, f"UPDATE inventory_phonenumber SET {change} WHERE id = %(number)s", OUT)  # noqa: S608 - ours
        with pytest.raises(DatabaseError):
            tried(stay, OUT.replace("SET ", f"SET {change}, "))


def test_the_sweep_follows_the_law_writes_it_down_and_does_not_come_back_for_it() -> None:
    stay = resting(50)
    today = timezone.now().date()
    FeedDay.objects.bulk_create(FeedDay(day=today - timedelta(days=ago), healthy=True) for ago in range(-1, 60))
    run(morning(timezone.now()))
    made = law(60)
    assert clear_due(10) == 1
    stay.refresh_from_db()
    assert (stay.ended_at, stay.earliest_at - stay.entered_at) == (None, timedelta(days=60))
    change = LimitChange.objects.get()
    assert (change.stay, change.actor) == (stay, "sweep:quarantine")
    assert change.rule_is == f"aging:US:any:{made.valid_from} + policy:released:any:1970-01-01"
    assert clear_due(10) == 0
    assert PhoneNumber.objects.get().due_at == stay.earliest_at


@pytest.mark.django_db(transaction=True)
def test_none_of_many_clients_gets_a_number_past_a_law_that_has_come_into_force() -> None:
    """While each tries to get its number out, by raw SQL and by the sweep, the law comes: what left before it did so
    by the law of then, and afterwards nothing does."""
    stays = [resting(50) for _ in range(6)]
    run(morning(timezone.now()))
    began, enacted = Barrier(7), Event()

    def push(stay: Quarantine) -> bool:
        """Whether it got out after the law had come."""
        try:
            began.wait(30)
            while not enacted.is_set():
                sleep(0.01)
            clear_due(10)
            try:
                tried(stay, OUT, "UPDATE inventory_quarantine SET ended_at = now() WHERE id = %(stay)s")
            except DatabaseError:
                return False
            return True
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        tries = [pool.submit(push, stay) for stay in stays]
        began.wait(30)
        law(60)
        enacted.set()
        assert not any(each.result(60) for each in tries)
    assert PhoneNumber.objects.filter(state=State.QUARANTINED).count() == 6


def test_who_is_retired_need_not_rest() -> None:
    stay = resting(1)
    tried(stay, OUT, "UPDATE inventory_quarantine SET ended_at = now() WHERE id = %(stay)s", state=State.RETURNED)
    assert PhoneNumber.objects.get().state == State.RETURNED
