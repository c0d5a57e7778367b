"""A person's word on a stay: one at a time, for a while, for a reason, and on record for good."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction
from django.utils import timezone

from inventory.blockers import blockers
from inventory.models import DailyContact, PhoneNumber, Quarantine, QuarantineOverride
from inventory.models.quarantine import QuarantineSource
from inventory.quarantine import overrides
from inventory.quarantine.nights.alone import action_on, decide_alone
from inventory.quarantine.nights.stretches import morning
from inventory.quarantine.overrides import force_hold, force_release, force_retire, withdraw, word_in_force
from inventory.quarantine.stays import enter, leave
from inventory.quarantine.sweeps import clear_due
from inventory.refusals import AlreadySaid, NotAhead, NotInForce, StayEnded
from tests.factories import NumberFactory

pytestmark = pytest.mark.django_db
WHO: dict[str, Any] = {"actor": "user:ann", "reason": "nuisance calls"}


def ahead(days: int) -> date:
    return timezone.now().date() + timedelta(days=days)


def resting(days: int = 60) -> Quarantine:
    number = NumberFactory.create(quarantined=True, due_at=timezone.now() + timedelta(days=9))
    return enter(number, source=QuarantineSource.RELEASED, since=timezone.now() - timedelta(days=days))


def decided(stay: Quarantine) -> Quarantine:
    """As a night has left it: to be released."""
    terms = {"recent_contacts": 0.0, "effective_days": 20.0, "likelihood": 0.01, "alpha": 0.15}
    said = {"action": "release", "action_rule": "clean", "state_day": ahead(-1)}
    Quarantine.objects.filter(pk=stay.pk).update(**terms, **said)
    stay.refresh_from_db()
    return stay


def test_a_word_is_kept_with_who_said_it_why_and_until_when() -> None:
    stay = resting()
    said = force_hold(stay=stay, until=ahead(30), **WHO)
    said.refresh_from_db()
    assert (said.action, said.until, said.expires_on) == ("force_hold", ahead(30), ahead(30))
    assert (said.actor, said.reason, said.withdrawn_at) == ("user:ann", "nuisance calls", None)
    assert word_in_force(stay) == said


def test_a_word_takes_back_what_the_last_night_said() -> None:
    stay = decided(resting())
    force_hold(stay=stay, until=ahead(30), **WHO)
    stay.refresh_from_db()
    assert stay.action != "release"
    assert PhoneNumber.objects.get().due_at <= timezone.now()  # type: ignore[operator]  # it is set


def test_a_number_that_was_about_to_leave_is_held() -> None:
    stay = decided(resting())
    force_hold(stay=stay, until=ahead(30), **WHO)
    clear_due(10)
    stay.refresh_from_db()
    assert (stay.ended_at, stay.action, stay.action_rule) == (None, "hold", "override")


def test_a_word_that_came_while_a_night_was_at_the_stay_counts_before_the_number_leaves() -> None:
    stay = resting()
    force_hold(stay=stay, until=ahead(30), **WHO)
    on = morning(timezone.now())
    decide_alone(stay, on, record=True)
    leaving = {"action": "release", "action_rule": "clean"}  # what a night writes that has read no word
    Quarantine.objects.filter(pk=stay.pk).update(**leaving)
    stay.refresh_from_db()
    assert action_on(stay, on) == "hold"


def test_a_forced_release_counts_at_once_and_yet_waits_for_the_minimum() -> None:
    young, old = resting(days=10), resting(days=60)
    for stay in (young, old):
        DailyContact.objects.create(number=stay.number, day=ahead(-2), voice=9)
        force_release(stay=stay, expires_on=ahead(5), **WHO)
    clear_due(10)
    young.refresh_from_db()
    old.refresh_from_db()
    assert (young.ended_at, old.ended_at is None) == (None, False)
    assert old.decisions.get().rule == "override"


@pytest.mark.parametrize("say", [force_release, force_retire])
def test_a_second_word_is_refused_and_names_the_first(say: Any) -> None:
    stay = resting()
    force_hold(stay=stay, until=ahead(30), **WHO)
    with pytest.raises(AlreadySaid, match="force hold already, by user:ann"):
        say(stay=stay, expires_on=ahead(5), **WHO)
    assert QuarantineOverride.objects.count() == 1


def test_a_word_that_ran_out_gives_way_to_the_next_and_stays_on_record() -> None:
    stay = resting()
    said = {"expires_on": ahead(0), "actor": "user:bob", "reason": "asked for"}
    old = QuarantineOverride.objects.create(stay=stay, action="force_retire", **said)
    assert word_in_force(stay) is None
    new = force_release(stay=stay, expires_on=ahead(5), **WHO)
    old.refresh_from_db()
    assert (old.withdrawn_by, old.withdrawn_note) == ("user:ann", "it had run out")
    assert word_in_force(stay) == new


def test_a_word_is_withdrawn_once() -> None:
    stay = resting()
    said = force_retire(stay=stay, expires_on=ahead(5), **WHO)
    withdraw(override=said, actor="user:bob", note="a mistake")
    assert word_in_force(stay) is None
    said.refresh_from_db()
    assert (said.withdrawn_by, said.withdrawn_note) == ("user:bob", "a mistake")
    with pytest.raises(NotInForce):
        withdraw(override=said, actor="user:bob", note="again")


@pytest.mark.parametrize("days", [-1, 0, 366])
def test_a_word_counts_from_tomorrow_on_and_for_a_year_at_most(days: int) -> None:
    with pytest.raises(NotAhead):
        force_hold(stay=resting(), until=ahead(days), **WHO)


def test_nothing_is_said_of_a_stay_that_is_over() -> None:
    stay = resting()
    said = force_release(stay=stay, expires_on=ahead(5), **WHO)
    leave(stay.number, verdict="clean", now=timezone.now())
    stay.refresh_from_db()
    assert word_in_force(stay) is None
    with pytest.raises(StayEnded):
        force_hold(stay=stay, until=ahead(5), **WHO)
    with pytest.raises(StayEnded):
        withdraw(override=said, actor="user:bob", note="too late")
    enter(stay.number, source=QuarantineSource.RELEASED, since=timezone.now())  # claims are checked at the end


@pytest.mark.parametrize(
    "change",
    [
        "reason = 'other'",
        "expires_on = expires_on + 1",
        "action = 'force_release', until = NULL",
        "stay_id = stay_id + 1",
    ],
)
def test_what_was_said_can_not_be_changed(change: str) -> None:
    force_hold(stay=resting(), until=ahead(30), **WHO)
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE inventory_quarantineoverride SET {change}")  # noqa: S608 - our own words


def test_what_was_withdrawn_stays_so_and_nothing_is_deleted() -> None:
    said = force_hold(stay=resting(), until=ahead(30), **WHO)
    withdraw(override=said, actor="user:bob", note="a mistake")
    again = "UPDATE inventory_quarantineoverride SET withdrawn_at = NULL, withdrawn_by = '', withdrawn_note = ''"
    for statement in (again, "DELETE FROM inventory_quarantineoverride"):
        with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_why_not_for_sale_tells_what_a_person_said() -> None:
    stay = resting(days=10)
    force_release(stay=stay, expires_on=ahead(60), **WHO)
    found = blockers(stay.number, timezone.now())[1]
    assert found.evidence == {"override": QuarantineOverride.objects.get().pk}
    assert found.what == (f"force release by user:ann: nuisance calls, waits for its minimum, counts until {ahead(60)}")
    assert found.until == stay.earliest_at


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_is_refused() -> None:
    stay = resting()

    def say(day: int) -> str:
        try:
            force_hold(stay=stay, until=ahead(day), **WHO)
        except AlreadySaid:
            return "refused"
        finally:
            connection.close()
        return "said"

    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(say, range(1, 5)))
    assert sorted(told) == ["refused"] * 3 + ["said"]
    assert overrides.open_word(stay) is not None
