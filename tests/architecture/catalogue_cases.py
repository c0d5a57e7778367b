"""Sound rows of the catalogue, and what must not become of them: cases of `test_constraints`."""

from django.utils import timezone

from inventory.catalogue import stops
from inventory.models import (
    CatalogueRun,
    Honesty,
    HonestySource,
    ListedOffer,
    PriceChange,
    RunEnd,
    SourcingStop,
)
from tests.architecture import rows
from tests.architecture.spoiling import Again, Change


def listed_offer() -> ListedOffer:
    said = {"area_code": "415", "capabilities": 3, "monthly_cost": 1, "currency": "USD"}
    return ListedOffer.objects.create(**rows.US_LOCAL, **said, provider=rows.provider(), e164=14155550123)


def catalogue_run() -> CatalogueRun:
    """At work."""
    return CatalogueRun.objects.create(**rows.US_LOCAL, provider=rows.provider(), lease_until=timezone.now())


def held_run() -> CatalogueRun:
    said = {"state": RunEnd.HELD, "ended_at": timezone.now(), "error": "60 of 60 were not seen"}
    return CatalogueRun.objects.create(**rows.US_LOCAL, **said, provider=rows.provider())


def price_change() -> PriceChange:
    before = {"cost_before": 1, "currency_before": "USD"}
    return PriceChange.objects.create(run=held_run(), **before, monthly_cost=2, currency="USD", numbers=7)


def honesty() -> Honesty:
    counts = {"listed": 50, "purchasable": 49}
    return Honesty.objects.create(
        provider=rows.provider(), country="US", day=rows.NEW_YEAR, source=HonestySource.SAMPLE, **counts
    )


def sourcing_stop() -> SourcingStop:
    return stops.place(provider=rows.provider(), country="US", actor="user:a", reason="they lie")


CASES: list[tuple[str, Change | Again]] = [
    ("listed_offer_once", Again(listed_offer)),
    ("listed_offer_e164_digits", Change(listed_offer, "e164 = 999999")),
    ("listed_offer_e164_digits", Change(listed_offer, "e164 = 1000000000000000")),
    ("listed_offer_country_iso", Change(listed_offer, "country = 'us'")),
    ("listed_offer_type_known", Change(listed_offer, "number_type = 'landline'")),
    ("listed_offer_capabilities_mask", Change(listed_offer, "capabilities = 16")),
    ("listed_offer_cost_in_a_currency", Change(listed_offer, "monthly_cost = -1")),
    ("listed_offer_cost_in_a_currency", Change(listed_offer, "currency = ''")),
    ("listed_offer_seen_in_order", Change(listed_offer, "seen_at = first_seen_at - interval '1 day'")),
    ("listed_offer_withdrawn_after_seen", Change(listed_offer, "withdrawn_at = seen_at - interval '1 day'")),
    ("catalogue_run_state_known", Change(catalogue_run, "state = 'LOST', lease_until = NULL, ended_at = now()")),
    ("catalogue_run_country_iso", Change(catalogue_run, "country = 'us'")),
    ("catalogue_run_type_known", Change(catalogue_run, "number_type = 'landline'")),
    ("catalogue_run_one_at_a_time", Again(catalogue_run, {"country": "'GB'"})),
    ("catalogue_run_one_held", Again(held_run)),
    ("catalogue_run_leased_until_it_ends", Change(catalogue_run, "lease_until = NULL")),
    ("catalogue_run_leased_until_it_ends", Change(catalogue_run, "ended_at = now()")),
    ("catalogue_run_leased_until_it_ends", Change(held_run, "ended_at = NULL")),
    ("catalogue_run_leased_until_it_ends", Change(held_run, "lease_until = now()")),
    ("catalogue_run_says_why", Change(held_run, "error = ''")),
    ("catalogue_run_says_why", Change(held_run, "state = 'BROKEN', error = ''")),
    ("catalogue_run_decided_by_somebody_for_a_reason", Change(held_run, "state = 'DISCARDED'")),
    ("catalogue_run_decided_by_somebody_for_a_reason", Change(held_run, "decided_by = 'user:a'")),
    (
        "catalogue_run_decided_by_somebody_for_a_reason",
        Change(held_run, "state = 'CONFIRMED', decided_by = 'user:a', decided_at = now()"),
    ),
    ("catalogue_run_withdraws_only_when_whole", Change(catalogue_run, "withdrawn = 1")),
    ("catalogue_run_withdraws_only_when_whole", Change(held_run, "withdrawn = 1")),
    ("catalogue_run_counts_add_up", Change(catalogue_run, "seen = 2, new = 2, changed = 1")),
    ("price_change_once", Again(price_change)),
    ("price_change_currency_iso", Change(price_change, "currency = 'usd'")),
    ("price_change_is_one", Change(price_change, "monthly_cost = cost_before")),
    ("honesty_once_a_day", Again(honesty)),
    ("honesty_country_iso", Change(honesty, "country = 'us'")),
    ("honesty_source_known", Change(honesty, "source = 'rumour'")),
    ("honesty_purchasable_was_listed", Change(honesty, "purchasable = listed + 1")),
    ("sourcing_stop_one_open", Again(sourcing_stop)),
    ("sourcing_stop_country_iso", Change(sourcing_stop, "country = 'us'")),
    ("sourcing_stop_placed_by_somebody_for_a_reason", Change(sourcing_stop, "reason = ''")),
    ("sourcing_stop_placed_by_somebody_for_a_reason", Change(sourcing_stop, "placed_by = ''")),
    ("sourcing_stop_lifted_by_somebody_for_a_reason", Change(sourcing_stop, "lifted_at = now()")),
    ("sourcing_stop_lifted_by_somebody_for_a_reason", Change(sourcing_stop, "overridden_until = now()")),
    ("sourcing_stop_lifted_by_somebody_for_a_reason", Change(sourcing_stop, "lifted_by = 'me'")),
    ("order_in_doubt_is_open", Change(rows.order, "state = 'FAILED', next_attempt_at = NULL, unanswered_at = now()")),
    ("order_line_not_there_is_refused", Change(rows.line, "not_there = true")),
]
