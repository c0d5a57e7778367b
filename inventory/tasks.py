"""Celery tasks: load, guard, call a service. `config/schedule.py` says when; nudges call the rest by name."""

from celery import shared_task
from django.utils import timezone

from accounts.sweeping import LONG
from inventory.bulk import stretches as stretches_of_bulk
from inventory.catalogue import ingest, verification
from inventory.filings import freezing
from inventory.invoices import comparing
from inventory.models import FilingKind, Provider, Quarantine
from inventory.quarantine import fitting
from inventory.quarantine import sweeps as quarantine
from inventory.quarantine.nights import alone, stretches
from inventory.services import auditing, closing, provider_releases, reservations, settling, sourcing, testing
from inventory.shelves import carrying_out, nights
from inventory.traffic import forgetting
from inventory.waitlist import entries, queue, telling

ORDERS = 100
MOVES = 500  # numbers moved in one transaction
INTAKE = 10  # new numbers sent to the lab at a sweep: more than it begins meanwhile, and the next kind finds places too
DECISIONS = 1000
ACCOUNTS = 100
BULK_RUNS = 10
INGEST_SECONDS = 3_000  # a large catalogue page by page; less than the hour after which Redis gives the task to another
VERIFY_SECONDS = 540
FILING_SECONDS = 3_000  # it reads the whole ledger; likewise
FIT_SECONDS = 900  # of two million stays it took a minute on a busy machine
AUDIT_SECONDS = 6 * 3600  # on a queue of its own: a page of a bill takes 0.4 s, and there may be thirty thousand
COMPARE_SECONDS = 540  # less than the schedule's pause, so that no comparison meets the one before


@shared_task
def place_order(order_id: int) -> None:
    """Nudge: an order was written down."""
    settling.settle(order_id)


@shared_task
def hear_callback(key: str) -> None:
    """Nudge: a genuine callback named this order."""
    settling.hear(key)


@shared_task
def give_back(release_id: int) -> None:
    """Nudge: a number goes back to its provider."""
    provider_releases.settle(release_id)


@shared_task
def bulk_stretch(run_id: int) -> None:
    """Nudge: a bulk run was begun, or is not over."""
    stretches_of_bulk.stretch(run_id)


@shared_task
def sweep_bulk_runs() -> None:
    """Bulk runs that nobody goes on with."""
    stretches_of_bulk.run_due(BULK_RUNS)


@shared_task
def source_target(target_id: int) -> None:
    """Nudge: a stock target is new."""
    sourcing.source_target(target_id)


@shared_task
def source_stock() -> None:
    """Stock targets that miss numbers."""
    sourcing.source_missing()


@shared_task
def restock_night() -> None:
    """SKUs that the last closed day is not decided for."""
    nights.run(nights.closed_day(timezone.now()))


@shared_task
def carry_out_proposal(proposal_id: int) -> None:
    """Nudge: a restock proposal was approved."""
    carrying_out.carry_out(proposal_id)


@shared_task
def carry_out_proposals() -> None:
    """Approved restock proposals whose clock has run out."""
    carrying_out.carry_out_due(ORDERS)


@shared_task
def settle_orders() -> None:
    """Open orders whose clock has run out."""
    settling.settle_due(ORDERS)


@shared_task
def settle_releases() -> None:
    """Numbers on their way back, likewise."""
    provider_releases.settle_due(ORDERS)


@shared_task(soft_time_limit=AUDIT_SECONDS, time_limit=AUDIT_SECONDS + 30)
def audit_holdings() -> None:
    """Providers whose bill was not compared with our stock for a day."""
    auditing.audit_due()


@shared_task(soft_time_limit=COMPARE_SECONDS, time_limit=COMPARE_SECONDS + 30)
def compare_invoices() -> None:
    """Newest invoices that were not compared with our stock for a day."""
    comparing.compare_due()


@shared_task
def ingest_catalogues() -> None:
    """Providers of whose catalogue something is due."""
    ingest.ingest_due()


@shared_task(soft_time_limit=INGEST_SECONDS, time_limit=INGEST_SECONDS + 30)
def ingest_catalogue(provider_id: int) -> None:
    """Nudge: some of this provider's catalogue is due."""
    ingest.ingest(Provider.objects.get(pk=provider_id))


@shared_task(soft_time_limit=VERIFY_SECONDS, time_limit=VERIFY_SECONDS + 30)
def verify_offers() -> None:
    """Samples that are missing today, our own orders, and what both say of each provider."""
    verification.verify_due()


@shared_task
def sweep_sourced() -> None:
    """Received numbers, to the lab."""
    testing.send_to_lab(INTAKE)


@shared_task
def sweep_retests() -> None:
    """Numbers on sale whose retest is due, to the lab."""
    testing.start_retests(MOVES)


@shared_task
def sweep_quarantine() -> None:
    """Numbers whose quarantine may be over."""
    quarantine.clear_due(DECISIONS)


@shared_task
def decide_on_stay(stay_id: int) -> None:
    """Nudge: somebody said something of a stay in quarantine, or its limits have changed."""
    alone.decide_alone(Quarantine.objects.get(pk=stay_id), stretches.morning(timezone.now()))


@shared_task
def sweep_quarantine_night() -> None:
    """Stays that last night has not decided on."""
    stretches.run(stretches.morning(timezone.now()), longest=LONG)


@shared_task(soft_time_limit=FIT_SECONDS, time_limit=FIT_SECONDS + 30)
def sweep_quarantine_fits() -> None:
    """A fit of the quarantine engine, once a month."""
    fitting.fit_if_due()


@shared_task
def sweep_expired_releases() -> None:
    """Released numbers that nobody reclaimed in time."""
    quarantine.expire_due(DECISIONS)


@shared_task
def sweep_closed_accounts() -> None:
    """Closed accounts that still hold something."""
    closing.finish_closing(ACCOUNTS)


@shared_task
def sweep_traffic() -> None:
    """Traffic that is too old to count."""
    forgetting.forget_old()


@shared_task(soft_time_limit=FILING_SECONDS, time_limit=FILING_SECONDS + 30)
def file_disconnects() -> None:
    """What the Reassigned Numbers Database is to be told, when its time has come."""
    freezing.freeze_due(FilingKind.RND, (timezone.now() - freezing.CLOSED_AFTER).date())


@shared_task(soft_time_limit=FILING_SECONDS, time_limit=FILING_SECONDS + 30)
def file_utilisation() -> None:
    """Form 502, likewise."""
    freezing.freeze_due(FilingKind.NRUF, (timezone.now() - freezing.CLOSED_AFTER).date())


@shared_task
def sweep_lapsed_reservations() -> None:
    """Reservations that have run out."""
    reservations.lapse_due(limit=MOVES)


@shared_task
def serve_waitlist(country: str, number_type: str) -> None:
    """Nudge: somebody began to wait for such numbers, and there are some."""
    queue.serve_kind(country, number_type)


@shared_task
def sweep_waitlist() -> None:
    """Those who wait for numbers that have come on sale, and those whose time is over."""
    entries.expire_due(MOVES)
    queue.serve_due()


@shared_task
def sweep_waitlist_callbacks() -> None:
    """Those who waited and are to be told."""
    telling.tell_due(ORDERS)
