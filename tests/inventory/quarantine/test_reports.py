"""What new owners report, and with what the next stay of a number begins that was given back soon."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from inventory.lifecycle import State
from inventory.models import Did, LifecycleEntry, PhoneNumber, Quarantine, UnwantedKind, UnwantedTraffic
from inventory.models.quarantine import QuarantineSource
from inventory.quarantine.history import DISCOUNT
from inventory.quarantine.nights.alone import decide_alone
from inventory.quarantine.reports import report
from inventory.quarantine.stays import enter
from inventory.quarantine.sweeps import expire_due
from inventory.refusals import NotInService, NotItsDay, TooLateToReport
from inventory.services import assignments
from tests.factories import AccountFactory, DidFactory, NumberFactory

pytestmark = pytest.mark.django_db
CALLS: dict[str, Any] = {"kind": UnwantedKind.CALLS, "a_day": 2}


def ago(days: float) -> datetime:
    return timezone.now() - timedelta(days=days)


def bought(days: float) -> Did:
    """So many days ago, the day after its stay had ended: with S 4 and E 20."""
    did: Did = DidFactory.create(created_at=ago(days))
    since = {"entered_at": ago(days + 61), "earliest_at": ago(days + 16), "ended_at": ago(days + 1)}
    terms = {"recent_contacts": 4.0, "effective_days": 20.0, "likelihood": 0.1, "alpha": 0.15}
    said = {"action": "release", "action_rule": "clean", "state_day": ago(days + 2).date()}
    Quarantine.objects.create(number=did.number, source="released", rule="policy", **since, **terms, **said)
    return did


def given_back(did: Did) -> Quarantine:
    """The stay that follows, when nobody has reclaimed the number."""
    assignments.release(did=did, actor="account:AC")
    PhoneNumber.objects.filter(pk=did.number_id).update(due_at=timezone.now())
    assert expire_due(10) == 1
    return Quarantine.objects.get(number=did.number, ended_at=None)


def test_a_report_is_written_down_once_with_the_stay_that_let_the_number_go() -> None:
    did = bought(3)
    told, is_new = report(did=did, **CALLS, note="asks for a dentist")
    assert is_new
    assert (told.stay, told.account, told.since) == (Quarantine.objects.get(), did.account, did.created_at.date())
    assert report(did=did, kind=UnwantedKind.BOTH, a_day=9) == (told, False)
    did.number.refresh_from_db()
    assert did.number.state == State.IN_SERVICE, "a report moves no number"
    assert not LifecycleEntry.objects.exists()


def test_it_is_taken_for_thirty_days() -> None:
    assert report(did=bought(29.9), **CALLS)[1]
    late = bought(30.1)
    with pytest.raises(TooLateToReport):
        report(did=late, **CALLS)


@pytest.mark.parametrize("days", [-1, 4])
def test_it_tells_of_days_on_which_the_number_was_the_owners(days: int) -> None:
    did = bought(3)
    with pytest.raises(NotItsDay):
        report(did=did, since=ago(days).date(), **CALLS)
    assert report(did=did, since=ago(2).date(), **CALLS)[1]


def test_who_has_it_no_more_reports_nothing() -> None:
    did = bought(3)
    assignments.release(did=did, actor="account:AC")
    with pytest.raises(NotInService):
        report(did=did, **CALLS)


def test_a_transfer_begins_no_second_month() -> None:
    did = bought(40)
    child = AccountFactory.create(parent=did.account)
    moved = assignments.transfer(did=did, to=child, by=did.account)
    with pytest.raises(TooLateToReport):
        report(did=moved, **CALLS)


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_is_the_report() -> None:
    did = bought(3)

    def tell(a_day: int) -> tuple[int, bool]:
        try:
            told, is_new = report(did=did, kind=UnwantedKind.CALLS, a_day=a_day)
        finally:
            connection.close()
        return told.pk, is_new

    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(tell, range(1, 5)))
    assert sorted(is_new for _, is_new in told) == [False, False, False, True]
    assert {pk for pk, _ in told} == {UnwantedTraffic.objects.get().pk}


def test_who_returns_it_in_a_week_leaves_what_the_last_stay_knew() -> None:
    """Its last day was counted with weight 1; seven days later, on the morning of the entry, it is six days old."""
    stay = given_back(bought(5))
    assert stay.source == "released"
    fade = DISCOUNT ** (stay.entered_at.date() - timedelta(days=1) - ago(7).date()).days
    assert stay.carried_contacts == pytest.approx(4 * fade)
    assert stay.carried_days == pytest.approx(20 * fade)
    assert LifecycleEntry.objects.latest("pk").data == {}


def test_who_had_it_longer_and_told_nothing_leaves_nothing() -> None:
    stay = given_back(bought(7.1))
    assert (stay.carried_contacts, stay.carried_days) == (0, 0)


def test_who_reported_and_returns_it_leaves_what_he_told_too() -> None:
    did = bought(20)
    told, _ = report(did=did, kind=UnwantedKind.CALLS, a_day=100, since=ago(10).date())
    stay = given_back(did)
    fade = DISCOUNT ** (stay.entered_at.date() - timedelta(days=1) - ago(22).date()).days
    days = sum(DISCOUNT**each for each in range(10))  # the last ten closed ones
    assert stay.carried_days == pytest.approx(20 * fade + days)
    assert stay.carried_contacts == pytest.approx(4 * fade + 3 * days), "a storm counts three contacts a day"
    entry = LifecycleEntry.objects.get(verb="expire")
    assert entry.data == {"unwanted_traffic": told.sid}
    assert "unwanted traffic was reported" in entry.reason


def test_what_is_reported_on_the_day_of_the_purchase_counts_one_day() -> None:
    did: Did = DidFactory.create(created_at=timezone.now())
    report(did=did, **CALLS)
    stay = given_back(did)
    assert (stay.carried_contacts, stay.carried_days) == (2, 1)


def test_the_nights_go_on_from_there() -> None:
    """The recursion of A2: what was carried fades with each day, and what is seen since comes on top."""
    on, carried = date(2026, 1, 15), (5.0, 12.0)
    since = datetime.combine(on - timedelta(days=60), time(), UTC)
    begun: list[dict[str, Any]] = [{}, {"carried": carried}]
    new, known = (
        enter(NumberFactory.create(quarantined=True), source=QuarantineSource.RELEASED, since=since, **more)
        for more in begun
    )
    for stay in (new, known):
        decide_alone(stay, on)
    assert new.recent_contacts == new.effective_days == 0
    assert known.recent_contacts == pytest.approx(5 * DISCOUNT**60)
    assert known.effective_days == pytest.approx(12 * DISCOUNT**60)
    assert known.likelihood is not None
