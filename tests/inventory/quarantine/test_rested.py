"""Raw SQL against the minimum of a stay: nothing gets a number out of quarantine and towards the shop before it."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from inventory.lifecycle import State
from inventory.models import PhoneNumber, Quarantine
from inventory.models.quarantine import QuarantineSource
from inventory.quarantine.stays import enter
from tests.factories import AccountFactory, NumberFactory

pytestmark = pytest.mark.django_db
OUT = "UPDATE inventory_phonenumber SET state = %(state)s, due_at = now(), cleared_at = now() WHERE id = %(number)s"


def resting(days: int) -> Quarantine:
    """A stay that began so many days ago; it must last 45."""
    since = timezone.now() - timedelta(days=days)
    return enter(NumberFactory.create(quarantined=True), source=QuarantineSource.RELEASED, since=since)


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


def test_who_is_retired_need_not_rest() -> None:
    stay = resting(1)
    tried(stay, OUT, "UPDATE inventory_quarantine SET ended_at = now() WHERE id = %(stay)s", state=State.RETURNED)
    assert PhoneNumber.objects.get().state == State.RETURNED
