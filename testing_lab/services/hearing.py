"""What the outage canary hears: the verdicts on the numbers of a place, and on those that were called over one route.

Page's statistic is made in the database: with X the running sum of the weights, S_n = X_n - min(0, min X_k, k <= n) is
the same as S_n = max(0, S_(n-1) + w_n) (`testing_lab.sequential`). The verdicts themselves are fetched only to be put
down as evidence.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.db import connection
from django.db.models import QuerySet

from testing_lab.models import Purpose, RunState, SuiteRun
from testing_lab.outage_policy import PROVEN, OutagePolicy
from testing_lab.services.sampling import Place


class Heard(NamedTuple):
    """One verdict, and what it is worth (nats)."""

    run: int
    number: int
    e164: int
    purpose: str
    passed: bool
    at: datetime
    weight: float


class Suspect(NamedTuple):
    """Where numbers failed: at a place, or there over one route (its name; "" for calls as they usually go).

    `value` is Page's statistic of all that was heard after `since`; `doubt` counts what customers ordered, too.
    """

    place: Place
    route: str
    since: datetime
    value: float
    doubt: float


# A number that fails again and again is one bad number: its failures count once. What a customer ordered counts in the
# doubt alone.
_SUSPECTS = """
WITH failing AS (
    SELECT DISTINCT number.provider_id, number.country, run.trunk_id
    FROM testing_lab_suiterun AS run JOIN inventory_phonenumber AS number ON number.id = run.number_id
    WHERE run.state = 'DONE' AND NOT run.passed AND run.finished_at > %(since)s AND number.provider_id IS NOT NULL
), suspect AS MATERIALIZED (
    SELECT failing.*, coalesce(trunk.name, '') AS route, greatest(%(since)s, (
        SELECT max(closed_at) FROM testing_lab_incident AS incident
        WHERE incident.provider_id = failing.provider_id AND incident.country = failing.country
            AND incident.route = coalesce(trunk.name, '')
    )) AS since
    FROM failing LEFT JOIN testing_lab_trunk AS trunk ON trunk.id = failing.trunk_id
), heard AS (
    SELECT suspect.*, run.id, run.finished_at, run.passed, run.purpose = 'customer' AS ordered,
        CASE WHEN run.purpose = ANY (%(proven)s)
            THEN CASE WHEN run.passed THEN %(proven_pass)s ELSE %(proven_fail)s END
            ELSE CASE WHEN run.passed THEN %(unproven_pass)s ELSE %(unproven_fail)s END
        END::float AS weight,
        row_number() OVER (PARTITION BY suspect.provider_id, suspect.country, suspect.route, run.number_id, run.passed
            ORDER BY run.finished_at, run.id) AS nth,
        row_number() OVER (PARTITION BY suspect.provider_id, suspect.country, suspect.route, run.number_id, run.passed,
            run.purpose = 'customer' ORDER BY run.finished_at, run.id) AS nth_not_ordered
    FROM testing_lab_suiterun AS run JOIN inventory_phonenumber AS number ON number.id = run.number_id
    JOIN suspect ON suspect.provider_id = number.provider_id AND suspect.country = number.country
        AND suspect.trunk_id IS NOT DISTINCT FROM run.trunk_id
    WHERE run.state = 'DONE' AND run.finished_at > %(since)s AND run.finished_at > suspect.since
), counted AS (
    SELECT *, CASE WHEN NOT ordered AND (passed OR nth_not_ordered = 1) THEN weight ELSE 0 END AS w,
        CASE WHEN passed OR nth = 1 THEN weight ELSE 0 END AS w_with_ordered
    FROM heard
), summed AS (
    SELECT *, sum(w) OVER verdicts AS x, sum(w_with_ordered) OVER verdicts AS x_with_ordered FROM counted
    WINDOW verdicts AS (PARTITION BY provider_id, country, route ORDER BY finished_at, id ROWS UNBOUNDED PRECEDING)
)
SELECT provider_id, country, route, since,
    sum(w) - least(0, min(x)), sum(w_with_ordered) - least(0, min(x_with_ordered))
FROM summed GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3
"""


def suspects(since: datetime, policy: OutagePolicy) -> list[Suspect]:
    """Every place, and every route there, where a number failed after `since`; of one that had an incident, after that
    was closed. Places come before their routes."""
    weights = {
        "proven_pass": policy.proven.weight(passed=True),
        "proven_fail": policy.proven.weight(passed=False),
        "unproven_pass": policy.unproven.weight(passed=True),
        "unproven_fail": policy.unproven.weight(passed=False),
    }
    with connection.cursor() as cursor:
        cursor.execute(_SUSPECTS, {"since": since, "proven": [str(purpose) for purpose in PROVEN], **weights})
        return [Suspect(Place(provider, country), *row) for provider, country, *row in cursor.fetchall()]


def heard(place: Place, route: str, since: datetime, policy: OutagePolicy) -> list[Heard]:
    """Verdicts, oldest first, but those that customers ordered."""
    done = _done(place, route).filter(finished_at__gt=since)
    columns = ("pk", "number", "number__e164", "purpose", "passed", "finished_at")
    rows = done.order_by("finished_at", "pk").values_list(*columns).iterator()
    return [
        Heard(run, number, e164, purpose, passed, at, policy.weight(purpose, passed=passed))
        for run, number, e164, purpose, passed, at in rows
    ]


def counted(verdicts: Iterable[Heard]) -> list[Heard]:
    """A number that fails again and again is one bad number, not an outage: its failures count once."""
    failed: set[int] = set()
    found = []
    for each in verdicts:
        if each.passed or each.number not in failed:
            found.append(each)
        if not each.passed:
            failed.add(each.number)
    return found


def passes_elsewhere(place: Place, since: datetime) -> bool:
    """Whether a number of the place has passed since then, as calls usually go."""
    return _done(place, "").filter(passed=True, finished_at__gte=since).exists()


def _done(place: Place, route: str) -> QuerySet[SuiteRun]:
    """Without what customers ordered: that decides nothing."""
    done = SuiteRun.objects.filter(state=RunState.DONE, number__provider=place.provider, number__country=place.country)
    done = done.exclude(purpose=Purpose.CUSTOMER)
    return done.filter(trunk__name=route) if route else done.filter(trunk=None)
