"""The curve on a number's page is what the nights said, or would have said, each morning."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from inventory.models import DailyContact, FeedDay, Quarantine
from inventory.models.quarantine import QuarantineSource
from inventory.quarantine.curve import look_back
from inventory.quarantine.nights.alone import look
from inventory.quarantine.nights.stretches import morning
from inventory.quarantine.stays import enter
from tests.factories import NumberFactory, ProviderFactory

AGE = 30


@pytest.fixture
def stay(db: None) -> Quarantine:
    """Since 30 days; called at first; two days not heard, and one that only its own row says was."""
    number, today = NumberFactory.create(quarantined=True), morning(timezone.now())
    for ago in range(2, AGE + 5):
        FeedDay.objects.create(day=today - timedelta(days=ago), healthy=ago not in (9, 10))
    for ago, voice in ((28, 2), (27, 7), (20, 1), (12, 3), (11, 3), (10, 4), (5, 2), (4, 3), (1, 1)):
        DailyContact.objects.create(number=number, day=today - timedelta(days=ago), voice=voice, distinct_callers=voice)
    return enter(number, source=QuarantineSource.RELEASED, since=timezone.now() - timedelta(days=AGE))


def test_each_morning_is_as_a_night_for_it_would_have_it(stay: Quarantine) -> None:
    found = look_back(stay, morning(timezone.now()))
    assert found is not None
    mornings = dict(found.curve.past)
    for ago in (0, 1, 8, 9, 12, 19, 26, AGE - 1):
        on = morning(timezone.now()) - timedelta(days=ago)
        said = look(stay, on)
        assert said is not None
        assert mornings[on] == pytest.approx(said.likelihood), ago


def test_what_it_says_is_what_the_night_would(stay: Quarantine) -> None:
    on = morning(timezone.now())
    found, said = look_back(stay, on), look(stay, on)
    assert found is not None
    assert said is not None
    assert found.said.sentence == said.sentence
    assert found.curve.alpha == said.alpha


def test_it_fades_from_this_morning_until_it_is_low_enough(stay: Quarantine) -> None:
    found = look_back(stay, morning(timezone.now()))
    assert found is not None
    ahead = [likely for _, likely in found.curve.ahead]
    assert found.curve.ahead[0] == pytest.approx(found.curve.past[-1])
    assert ahead == sorted(ahead, reverse=True)
    assert ahead[-1] < found.curve.alpha <= ahead[-2]


def test_days_are_told_with_what_came_and_whether_they_were_heard(stay: Quarantine) -> None:
    found = look_back(stay, morning(timezone.now()))
    assert found is not None
    days = {(morning(timezone.now()) - each.day).days: each for each in found.curve.days}
    assert (days[27].contacts, days[27].observed) == (7, True)
    assert (days[10].contacts, days[10].observed) == (4, False)
    assert (days[9].contacts, days[9].observed) == (0, False)
    assert days[1].observed, "its own row says so, where the feed told nothing"
    assert isinstance(days[1].day, date)


def test_a_stay_of_the_demonstration_has_none(db: None) -> None:
    provider = ProviderFactory.create(demo_aging=timedelta(minutes=2))
    number = NumberFactory.create(quarantined=True, provider=provider)
    of_demo = enter(number, source=QuarantineSource.RELEASED, since=timezone.now())
    assert look_back(of_demo, morning(timezone.now())) is None
