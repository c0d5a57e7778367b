"""The scorecard: how each provider's numbers did, test by test, by country, route and week.

Counted are the results of the attempt that gave a run its verdict, of runs of any purpose. One statement over
`suite_run_done` (the weeks asked for) and `result_once_per_attempt`; docs/outages.md says what it costs.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from django.db import connection
from django.utils import timezone

from inventory.models import Provider

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
    WHERE result.outcome <> 'not_applicable' AND (%(route)s::text IS NULL OR result.route = %(route)s)
    GROUP BY 1, 2, 3, 4, 5
), measured AS (
    SELECT run.slug, run.country, result.route, run.week, result.code, max(result.unit) AS unit,
        percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY result.value) AS percentiles
    FROM run JOIN testing_lab_result AS result ON result.run_id = run.id AND result.attempt = run.attempt
    WHERE result.code = ANY (%(scales)s) AND result.outcome IN ('pass', 'fail')
        AND (%(route)s::text IS NULL OR result.route = %(route)s)
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
    first = monday_of(week) if week else monday_of(timezone.now().date()) - timedelta(weeks=weeks - 1)
    asked: dict[str, int | str | datetime | list[str] | None] = {
        "scales": list(SCALES),
        "provider": provider.pk if provider else None,
        "country": country,
        "route": route,
        "since": _midnight(first),
        "until": _midnight(first + timedelta(weeks=1 if week else weeks)),
    }
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, asked)
        return [Row._make(row) for row in cursor.fetchall()]


def monday_of(day: date) -> date:
    """The day by which its week goes."""
    return day - timedelta(days=day.weekday())


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)
