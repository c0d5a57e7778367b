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


class Row(NamedTuple):
    """One test. `route` is empty where no route was noted. `p50` and `p95` are of the measured values, in `unit` (V02:
    seconds of post-dial delay; V05: MOS), over results that passed or failed; None where nothing was measured."""

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


_ROWS = """
SELECT provider.slug, number.country, result.route, run.week, result.code,
    count(*) FILTER (WHERE result.outcome = 'pass'),
    count(*) FILTER (WHERE result.outcome = 'fail'),
    count(*) FILTER (WHERE result.outcome = 'inconclusive'),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY result.value) FILTER (WHERE result.outcome IN ('pass', 'fail')),
    percentile_cont(0.95) WITHIN GROUP (ORDER BY result.value) FILTER (WHERE result.outcome IN ('pass', 'fail')),
    max(result.unit)
FROM (
    SELECT id, number_id, attempt, date_trunc('week', finished_at, 'UTC')::date AS week
    FROM testing_lab_suiterun WHERE state = 'DONE' AND finished_at >= %(since)s AND finished_at < %(until)s
) AS run
JOIN inventory_phonenumber AS number ON number.id = run.number_id
JOIN inventory_provider AS provider ON provider.id = number.provider_id
JOIN testing_lab_result AS result ON result.run_id = run.id AND result.attempt = run.attempt
WHERE result.outcome <> 'not_applicable'
    AND (%(provider)s::bigint IS NULL OR provider.id = %(provider)s)
    AND (%(country)s::text IS NULL OR number.country = %(country)s)
    AND (%(route)s::text IS NULL OR result.route = %(route)s)
GROUP BY provider.slug, number.country, result.route, run.week, result.code
ORDER BY run.week DESC, provider.slug, number.country, result.route, result.code
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
    asked: dict[str, int | str | datetime | None] = {
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
