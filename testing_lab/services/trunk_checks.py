"""Once a day each further route is measured with a number that is known to be good: its first test is no outage."""

from __future__ import annotations

import logging
import random
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone

from inventory.models import PhoneNumber
from inventory.querysets import NumberQuerySet
from numbering.types import Capability
from testing_lab.exchanges.emergency_call import EmergencyTestCall
from testing_lab.exchanges.lanes import Lane, lane_of
from testing_lab.findings import inconclusive
from testing_lab.models import Incident, IncidentKind, Purpose, SuiteRun, Trunk, Why
from testing_lab.models.suite_run import OPEN_RUN
from testing_lab.outage_policy import OutagePolicy
from testing_lab.registry import LabTest, all_tests
from testing_lab.services import sampling
from testing_lab.services.sampling import Place

if TYPE_CHECKING:
    from testing_lab.suite_runner import SuiteReport

log = logging.getLogger(__name__)

EVERY = timedelta(days=1)


def open_checks() -> int:
    """Open a run over each route but the first that has had none for a day; returns how many. Safe to run anywhere."""
    return sum(_open(trunk.pk) for trunk in Trunk.objects.filter(active=True)[1:] if not _is_checked(trunk.pk))


def check_again(place: Place, route: str, why: Why, policy: OutagePolicy) -> None:
    """More good numbers of the place over a route that is in doubt, or has an incident, when those before are done."""
    size, pause = sampling.round_of(why, policy)
    good = _with_voice().filter(provider=place.provider, country=place.country)
    if why == Why.DOUBT:  # what failed there already says no more
        failed = SuiteRun.objects.filter(trunk__name=route, passed=False, created_at__gt=timezone.now() - policy.window)
        good = good.exclude(pk__in=failed.values("number"))
    chosen = sampling.choose(good, sampling.types_at(place), size)
    with transaction.atomic():  # no longer than need be: calls over the trunk wait for its row
        trunk = Trunk.objects.select_for_update().filter(name=route, active=True).first()
        if trunk is None or _is_called_now(place, trunk, pause):
            return
        runs = [SuiteRun(number_id=pk, purpose=Purpose.ROUTE, trunk=trunk) for pk in chosen]
        SuiteRun.objects.bulk_create(runs, ignore_conflicts=True)


def spare_the_number(run: SuiteRun, report: SuiteReport) -> None:
    """What failed over a route that has an incident is our trouble: its numbers are not to blame. A check of the route
    itself is what it is."""
    if run.purpose == Purpose.ROUTE or not report.failing:
        return
    place = {"provider": run.number.provider_id, "country": run.number.country}
    incidents = Incident.objects.filter(kind=IncidentKind.ROUTE, closed_at=None, **place)
    broken = set(incidents.values_list("route", flat=True))
    for test in all_tests() if broken else ():
        over = broken.intersection(report.routes.get(kind.__name__, "") for kind in test.exchanges)
        if over and test.code in report.failing:
            why = f"it failed over {', '.join(sorted(over))}, over which other numbers fail too"
            report.findings[test.code], report.equipment_failed = inconclusive(why), True


def tell(run: SuiteRun, failing: Sequence[str]) -> None:
    """The number is good, and is not what it should be over this route: staff are told, in the run and in the log."""
    note = f"a number that passed elsewhere fails over {run.trunk}: {', '.join(failing)}"[:300]
    SuiteRun.objects.filter(pk=run.pk).update(note=note)
    log.warning("%s: %s", run.number, note)


def tests_of(run: SuiteRun) -> Sequence[LabTest] | None:
    """What the run is to find out, None for all: over one route calls alone go, messages have nothing to say of it. Nor
    have emergency test calls: whether there is a service for them is a matter of the number's provider."""
    if run.purpose != Purpose.ROUTE:
        return None
    return [test for test in all_tests() if all(_tells_of_a_route(kind) for kind in test.exchanges)]


def _tells_of_a_route(kind: type) -> bool:
    return lane_of(kind) != Lane.BESIDE and kind is not EmergencyTestCall


def _open(trunk: int) -> bool:
    """Open a run, if there is a number to call. Who is quicker has it: staff may delete the trunk, and a sample be
    drawn for the number, in the same moment. The next look is soon."""
    try:
        with transaction.atomic():
            Trunk.objects.select_for_update().get(pk=trunk)  # of daemons that find this together, one opens a run
            number = None if _is_checked(trunk) else _good_number()
            if number is not None:
                SuiteRun.objects.create(number=number, purpose=Purpose.ROUTE, trunk_id=trunk)
    except (Trunk.DoesNotExist, IntegrityError):
        return False
    return number is not None


def _is_checked(trunk: int) -> bool:
    return SuiteRun.objects.filter(trunk=trunk, created_at__gt=timezone.now() - EVERY).exists()


def _is_called_now(place: Place, trunk: Trunk, pause: timedelta) -> bool:
    runs = SuiteRun.objects.filter(trunk=trunk, number__provider=place.provider, number__country=place.country)
    return runs.filter(Q(state__in=OPEN_RUN) | Q(created_at__gt=timezone.now() - pause)).exists()


def _with_voice() -> NumberQuerySet:
    """Those on sale that carry it."""
    tested = PhoneNumber.objects.annotate(voice=F("capabilities").bitand(int(Capability.VOICE))).filter(voice__gt=0)
    return tested.sellable(timezone.now())


def _good_number() -> PhoneNumber | None:
    """One of those on sale that carry voice, by lot; locked, so that nobody opens another run for it meanwhile."""
    good = _with_voice().exclude(suite_runs__state__in=OPEN_RUN)
    last = good.order_by("-pk").values_list("pk", flat=True).first() or 0
    by_lot = good.filter(pk__gte=random.randint(0, last)).order_by("pk")  # noqa: S311 - no secret
    return by_lot.select_for_update(of=("self",), skip_locked=True, no_key=True).first()
