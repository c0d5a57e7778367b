"""Which kinds of number of a provider's catalogue are read, and which of them it is time to read again."""

import re
from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from inventory.models import CatalogueRun, Provider, RunEnd, Sku, StockTarget
from inventory.providers.base import Wanted
from inventory.providers.registry import may_have
from numbering.types import NumberType

FIRST_DELAY = timedelta(minutes=1)  # after a run that was broken off; twice as long after each further one
MOST_FAILURES = 12  # counted: by then the delay is that of a run that went well
_NAMED = re.compile(rf"([A-Z]{{2}}) ({'|'.join(NumberType.values)})(?: ([0-9]{{1,8}}))?", re.ASCII)


def kinds(provider: Provider) -> set[Wanted]:
    """What the active stock targets and SKUs ask of this provider, and what its option `catalogue` names: "US local"
    or "US local 415". An area is not read by itself where its whole country is."""
    found = {*_targeted(provider), *_named(provider)}
    return {kind for kind in found if not kind.area_code or Wanted(kind.country, kind.number_type) not in found}


def due(provider: Provider) -> list[Wanted]:
    """The kinds that were not read for `CATALOGUE_INTERVAL`, and those whose last run was broken off; never read ones
    first, then the longest ago. None while the provider rests after runs that failed, and none that it can't have."""
    if is_resting(provider):
        return []
    last = {(run.country, run.number_type, run.area_code): run for run in last_runs(provider)}
    waiting = []
    for kind in kinds(provider):
        run = last.get((kind.country, kind.number_type, kind.area_code))
        if (run is None or _is_over(run)) and may_have(provider, kind):
            waiting.append((run.pk if run else 0, str(kind), kind))
    return [kind for _, _, kind in sorted(waiting, key=lambda one: one[:2])]


def last_runs(provider: Provider) -> list[CatalogueRun]:
    """The last run of each kind that was ever read."""
    kind = ("country", "number_type", "area_code")
    return list(CatalogueRun.objects.filter(provider=provider).order_by(*kind, "-pk").distinct(*kind))


def is_resting(provider: Provider) -> bool:
    """Whether its last runs failed, and it is too early to try again."""
    failed = 0
    latest: CatalogueRun | None = None
    for run in CatalogueRun.objects.filter(provider=provider).order_by("-pk")[:MOST_FAILURES]:
        if run.state != RunEnd.BROKEN:
            break
        latest, failed = latest or run, failed + 1
    if latest is None or latest.ended_at is None:
        return False
    return timezone.now() < latest.ended_at + min(FIRST_DELAY * (1 << (failed - 1)), settings.CATALOGUE_INTERVAL)


def _is_over(run: CatalogueRun) -> bool:
    if run.state == RunEnd.BROKEN:
        return True
    if run.state == RunEnd.RUNNING:
        return run.lease_until is not None and run.lease_until < timezone.now()
    return bool(run.began_at <= timezone.now() - settings.CATALOGUE_INTERVAL)


def _targeted(provider: Provider) -> Iterator[Wanted]:
    ours = Q(provider=provider) | Q(provider=None)
    for shelves in (StockTarget.objects, Sku.objects):
        rows = shelves.filter(ours, is_active=True)
        for country, number_type, area_code in rows.values_list("country", "number_type", "area_code"):
            yield Wanted(country, NumberType(number_type), area_code)


def _named(provider: Provider) -> Iterator[Wanted]:
    """What can't be read in the option names nothing."""
    named = provider.options.get("catalogue", [])
    for name in named if isinstance(named, list) else []:
        if found := _NAMED.fullmatch(str(name)):
            yield Wanted(found[1], NumberType(found[2]), found[3] or "")
