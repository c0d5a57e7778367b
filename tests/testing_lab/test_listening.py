"""The lab's own days: on which it listened from beginning to end."""

from datetime import UTC, datetime, timedelta

import pytest

from inventory.models import FeedDay, FeedReport
from testing_lab.models import ListeningHour
from testing_lab.services.listening import listened, note, sum_up
from tests.factories import ProviderFactory

pytestmark = pytest.mark.django_db
DAY = datetime(2026, 1, 14, tzinfo=UTC)
NIGHT = DAY + timedelta(days=1, minutes=10)


def listen(*, but: range = range(0)) -> None:
    """Every twenty minutes of the day, but not in these minutes of it."""
    for minute in range(0, 24 * 60, 20):
        if minute not in but:
            note(DAY + timedelta(minutes=minute, seconds=7))


def test_a_whole_day_is_healthy_and_a_restart_is_no_gap() -> None:
    listen(but=range(700, 740))
    assert listened(DAY.date())


@pytest.mark.parametrize("gap", [range(600, 680), range(0, 62), range(1361, 1440), range(0, 1440)])
def test_more_than_an_hour_without_the_lab_is_a_gap(gap: range) -> None:
    listen(but=gap)
    assert not listened(DAY.date())


def test_daemons_share_an_hour_and_a_minute_counts_once() -> None:
    for minute in (0, 0, 5, 59):
        note(DAY + timedelta(minutes=minute))
    assert ListeningHour.objects.get().minutes == 1 | 1 << 5 | 1 << 59


def test_it_tells_of_providers_whose_numbers_it_hears_of_days_since_it_first_listened() -> None:
    heard, _ = ProviderFactory.create(heard_by_lab_since=DAY), ProviderFactory.create()
    listen()
    sum_up(NIGHT)
    assert list(FeedDay.objects.values_list("provider", "day", "healthy")) == [(heard.pk, DAY.date(), True)]
    sum_up(NIGHT + timedelta(days=1))
    gap = FeedDay.objects.get(day=NIGHT.date())
    assert (gap.provider, gap.healthy) == (heard, False)
    assert set(FeedReport.objects.values_list("feed", flat=True)) == {"lab"}


def test_it_tells_of_no_day_that_began_before_it_heard_the_provider() -> None:
    ProviderFactory.create(heard_by_lab_since=DAY + timedelta(minutes=1))
    listen()
    sum_up(NIGHT)
    assert not FeedReport.objects.exists()
    sum_up(NIGHT + timedelta(days=1))
    assert FeedReport.objects.get().day == NIGHT.date()


def test_a_report_in_its_name_of_all_providers_keeps_it_from_nothing() -> None:
    """In the database there may be one of the time when anybody could take that name."""
    FeedReport.objects.create(provider=None, day=DAY.date(), feed="lab", healthy=True)
    heard = ProviderFactory.create(heard_by_lab_since=DAY)
    listen()
    sum_up(NIGHT)
    assert FeedDay.objects.get().provider == heard


def test_hours_that_are_long_summed_up_are_forgotten() -> None:
    listen()
    sum_up(NIGHT + timedelta(days=30))
    assert not ListeningHour.objects.exists()
