"""The scorecard counts what was judged, by provider, country, route and week."""

import random
import statistics
from datetime import UTC, date, datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from inventory.models import Provider
from testing_lab.models import Outcome, Result, RunState, SuiteRun
from testing_lab.services.scorecard import Row, monday_of, scorecard
from tests.factories import NumberFactory, ProviderFactory

pytestmark = pytest.mark.django_db

MONDAY = date(2026, 11, 16)
NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)

Found = tuple[str, Outcome, float | None]


def run(provider: Provider, *found: Found, at: datetime = NOON, route: str = "", **fields: object) -> SuiteRun:
    """A run that ended then with these results, after an attempt that was inconclusive."""
    number = NumberFactory.create(provider=provider, **fields)
    ended = SuiteRun.objects.create(number=number, state=RunState.DONE, passed=True, finished_at=at, attempt=2)
    Result.objects.create(run=ended, attempt=1, code="V02", outcome=Outcome.INCONCLUSIVE)
    Result.objects.bulk_create(
        Result(run=ended, attempt=2, code=code, outcome=outcome, value=value, unit="s", route=route)
        for code, outcome, value in found
    )
    return ended


def test_percentiles_and_the_pass_rate_are_those_of_what_was_judged() -> None:
    provider, chance = ProviderFactory.create(slug="tern"), random.Random(7)
    delays = [chance.uniform(0.5, 4) for _ in range(41)]
    for delay in delays:
        run(provider, ("V02", Outcome.PASS if delay <= 3 else Outcome.FAIL, delay))
    run(provider, ("V02", Outcome.INCONCLUSIVE, 99.0), ("S01", Outcome.NOT_APPLICABLE, None))
    (row,) = scorecard(week=MONDAY)
    late = sum(delay > 3 for delay in delays)
    assert row[:8] == ("tern", "US", "", MONDAY, "V02", 41 - late, late, 1)
    assert row.unit == "s"
    assert row.pass_rate == pytest.approx(1 - late / 41)
    assert row.p50 == pytest.approx(statistics.median(delays))
    assert row.p95 == pytest.approx(sorted(delays)[38])


def test_each_provider_country_route_and_week_has_its_own_rows() -> None:
    tern, gull = (ProviderFactory.create(slug=slug) for slug in ("tern", "gull"))
    passes: Found = ("V01", Outcome.PASS, 1.0)
    run(tern, passes)
    run(tern, passes, route="second")
    run(tern, passes, country="IE")
    run(gull, passes)
    run(tern, passes, at=NOON - timedelta(weeks=1))
    assert [row[:4] for row in scorecard(week=date(2026, 11, 22))] == [
        ("gull", "US", "", MONDAY),
        ("tern", "IE", "", MONDAY),
        ("tern", "US", "", MONDAY),
        ("tern", "US", "second", MONDAY),
    ]
    assert [row.week for row in scorecard(provider=tern, country="US", route="", week=date(2026, 11, 9))] == [
        MONDAY - timedelta(weeks=1)
    ]
    assert [row.country for row in scorecard(country="IE", week=MONDAY)] == ["IE"]
    assert [row.route for row in scorecard(route="second", week=MONDAY)] == ["second"]


def test_without_a_week_the_last_four_are_shown_latest_first() -> None:
    provider, now = ProviderFactory.create(), datetime.now(UTC)
    for weeks in range(6):
        run(provider, ("V01", Outcome.PASS, 1.0), at=now - timedelta(weeks=weeks))
    weeks_shown = [row.week for row in scorecard()]
    this = monday_of(now.date())
    assert weeks_shown == [this - timedelta(weeks=weeks) for weeks in range(4)]


def test_what_is_older_is_read_by_one_statement(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    provider, now = ProviderFactory.create(), datetime.now(UTC)
    for weeks in range(12):
        run(provider, ("V01", Outcome.PASS, 1.0), at=now - timedelta(weeks=weeks))
    scorecard()
    with django_assert_num_queries(1):
        shown = [row.week for row in scorecard(weeks=12)]
    assert shown == [monday_of(now.date()) - timedelta(weeks=weeks) for weeks in range(12)]


def test_nothing_measured_is_no_zero() -> None:
    run(ProviderFactory.create(), ("V10", Outcome.INCONCLUSIVE, None))
    (row,) = scorecard(week=MONDAY)
    assert (row.pass_rate, row.p50, row.p95) == (None, None, None)
    assert isinstance(row, Row)
