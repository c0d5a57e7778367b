"""The scorecard: how each provider's numbers did, test by test, by country, route and week.

Counted are the results of the attempt that gave a run its verdict, of runs of any purpose. For each of the last weeks
one statement, and one for all that are older, over `suite_run_done` and `result_once_per_attempt`; docs/outages.md says
what it costs.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from django.db import connection
from django.utils import timezone

from inventory.models import Provider
from numbering.pictures import Picture

WEEKS = 4
#: Post-dial delay (s), and MOS.
SCALES = ("V02", "V05")


class Row(NamedTuple):
    """One test. `route` is empty where no route was noted. `p50` and `p95`, of `SCALES` only, are of the values of
    results that passed or failed, in `unit`; None where nothing was measured."""

    provider: str
    country: str
    route: str
    week: date
    code: str
    passed: int
    failed: int
    inconclusive: int
    p50: float | None
    p95: float | None
    unit: str

    @property
    def pass_rate(self) -> float | None:
        """Of the results that passed or failed; None where there are none."""
        judged = self.passed + self.failed
        return self.passed / judged if judged else None


# Counts need no sorting; percentiles do, so they are looked up for the few tests whose value is a scale of quality.
_ROWS = """
WITH run AS MATERIALIZED (
    SELECT run.id, run.attempt, provider.slug, number.country,
        date_trunc('week', run.finished_at, 'UTC')::date AS week
    FROM testing_lab_suiterun AS run
    JOIN inventory_phonenumber AS number ON number.id = run.number_id
    JOIN inventory_provider AS provider ON provider.id = number.provider_id
    WHERE run.state = 'DONE' AND run.finished_at >= %(since)s AND run.finished_at < %(until)s
        AND (%(provider)s::bigint IS NULL OR provider.id = %(provider)s)
        AND (%(country)s::text IS NULL OR number.country = %(country)s)
), counted AS (
    SELECT run.slug, run.country, result.route, run.week, result.code,
        count(*) FILTER (WHERE result.outcome = 'pass') AS passed,
        count(*) FILTER (WHERE result.outcome = 'fail') AS failed,
        count(*) FILTER (WHERE result.outcome = 'inconclusive') AS inconclusive
    FROM run JOIN testing_lab_result AS result ON result.run_id = run.id AND result.attempt = run.attempt
    WHERE result.outcome <> 'not_applicable'
    GROUP BY 1, 2, 3, 4, 5
), measured AS (
    SELECT run.slug, run.country, result.route, run.week, result.code, max(result.unit) AS unit,
        percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY result.value) AS percentiles
    FROM run JOIN testing_lab_result AS result ON result.run_id = run.id AND result.attempt = run.attempt
    WHERE result.code = ANY (%(scales)s) AND result.outcome IN ('pass', 'fail')
    GROUP BY 1, 2, 3, 4, 5
)
SELECT slug, country, route, week, code, passed, failed, inconclusive,
    percentiles[1], percentiles[2], coalesce(unit, '')
FROM counted LEFT JOIN measured USING (slug, country, route, week, code)
ORDER BY week DESC, slug, country, route, code
"""


def scorecard(
    *,
    provider: Provider | None = None,
    country: str | None = None,
    route: str | None = None,
    week: date | None = None,
    weeks: int = WEEKS,
) -> Sequence[Row]:
    """Rows of one week (any day of it), or else of the last `weeks`; the latest week first. Weeks begin on Monday, UTC.

    `route` "" asks for results without one, None for all.
    """
    last = monday_of(week or timezone.now().date())
    mondays = [last - timedelta(weeks=ago) for ago in range(1 if week else weeks)]
    painted = [monday for monday in mondays if _is_painted(monday)]
    older = len(mondays) - len(painted)
    return [
        row
        for row in (
            *(row for monday in painted for row in _week(monday)),
            *(_read(mondays[-1], provider, country, weeks=older) if older else ()),
        )
        if (provider is None or row.provider == provider.slug)
        and country in (None, row.country)
        and route in (None, row.route)
    ]


def _is_painted(monday: date) -> bool:
    """The last weeks are read whole, by a worker. Older ones are read for who asks, so no more than was asked for."""
    this = monday_of(timezone.now().date())
    return this - timedelta(weeks=WEEKS) < monday <= this


def _week(monday: date) -> list[Row]:
    """What is over is not read again for hours."""
    return (_this_week if monday == monday_of(timezone.now().date()) else _past_weeks)(monday)


def _read(monday: date, provider: Provider | None = None, country: str | None = None, *, weeks: int = 1) -> list[Row]:
    values = {
        "scales": list(SCALES),
        "provider": provider.pk if provider else None,
        "country": country,
        "since": _midnight(monday),
        "until": _midnight(monday + timedelta(weeks=weeks)),
    }
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, values)
        return [Row._make(row) for row in cursor.fetchall()]


def _mondays(first: int, before: int) -> Iterator[tuple[date]]:
    """Of the weeks that began so many weeks ago."""
    for ago in range(first, before):
        yield (monday_of(timezone.now().date()) - timedelta(weeks=ago),)


def monday_of(day: date) -> date:
    """The day by which its week goes."""
    return day - timedelta(days=day.weekday())


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


_this_week = Picture("scorecard-this-week", _read, seconds=60, keys=lambda: _mondays(0, 1))
_past_weeks = Picture("scorecard-past-weeks", _read, seconds=6 * 3600, keys=lambda: _mondays(1, WEEKS))
PICTURES = (_this_week, _past_weeks)
