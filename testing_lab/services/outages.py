"""The outage canary: hears every verdict of the lab, opens an incident when a sequential test says so, and closes it.

Nothing is remembered between two looks: the tests are made anew from the results of the last hours (`outage_policy`),
so a look may be missed, repeated, or made by several workers at once.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone

from accounts.refusals import Refused
from inventory.models import Provider
from inventory.services import sale_stops, testing
from testing_lab.models import Incident, IncidentEntry, IncidentKind, Outcome, Purpose, RunState, SuiteRun, Why
from testing_lab.outage_policy import OutagePolicy, governing
from testing_lab.sequential import Cusum, cusum, recovery
from testing_lab.services import sampling
from testing_lab.services.sampling import Place

ACTOR = "lab:canary"
RETRIES = 100


class AlreadyClosed(Refused):
    """Somebody, or the canary, was quicker."""


class Heard(NamedTuple):
    """One verdict, and what it is worth (nats)."""

    place: Place
    run: int
    number: int
    e164: int
    purpose: str
    passed: bool
    at: datetime
    weight: float


def look() -> None:
    """Open and close incidents by what was found lately, and call more numbers where that is in doubt."""
    now = timezone.now()
    policy = governing(now.date())
    open_now = {Place(each.provider_id, each.country): each for each in Incident.objects.filter(closed_at=None)}
    for place, heard in _since(now - policy.window, _failing_places(now - policy.window) - set(open_now), policy):
        _judge(place, heard, policy)
    for place, incident in open_now.items():
        _judge_recovery(place, incident, policy)


def close(incident: Incident, *, actor: str, note: str) -> None:
    """The numbers are on sale again, and those that failed meanwhile are tested again. `note` says why. Raises
    AlreadyClosed."""
    with transaction.atomic():
        locked = Incident.objects.select_for_update(of=("self",)).select_related("stop").get(pk=incident.pk)
        if locked.closed_at:
            raise AlreadyClosed(f"{locked} was closed by {locked.closed_by}")
        locked.closed_at, locked.closed_by, locked.closed_note = timezone.now(), actor[:80], note[:300]
        locked.save(update_fields=["closed_at", "closed_by", "closed_note"])
        if locked.stop and locked.stop.placed_by == ACTOR:  # one that was there before has reasons of its own
            sale_stops.lift(stop=locked.stop, actor=actor, note=note)
        _write(locked, actor, f"closed: {note}")


def remark(incident: Incident, *, actor: str, what: str) -> None:
    """Staff: put something into its history."""
    _write(incident, actor, what)


def retry_failed() -> None:
    """Numbers that failed in an outage that is over: to the lab, as it has room."""
    over = Incident.objects.exclude(closed_at=None).filter(retested_at=None).select_related("provider")
    for incident in over:
        during = (incident.began_at, incident.closed_at or timezone.now())
        if testing.retry_failed(incident.provider, incident.country, between=during, limit=RETRIES, actor=ACTOR):
            Incident.objects.filter(pk=incident.pk).update(retested_at=timezone.now())


def _failing_places(since: datetime) -> set[Place]:
    failed = SuiteRun.objects.filter(state=RunState.DONE, passed=False, finished_at__gt=since)
    found = failed.filter(number__provider__isnull=False).values_list("number__provider", "number__country").distinct()
    return {Place(provider, country) for provider, country in found}


def _since(since: datetime, places: set[Place], policy: OutagePolicy) -> Iterator[tuple[Place, list[Heard]]]:
    """What was heard of these places, oldest first; of one that had an incident, only since that was closed."""
    if not places:
        return
    closed = Incident.objects.filter(closed_at__gt=since).values_list("provider", "country").annotate(Max("closed_at"))
    from_on = {Place(provider, country): at for provider, country, at in closed}
    for place, heard in groupby(_heard(since, places, policy), key=lambda each: each.place):
        yield place, [each for each in heard if each.at > from_on.get(place, since)]


def _heard(since: datetime, places: Iterable[Place], policy: OutagePolicy) -> Iterator[Heard]:
    """Verdicts, place by place and oldest first. Inconclusive runs have none."""
    wanted = set(places)
    done = SuiteRun.objects.filter(state=RunState.DONE, finished_at__gt=since)
    done = done.exclude(purpose=Purpose.ROUTE)  # it speaks of a route
    done = done.filter(
        number__provider__in={each.provider for each in wanted}, number__country__in={each.country for each in wanted}
    )
    place, verdict = ("number__provider", "number__country"), ("number", "number__e164", "purpose", "passed")
    rows = done.order_by(*place, "finished_at", "pk").values_list(*place, "pk", *verdict, "finished_at")
    for provider, country, run, number, e164, purpose, passed, at in rows.iterator():
        if (found := Place(provider, country)) in wanted:
            yield Heard(found, run, number, e164, purpose, passed, at, policy.weight(purpose, passed=passed))


def _counted(heard: Sequence[Heard]) -> list[Heard]:
    """A number that fails again and again is one bad number, not an outage: its failures count once."""
    failed: set[int] = set()
    counted = []
    for each in heard:
        if each.passed or each.number not in failed:
            counted.append(each)
        if not each.passed:
            failed.add(each.number)
    return counted


def _judge(place: Place, heard: Sequence[Heard], policy: OutagePolicy) -> None:
    """What customers ordered raises a doubt at most, and samples decide: a customer's own calls may hold all channels,
    and which numbers it has tested, and when, is its choice."""
    evidence = _counted(_not_ordered(heard))
    found = cusum(each.weight for each in evidence)
    if found.value >= policy.alarm_at:
        _open(place, found, evidence[found.begins :], policy)
    elif cusum(each.weight for each in _counted(heard)).value >= policy.doubt_at:
        sampling.draw_more(place, Why.DOUBT, policy)


def _not_ordered(heard: Iterable[Heard]) -> list[Heard]:
    return [each for each in heard if each.purpose != Purpose.CUSTOMER]


def _judge_recovery(place: Place, incident: Incident, policy: OutagePolicy) -> None:
    since = _not_ordered(_heard(incident.opened_at, {place}, policy))
    found = recovery([each.weight for each in since], policy.bounds)
    if not found.over:
        sampling.draw_more(place, Why.OUTAGE, policy)
        return
    passed = sum(each.passed for each in since)
    note = f"{passed} of {len(since)} calls since it was opened passed; statistic {found.value:.2f}"
    try:
        close(incident, actor=ACTOR, note=note)
    except AlreadyClosed:
        return


def _open(place: Place, found: Cusum, heard: Sequence[Heard], policy: OutagePolicy) -> None:
    """Once, however many look: the stop of sale and the incident exist together or not at all."""
    provider = Provider.objects.get(pk=place.provider)
    failed = [each for each in heard if not each.passed]
    what = f"{len(failed)} of {len(heard)} test runs failed"
    why = f"an outage: {what} since {heard[0].at:%H:%M} UTC"
    with transaction.atomic():
        stop = sale_stops.place(provider=provider, country=place.country, actor=ACTOR, reason=why)
        incident, created = Incident.objects.get_or_create(
            provider=provider,
            country=place.country,
            kind=IncidentKind.OUTAGE,
            route="",
            closed_at=None,
            defaults={
                "began_at": heard[0].at,
                "statistic": found.value,
                "threshold": policy.alarm_at,
                "evidence": _evidence(heard),
                "stop": stop,
            },
        )
        if created:
            _write(incident, ACTOR, f"opened: {what}; statistic {found.value:.2f} of {policy.alarm_at:.2f}; off sale")


def _evidence(heard: Sequence[Heard]) -> list[dict[str, Any]]:
    """Each result with the tests that failed and the statistic after it."""
    failing = _failing([each.run for each in heard])
    value, rows = 0.0, []
    for each in heard:
        value += each.weight
        rows.append(
            {
                "run": each.run,
                "number": f"+{each.e164}",
                "purpose": each.purpose,
                "passed": each.passed,
                "failing": failing.get(each.run, []),
                "at": each.at.isoformat(),
                "statistic": round(value, 3),
            }
        )
    return rows


def _failing(runs: Sequence[int]) -> Mapping[int, list[str]]:
    rows = SuiteRun.objects.filter(
        pk__in=runs, results__outcome=Outcome.FAIL, results__attempt=F("attempt")
    ).values_list("pk", "results__code")
    found: dict[int, list[str]] = {}
    for run, code in rows.order_by("pk", "results__code"):
        found.setdefault(run, []).append(code)
    return found


def _write(incident: Incident, actor: str, what: str) -> None:
    IncidentEntry.objects.create(incident=incident, actor=actor[:80], what=what[:300])
