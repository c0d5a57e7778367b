"""The outage canary: opens an incident when a sequential test of what was heard says so, and closes it. Of outages, and
of routes that fail alone.

Nothing is remembered between two looks: the tests are made anew from the results of the last hours (`outage_policy`),
so a look may be missed, repeated, or made by several workers at once.
"""

import contextlib
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.refusals import Refused
from inventory.models import Provider, SaleStop
from inventory.services import sale_stops, testing
from testing_lab.models import Incident, IncidentEntry, IncidentKind, Outcome, SuiteRun, Trunk, Why
from testing_lab.outage_policy import OutagePolicy, governing
from testing_lab.sequential import Cusum, cusum, recovery
from testing_lab.services import hearing, sampling, trunk_checks
from testing_lab.services.hearing import Heard, Suspect
from testing_lab.services.sampling import Place

log = logging.getLogger(__name__)

ACTOR = "lab:canary"
RETRIES = 100


class AlreadyClosed(Refused):
    """Somebody, or the canary, was quicker."""


def look() -> None:
    """Open and close incidents by what was found lately, and call more numbers where that is in doubt."""
    now = timezone.now()
    policy = governing(now.date())
    open_now = {
        (Place(each.provider_id, each.country), each.route): each for each in Incident.objects.filter(closed_at=None)
    }
    unclear = {place for place, route in open_now if not route}
    for suspect in hearing.suspects(now - policy.window, policy):
        if suspect.place in unclear or (suspect.place, suspect.route) in open_now:
            continue  # of a place whose numbers fail anyway, a route says nothing
        if suspect.doubt >= policy.doubt_at and not suspect.route:
            unclear.add(suspect.place)
        _judge(suspect, policy)
    for (place, route), incident in open_now.items():
        _judge_recovery(place, route, incident, policy)


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
    over = Incident.objects.exclude(closed_at=None).filter(retested_at=None, kind=IncidentKind.OUTAGE)
    for incident in over.select_related("provider"):
        during = (incident.began_at, incident.closed_at or timezone.now())
        if testing.retry_failed(incident.provider, incident.country, between=during, limit=RETRIES, actor=ACTOR):
            Incident.objects.filter(pk=incident.pk).update(retested_at=timezone.now())


def _judge(suspect: Suspect, policy: OutagePolicy) -> None:
    """What customers ordered raises a doubt at most, and samples decide: a customer's own calls may hold all channels,
    and which numbers it has tested, and when, is its choice."""
    if suspect.value >= policy.alarm_at:
        evidence = hearing.counted(hearing.heard(suspect.place, suspect.route, suspect.since, policy))
        found = cusum(each.weight for each in evidence)  # anew: a pass may have been heard since it was made
        if found.value >= policy.alarm_at and _is_to_blame(suspect, since=evidence[found.begins].at):
            _open(suspect, found, evidence[found.begins :], policy)
            return
    if suspect.doubt >= policy.doubt_at:
        _call_more(suspect.place, suspect.route, Why.DOUBT, policy)


def _is_to_blame(suspect: Suspect, *, since: datetime) -> bool:
    """A route only where numbers pass as calls usually go."""
    return not suspect.route or hearing.passes_elsewhere(suspect.place, since)


def _call_more(place: Place, route: str, why: Why, policy: OutagePolicy) -> None:
    """Of a route in doubt also as calls usually go, if none has passed that way of late: is it the route, or all?"""
    if route:
        trunk_checks.check_again(place, route, why, policy)
        if why == Why.OUTAGE or hearing.passes_elsewhere(place, timezone.now() - policy.pause):
            return
    sampling.draw_more(place, why, policy)


def _judge_recovery(place: Place, route: str, incident: Incident, policy: OutagePolicy) -> None:
    if route and not Trunk.objects.filter(name=route, active=True).exists():
        _close_by_itself(incident, f"nothing goes over {route} any more: it is switched off")
        return
    since = hearing.heard(place, route, incident.opened_at, policy)
    found = recovery([each.weight for each in since], policy.bounds)
    if not found.over:
        _call_more(place, route, Why.OUTAGE, policy)
        return
    passed = sum(each.passed for each in since)
    note = f"{passed} of {len(since)} calls since it was opened passed; statistic {found.value:.2f}"
    _close_by_itself(incident, note)


def _close_by_itself(incident: Incident, note: str) -> None:
    with contextlib.suppress(AlreadyClosed):
        close(incident, actor=ACTOR, note=note)


def _open(suspect: Suspect, found: Cusum, heard: Sequence[Heard], policy: OutagePolicy) -> None:
    """Once, however many look. Of an outage, the stop of sale and the incident exist together or not at all; of a route
    nothing is taken off sale, since the others reach the numbers."""
    provider = Provider.objects.get(pk=suspect.place.provider)
    what = f"{sum(not each.passed for each in heard)} of {len(heard)} test runs failed"
    with transaction.atomic():
        stop = None if suspect.route else _stop_sale(provider, suspect.place, what, heard[0].at)
        incident, created = Incident.objects.get_or_create(
            provider=provider,
            country=suspect.place.country,
            kind=IncidentKind.ROUTE if suspect.route else IncidentKind.OUTAGE,
            route=suspect.route,
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
            then = f"over {suspect.route} alone; on sale" if suspect.route else "off sale"
            _write(incident, ACTOR, f"opened: {what}; statistic {found.value:.2f} of {policy.alarm_at:.2f}; {then}")
            log.warning("%s: %s", incident, what)


def _stop_sale(provider: Provider, place: Place, what: str, since: datetime) -> SaleStop:
    why = f"an outage: {what} since {since:%H:%M} UTC"
    return sale_stops.place(provider=provider, country=place.country, actor=ACTOR, reason=why)


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
