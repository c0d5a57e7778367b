"""Relief in a shortage: a higher alpha for one kind, for a while, by somebody; heeded by the nights."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction
from django.utils import timezone

from inventory.models import AlphaRelief, DailyContact, FeedDay, Quarantine
from inventory.models.quarantine import QuarantineSource
from inventory.quarantine.nights.alone import decide_alone
from inventory.quarantine.reliefs import alpha_of, end, grant, in_force
from inventory.quarantine.stays import enter
from inventory.refusals import NotARelief, NotInForce
from tests.factories import NumberFactory

pytestmark = pytest.mark.django_db
US: dict[str, Any] = {"country": "US", "number_type": "local", "actor": "user:ann", "reason": "sold out"}
ON = datetime(2026, 1, 15, tzinfo=UTC).date()


def later(days: int = 30) -> datetime:
    return timezone.now() + timedelta(days=days)


def test_it_raises_the_alpha_of_its_kind_alone_and_the_highest_counts() -> None:
    grant(alpha=0.2, expires_at=later(), **US)
    grant(alpha=0.3, expires_at=later(9), **US)
    grant(alpha=0.25, expires_at=later(), **US)
    found = in_force(ON)
    assert found == {("US", "local"): 0.3}
    assert alpha_of(("US", "local"), ON, found) == 0.3
    assert alpha_of(("US", "toll_free"), ON, found) == 0.15


@pytest.mark.parametrize(("alpha", "days"), [(0.15, 30), (0.31, 30), (0.2, 61), (0.2, -1)])
def test_it_raises_something_and_not_too_much_nor_for_too_long(alpha: float, days: int) -> None:
    with pytest.raises(NotARelief):
        grant(alpha=alpha, expires_at=later(days), **US)


def test_a_night_after_its_end_does_not_heed_it() -> None:
    relief = grant(alpha=0.2, expires_at=later(30), **US)
    assert in_force(later(29).date()) and not in_force(later(31).date())
    end(relief=relief, actor="user:bob", note="stock came")
    assert in_force(ON) == {}
    with pytest.raises(NotInForce):
        end(relief=relief, actor="user:bob", note="again")


@pytest.mark.parametrize("change", ["alpha = 0.3", "expires_at = expires_at + interval '1 day'", "country = 'CA'"])
def test_what_was_granted_can_not_be_changed(change: str) -> None:
    grant(alpha=0.2, expires_at=later(9), **US)
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE inventory_alpharelief SET {change}")  # noqa: S608 - our own words


def test_the_nights_release_below_it_and_never_before_the_minimum() -> None:
    assert [_decided(days) for days in (60, 40)] == [("hold", "likelihood"), ("hold", "legal_minimum")]
    grant(alpha=0.3, expires_at=later(), **US)
    assert [_decided(days) for days in (60, 40)] == [("release", "clean"), ("hold", "legal_minimum")]


def _decided(age: int) -> tuple[str, str]:
    """Of a number with a likelihood of 0.23: A7's fifth case."""
    since = datetime.combine(ON - timedelta(days=age), time(), UTC)
    number = NumberFactory.create(quarantined=True)
    stay: Quarantine = enter(number, source=QuarantineSource.RELEASED, since=since)
    for ago in range(1, age + 1):
        FeedDay.objects.get_or_create(day=ON - timedelta(days=ago), provider=None, defaults={"healthy": True})
    days = {*range(3, age, 7), 58} if age > 58 else set(range(3, age, 7))
    for day in days:
        DailyContact.objects.create(
            number=number, day=since.date() + timedelta(days=day), voice=300 if day == 58 else 1
        )
    decide_alone(stay, ON)
    if age == 60:
        assert stay.likelihood == pytest.approx(0.232990, abs=1e-4)
    return stay.action, stay.action_rule


def test_a_relief_that_runs_out_stays_on_record() -> None:
    relief = grant(alpha=0.2, expires_at=later(9), **US)
    assert AlphaRelief.objects.get() == relief
