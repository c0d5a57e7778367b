"""Withdrawing what a list no longer has: the sweep at the end of a run, which a failing provider can't make large.

Nothing is withdrawn by a run that did not come to the end of the list. One that would withdraw too much at once is
held for staff: an empty answer with a 200 looks like a sold-out shop, so one that saw nothing at all is held however
few are missing. Beside the kind's own limit stands that of the provider, over a day, or else one that lists next to
nothing would be emptied kind by kind.
"""

from datetime import timedelta

import structlog
from django.db import transaction
from django.db.models import QuerySet, Sum
from django.db.models.functions import Now
from django.utils import timezone

from inventory.catalogue import runs
from inventory.models import CatalogueRun, ListedOffer, Provider, RunEnd
from inventory.models.catalogue_run import WHOLE
from inventory.models.listed_offer import LISTED
from inventory.refusals import RunIsNotHeld

FEW = 50  # so many may go without a question
SHARE = 5  # one in five, of more than those
AT_ONCE = timedelta(days=1)
MOST = 2_000  # whole runs of a provider in a day: hundreds of kinds, each some times
SWEEP = "sweep:catalogue"
LATER = "a later run read the list to its end"
log = structlog.get_logger(__name__)


@transaction.atomic
def finish(run: CatalogueRun) -> RunEnd:
    """The list was read to its end: withdraw what it did not have, or hold the run. Raises runs.Overtaken."""
    runs.renew(run)
    run.refresh_from_db()
    _supersede(run)
    missing = _unseen(run).count()
    if why := _too_much(run, missing):
        runs.end(run, RunEnd.HELD, missing=missing, error=why)
        log.warning("catalogue_run_held", run=run.pk, provider=run.provider.slug, why=why)
        return RunEnd.HELD
    withdrawn = _withdraw(run)
    runs.end(run, RunEnd.COMPLETE, missing=missing, withdrawn=withdrawn)
    return RunEnd.COMPLETE


@transaction.atomic
def confirm(*, run: CatalogueRun, actor: str, reason: str) -> int:
    """Withdraw what the held run did not see, and nobody has seen since; returns how many. Raises RunIsNotHeld."""
    held = _locked(run)
    withdrawn = _withdraw(held)
    _decide(held, RunEnd.CONFIRMED, actor, reason, withdrawn=withdrawn)
    return withdrawn


@transaction.atomic
def discard(*, run: CatalogueRun, actor: str, reason: str) -> None:
    """Withdraw nothing: the list was wrong. Raises RunIsNotHeld."""
    _decide(_locked(run), RunEnd.DISCARDED, actor, reason)


def _locked(run: CatalogueRun) -> CatalogueRun:
    held = CatalogueRun.objects.select_for_update().get(pk=run.pk)
    if held.state != RunEnd.HELD:
        raise RunIsNotHeld(held)
    return held


def _decide(run: CatalogueRun, state: RunEnd, actor: str, reason: str, *, withdrawn: int = 0) -> None:
    CatalogueRun.objects.filter(pk=run.pk).update(
        state=state, withdrawn=withdrawn, decided_by=actor[:80], decided_note=reason[:300], decided_at=Now()
    )


def _supersede(run: CatalogueRun) -> None:
    """A run of the same kind that still waits for staff has nothing more to say."""
    same = CatalogueRun.objects.filter(
        provider=run.provider, country=run.country, number_type=run.number_type, area_code=run.area_code
    )
    for held in same.select_for_update().filter(state=RunEnd.HELD):
        _decide(held, RunEnd.DISCARDED, SWEEP, LATER)


def _unseen(run: CatalogueRun) -> "QuerySet[ListedOffer]":
    """What is listed of the run's kind and was last seen before it began."""
    kind = {"country": run.country, "number_type": run.number_type} | (
        {"area_code": run.area_code} if run.area_code else {}
    )
    return ListedOffer.objects.filter(LISTED, provider=run.provider_id, **kind, seen_at__lt=run.began_at)


def _withdraw(run: CatalogueRun) -> int:
    """Withdraw what was not seen; returns how many.

    Locked by their numbers first, as `taking` and `verification` lock them: staff may confirm a run while another one
    is read, and two who take the same rows in different orders wait for each other for ever.
    """
    in_order = _unseen(run).order_by("e164").select_for_update(no_key=True)
    return ListedOffer.objects.filter(pk__in=in_order.values("pk")).update(withdrawn_at=Now())


def _too_much(run: CatalogueRun, missing: int) -> str:
    """Why staff should look at it first, "" when they need not."""
    listed = run.seen + missing
    if missing and not run.seen:
        return f"nothing was seen, and {missing} numbers are listed"
    if missing > FEW and missing * SHARE > listed:
        return f"{missing} of {listed} listed numbers were not seen"
    if not missing:
        return ""
    today, of_all = missing + _withdrawn_lately(run.provider), _listed_by(run.provider)
    if today > FEW and today * SHARE > of_all:
        return f"with it {today} numbers would go within a day, of {of_all} that the provider lists"
    return ""


def _withdrawn_lately(provider: Provider) -> int:
    """By runs alone: what staff have confirmed counts for itself."""
    lately = CatalogueRun.objects.filter(
        provider=provider, state=RunEnd.COMPLETE, ended_at__gt=timezone.now() - AT_ONCE
    )
    return lately.aggregate(all=Sum("withdrawn"))["all"] or 0


def _listed_by(provider: Provider) -> int:
    """What it listed a day ago, by its whole runs: of each kind the newest from before then, else the first since."""
    found: dict[tuple[str, str, str], int] = {}
    settled: set[tuple[str, str, str]] = set()
    since = timezone.now() - AT_ONCE
    whole = CatalogueRun.objects.filter(provider=provider, state__in=WHOLE).order_by("-pk")
    for *kind, seen, ended_at in whole.values_list("country", "number_type", "area_code", "seen", "ended_at")[:MOST]:
        key = (kind[0], kind[1], kind[2])
        if key not in settled:
            found[key] = seen
        if ended_at and ended_at <= since:
            settled.add(key)
    return sum(found.values())
