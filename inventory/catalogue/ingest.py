"""Reading what providers list for sale. Call these outside any transaction: they wait for the network.

Kill it at any point: what was taken in stays, the run that it leaves open is closed as broken by the next one, and
nothing is withdrawn by it.
"""

from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from time import monotonic

import structlog

from accounts.nudges import nudge
from accounts.sweeping import take_each
from inventory.catalogue import kinds, runs, taking, withdrawing
from inventory.models import CatalogueRun, Provider, RunEnd
from inventory.providers.base import Offer, ProviderAdapter, ProviderError, Wanted, WholeCatalogue
from inventory.providers.registry import adapter_of

BATCH = 5_000  # offers in one transaction
LONGEST_BATCH = timedelta(seconds=30)  # a slow provider's batches are smaller: see runs.LEASE
MOST_SAMPLED = 10_000  # of a list that shows a part only, and may go on for ever
log = structlog.get_logger(__name__)


def ingest_due() -> int:
    """Nudge for each active provider of whose catalogue something is due; returns how many."""
    active = Provider.objects.filter(is_active=True).exclude(adapter="").order_by("pk")
    return take_each("ingest_catalogues", list(active.values_list("pk", flat=True)), _nudge_if_due)


def _nudge_if_due(provider_id: int) -> None:
    if kinds.due(Provider.objects.get(pk=provider_id)):
        nudge("inventory.tasks.ingest_catalogue", provider_id)


def ingest(provider: Provider) -> int:
    """Read the kinds of this provider's catalogue that are due; returns how many came to their end.

    Leaves it to whoever is at it already, and stops at the first failure: see `kinds.is_resting`.
    """
    done = 0
    for wanted in kinds.due(provider):
        run = runs.begin(provider, wanted)
        if run is None or not _is_read(provider, run, wanted):
            break
        done += 1
    return done


def _is_read(provider: Provider, run: CatalogueRun, wanted: Wanted) -> bool:
    """Whether the list of this kind was read to its end. A failure is written down, and no run stays open."""
    try:
        _read(adapter_of(provider), run, wanted)
    except runs.Overtaken as error:
        log.warning("catalogue_run_overtaken", run=run.pk, error=str(error))
        return False
    except ProviderError as error:
        runs.break_off(run, str(error))
        log.warning("catalogue_run_broken", run=run.pk, provider=provider.slug, error=str(error))
        return False
    except Exception as error:  # an adapter's mistake, or a task that took too long: no reason to stay open
        runs.break_off(run, f"{type(error).__name__}: {error}")
        log.exception("catalogue_run_broken", run=run.pk, provider=provider.slug)
        return False
    return True


def _read(adapter: ProviderAdapter, run: CatalogueRun, wanted: Wanted) -> None:
    if isinstance(adapter, WholeCatalogue):
        _take_all(run, adapter.all_offers(wanted))
        withdrawing.finish(run)
    else:
        _take_all(run, islice(adapter.offers(wanted), MOST_SAMPLED))
        runs.end(run, RunEnd.SAMPLED)
    runs.forget_between(run)


def _take_all(run: CatalogueRun, offers: Iterator[Offer]) -> None:
    for batch in _batches(offers):
        taking.take(run, batch)


def _batches(offers: Iterator[Offer]) -> Iterator[list[Offer]]:
    """As they come: what was read is taken in before more is waited for, even if the next page never comes."""
    batch: list[Offer] = []
    end = monotonic() + LONGEST_BATCH.total_seconds()
    try:
        for offer in offers:
            batch.append(offer)
            if len(batch) >= BATCH or monotonic() > end:
                yield batch
                batch, end = [], monotonic() + LONGEST_BATCH.total_seconds()
    except ProviderError:
        if batch:
            yield batch
        raise
    if batch:
        yield batch
