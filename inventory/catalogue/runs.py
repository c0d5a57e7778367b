"""The life of a run: begun under a lease, which each batch renews; ended once, or found dead by the next.

A run is one reading of one kind at one provider, and its provider has no other at the same time. Whoever dies leaves a
lease that runs out, and a run that withdraws nothing.
"""

from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from psycopg import errors

from inventory.models import CatalogueRun, Provider, RunEnd
from inventory.models.catalogue_run import WHOLE
from inventory.providers.base import Wanted

LEASE = timedelta(minutes=5)  # longer than a batch is waited for, and the page behind it (ingest.LONGEST_BATCH)
DIED = "it ended without a word"
MEASURED = 5  # the last whole runs, which say what the next should see


class Overtaken(Exception):
    """The lease ran out, and somebody else has closed the run: nothing more may be written by it."""


def begin(provider: Provider, wanted: Wanted) -> CatalogueRun | None:
    """Begin to read a kind; None when the provider is being read already. Closes what died."""
    with transaction.atomic():
        dead = CatalogueRun.objects.filter(provider=provider, state=RunEnd.RUNNING, lease_until__lt=Now())
        dead.update(state=RunEnd.BROKEN, error=DIED, lease_until=None, ended_at=Now())
    try:
        with transaction.atomic():
            run = CatalogueRun.objects.create(
                provider=provider, **kind_of(wanted), lease_until=Now() + LEASE, expected=_expected(provider, wanted)
            )
    except IntegrityError as error:
        if _is_second(error):
            return None
        raise
    run.refresh_from_db()
    return run


def renew(run: CatalogueRun, **counts: Any) -> None:
    """Go on for another lease; locks the run until the transaction ends. Raises Overtaken."""
    if not _open(run).update(lease_until=Now() + LEASE, **counts):
        raise Overtaken(f"{run} was closed by somebody else")


def end(run: CatalogueRun, state: RunEnd, **columns: Any) -> None:
    """It is over. Raises Overtaken."""
    if not _open(run).update(state=state, lease_until=None, ended_at=Now(), **columns):
        raise Overtaken(f"{run} was closed by somebody else")


def forget_between(run: CatalogueRun) -> None:
    """An empty list between two empty ones says nothing: of many in a row the first and the last are kept. Call it
    when the run has ended."""
    of_kind = {"provider": run.provider_id, "country": run.country, "number_type": run.number_type}
    before = CatalogueRun.objects.filter(**of_kind, area_code=run.area_code, pk__lte=run.pk).order_by("-pk")[:3]
    last = list(before)
    if len(last) == 3 and all(_says_nothing(each) for each in last):
        last[1].delete()


def _says_nothing(run: CatalogueRun) -> bool:
    ended_well = run.state in (RunEnd.COMPLETE, RunEnd.SAMPLED)
    return ended_well and not (run.seen or run.missing or run.withdrawn)


def break_off(run: CatalogueRun, why: str) -> None:
    """It did not come to the end of the list: nothing is withdrawn. What it saw stays seen."""
    _open(run).update(state=RunEnd.BROKEN, lease_until=None, ended_at=Now(), error=why[:300] or "no reason given")


def kind_of(wanted: Wanted) -> dict[str, str]:
    """The columns that name the kind, in runs; with an area code also in offers."""
    return {"country": wanted.country, "number_type": wanted.number_type, "area_code": wanted.area_code}


def _open(run: CatalogueRun) -> Any:
    return CatalogueRun.objects.filter(pk=run.pk, state=RunEnd.RUNNING)


def _expected(provider: Provider, wanted: Wanted) -> int | None:
    whole = CatalogueRun.objects.filter(provider=provider, **kind_of(wanted), state__in=WHOLE)
    seen = sorted(whole.order_by("-pk").values_list("seen", flat=True)[:MEASURED])
    return seen[len(seen) // 2] if seen else None


def _is_second(error: IntegrityError) -> bool:
    cause = error.__cause__
    return isinstance(cause, errors.UniqueViolation) and cause.diag.constraint_name == "catalogue_run_one_at_a_time"
