"""Reading a provider's catalogue over HTTP: what is listed is what its list said, however it fails."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from inventory.catalogue import ingest as ingesting
from inventory.catalogue import kinds, withdrawing
from inventory.catalogue.ingest import ingest
from inventory.models import Allocation, CatalogueRun, ListedOffer, PriceChange, Provider, RunEnd, Sku, StockTarget
from inventory.providers.base import Wanted
from inventory.providers.sandbox import SandboxProvider
from inventory.refusals import RunIsNotHeld
from numbering.types import NumberType
from tests.factories import AllocationFactory
from tests.inventory.catalogue.conftest import Shop, listed, make_due, read

pytestmark = pytest.mark.django_db
FIRST = 14155550100


def many(quantity: int) -> list[int]:
    """So many numbers."""
    return list(range(FIRST, FIRST + quantity))


def test_a_first_reading_lists_everything(shop: Shop, provider: Provider) -> None:
    run = read(provider)
    assert (run.state, run.seen, run.new, run.changed, run.missing, run.expected) == (
        *(RunEnd.COMPLETE, 60, 60, 0, 0),
        None,
    )
    assert listed(provider) == shop.numbers
    offer = ListedOffer.objects.first()
    assert offer is not None
    assert (offer.country, offer.number_type, offer.area_code, offer.locality) == ("US", "local", "415", "Oakland")
    assert (offer.capabilities, offer.monthly_cost, offer.currency) == (3, Decimal("0.8000"), "USD")


def test_a_second_reading_changes_nothing_but_when_they_were_seen(shop: Shop, provider: Provider) -> None:
    read(provider)
    before = ListedOffer.objects.values_list("pk", "first_seen_at", "seen_at").get(e164=FIRST)
    run = read(provider)
    after = ListedOffer.objects.values_list("pk", "first_seen_at", "seen_at").get(e164=FIRST)
    assert (run.seen, run.new, run.changed, run.withdrawn, run.expected) == (60, 0, 0, 0, 60)
    assert run.coverage == 1.0
    assert after[0] == before[0]
    assert after[2] > before[2]


def test_what_is_not_listed_any_more_is_withdrawn_and_comes_back_when_it_is(shop: Shop, provider: Provider) -> None:
    read(provider)
    gone = shop.numbers.pop(7)
    run = read(provider)
    assert (run.state, run.missing, run.withdrawn) == (RunEnd.COMPLETE, 1, 1)
    assert gone not in listed(provider)
    shop.numbers.append(gone)
    assert read(provider).new == 1
    assert gone in listed(provider)


@pytest.mark.parametrize("page", [0, 1, 2])
@pytest.mark.parametrize(("status", "garbage"), [(503, None), (429, None), (404, None), (500, None), (0, b"<html>")])
def test_a_provider_that_fails_at_a_page_withdraws_nothing(
    shop: Shop, provider: Provider, page: int, status: int, garbage: bytes | None
) -> None:
    read(provider)
    shop.numbers = [*shop.numbers[5:], *range(FIRST + 500, FIRST + 505)]
    shop.fails_at, shop.status, shop.garbage = page, status, garbage
    run = read(provider)
    assert (run.state, run.withdrawn, run.seen) == (RunEnd.BROKEN, 0, page * 20)
    assert run.error
    assert set(listed(provider)) >= set(many(60)), "nothing has gone"
    assert ListedOffer.objects.filter(seen_at__gte=run.began_at).count() == page * 20, "what was seen is fresh"


def test_a_list_that_goes_round_in_circles_has_no_end(shop: Shop, provider: Provider) -> None:
    read(provider)
    shop.numbers, shop.circles = shop.numbers[:40], True
    run = read(provider)
    assert (run.state, run.seen, run.withdrawn) == (RunEnd.BROKEN, 40, 0)
    assert "no end" in run.error


def test_a_number_that_is_listed_twice_counts_once(
    shop: Shop, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingesting, "BATCH", 10)  # in the same batch, and in a later one
    shop.numbers = [FIRST, FIRST, *many(40), FIRST]
    run = read(provider)
    assert (run.state, run.seen, run.new) == (RunEnd.COMPLETE, 40, 40)
    assert listed(provider) == many(40)


def test_an_offer_of_another_type_than_was_asked_for_is_left_out(shop: Shop, provider: Provider) -> None:
    shop.kinds = {FIRST: "toll_free"}
    assert read(provider).seen == 59
    assert FIRST not in listed(provider)


def test_a_number_that_is_listed_as_two_kinds_is_one_offer_and_a_change(shop: Shop, provider: Provider) -> None:
    StockTarget.objects.create(country="US", number_type=NumberType.TOLL_FREE, quantity=1)
    shop.also = {"US toll_free": [FIRST]}
    ingest(provider)
    assert ListedOffer.objects.filter(e164=FIRST).count() == 1
    assert sum(CatalogueRun.objects.values_list("changed", flat=True)) == 1
    assert not ListedOffer.objects.exclude(withdrawn_at=None).exists()


def test_a_slow_provider_is_taken_in_page_by_page(
    shop: Shop, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingesting, "LONGEST_BATCH", ingesting.LONGEST_BATCH * 0)
    shop.seconds_a_page = 0.05
    assert read(provider).state == RunEnd.COMPLETE
    assert listed(provider) == shop.numbers


def test_a_provider_that_suddenly_lists_nothing_is_held_until_staff_decide(shop: Shop, provider: Provider) -> None:
    read(provider)
    shop.numbers = []
    run = read(provider)
    assert (run.state, run.seen, run.missing, run.withdrawn) == (RunEnd.HELD, 0, 60, 0)
    assert run.coverage == 0.0
    assert listed(provider) == many(60)
    assert withdrawing.confirm(run=run, actor="user:anna", reason="they have sold out") == 60
    run.refresh_from_db()
    assert (run.state, run.withdrawn, run.decided_by) == (RunEnd.CONFIRMED, 60, "user:anna")
    assert listed(provider) == []


@pytest.mark.parametrize("few", [1, withdrawing.FEW])
def test_an_empty_answer_is_held_however_few_it_would_withdraw(shop: Shop, provider: Provider, few: int) -> None:
    shop.numbers = many(few)
    read(provider)
    shop.numbers = []
    run = read(provider)
    assert (run.state, run.missing, run.withdrawn) == (RunEnd.HELD, few, 0)
    assert "nothing was seen" in run.error
    assert listed(provider) == many(few)
    shop.numbers = many(few)
    assert read(provider).state == RunEnd.COMPLETE


def test_an_empty_kind_that_was_empty_before_is_nothing_to_decide(shop: Shop, provider: Provider) -> None:
    shop.numbers = []
    assert [read(provider).state for _ in range(2)] == [RunEnd.COMPLETE] * 2


def test_a_list_that_shrinks_by_a_third_is_held_and_what_it_has_is_fresh(shop: Shop, provider: Provider) -> None:
    shop.numbers = many(300)
    read(provider)
    shop.numbers = [*many(210), FIRST + 900]
    run = read(provider)
    assert (run.state, run.seen, run.missing, run.new) == (RunEnd.HELD, 211, 90, 1)
    assert "90 of 301" in run.error
    assert ListedOffer.objects.filter(seen_at__gte=run.began_at).count() == 211
    withdrawing.discard(run=run, actor="user:anna", reason="their search is broken")
    run.refresh_from_db()
    assert (run.state, run.withdrawn) == (RunEnd.DISCARDED, 0)
    assert len(listed(provider)) == 301


@pytest.mark.parametrize(
    ("before", "after", "state"), [(300, 240, "COMPLETE"), (300, 239, "HELD"), (100, 50, "COMPLETE"), (100, 49, "HELD")]
)
def test_a_fifth_of_the_list_or_fifty_numbers_may_go_at_once(
    shop: Shop, provider: Provider, before: int, after: int, state: str
) -> None:
    shop.numbers = many(before)
    read(provider)
    shop.numbers = many(after)
    assert read(provider).state == state


def test_a_provider_is_not_emptied_kind_by_kind(shop: Shop, provider: Provider) -> None:
    """Each kind is so small that it might go without a question."""
    provider.options = {"catalogue": [f"{country} mobile" for country in ("GB", "IE", "FR")]}
    provider.save()
    shop.numbers = many(40)
    shop.also = {
        "GB mobile": list(range(447400120000, 447400120040)),
        "IE mobile": list(range(353851550000, 353851550040)),
        "FR mobile": list(range(33756120000, 33756120040)),
    }
    ingest(provider)
    assert len(listed(provider)) == 160
    shop.numbers, shop.also = shop.numbers[:1], {kind: numbers[:1] for kind, numbers in shop.also.items()}
    make_due(provider)
    ingest(provider)
    assert len(listed(provider)) == 121, "one kind goes; the second would make it more than fifty, and a fifth"
    assert CatalogueRun.objects.filter(state=RunEnd.HELD).count() == 3


def test_a_later_run_that_is_whole_again_ends_the_waiting(shop: Shop, provider: Provider) -> None:
    read(provider)
    shop.numbers = []
    held = read(provider)
    shop.numbers = many(60)
    assert read(provider).state == RunEnd.COMPLETE
    held.refresh_from_db()
    assert (held.state, held.decided_by) == (RunEnd.DISCARDED, withdrawing.SWEEP)
    with pytest.raises(RunIsNotHeld):
        withdrawing.confirm(run=held, actor="user:anna", reason="too late")
    assert listed(provider) == many(60)


def test_what_was_seen_since_is_not_withdrawn_by_a_confirmation(shop: Shop, provider: Provider) -> None:
    read(provider)
    shop.numbers = []
    held = read(provider)
    shop.numbers, shop.fails_at = many(60), 1
    assert read(provider).state == RunEnd.BROKEN
    assert withdrawing.confirm(run=held, actor="user:anna", reason="they say so") == 40
    assert listed(provider) == many(20)


def test_prices_that_change_are_kept_by_pairs(shop: Shop, provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingesting, "BATCH", 20)
    read(provider)
    shop.costs = dict.fromkeys(many(30), "0.90") | {FIRST + 59: "0.70"}
    run = read(provider)
    assert run.changed == 31
    changes = PriceChange.objects.filter(run=run).order_by("monthly_cost")
    assert [(change.cost_before, change.monthly_cost, change.numbers) for change in changes] == [
        (Decimal("0.8000"), Decimal("0.7000"), 1),
        (Decimal("0.8000"), Decimal("0.9000"), 30),
    ]


def test_an_adapters_mistake_breaks_the_run_and_nothing_else(
    shop: Shop, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    read(provider)
    monkeypatch.setattr("inventory.providers.sandbox.reading.offer", lambda document, wanted: 1 // 0)
    run = read(provider)
    assert (run.state, run.withdrawn) == (RunEnd.BROKEN, 0)
    assert "ZeroDivisionError" in run.error


class Window:
    """The shop, through an adapter that can't promise to show all of it."""

    def __init__(self, provider: Provider) -> None:
        self.offers = SandboxProvider(provider).offers


def test_a_provider_that_shows_a_part_of_its_list_withdraws_nothing(
    shop: Shop, provider: Provider, settings: Any
) -> None:
    settings.PROVIDER_ADAPTERS = {"sandbox": f"{Window.__module__}.{Window.__name__}"}
    assert read(provider).state == RunEnd.SAMPLED
    shop.numbers = many(3)
    run = read(provider)
    assert (run.state, run.seen, run.withdrawn) == (RunEnd.SAMPLED, 3, 0)
    assert len(listed(provider)) == 60


def test_nothing_is_asked_for_while_nothing_is_due(shop: Shop, provider: Provider) -> None:
    ingest(provider)
    pages = shop.pages_read
    assert ingest(provider) == 0
    assert shop.pages_read == pages
    assert CatalogueRun.objects.count() == 1


def test_a_provider_that_is_down_is_left_alone_for_longer_each_time(shop: Shop, provider: Provider) -> None:
    shop.fails_at = 0
    ingest(provider)
    assert kinds.is_resting(provider)
    assert kinds.due(provider) == []
    for failures, minutes in ((1, 1), (2, 2), (3, 4)):
        assert CatalogueRun.objects.filter(state=RunEnd.BROKEN).count() == failures
        age_by(minutes * 60 - 5)
        assert kinds.is_resting(provider)
        age_by(10)
        assert ingest(provider) == 0


def age_by(seconds: int) -> None:
    """Every run ended so much longer ago."""
    CatalogueRun.objects.update(ended_at=F("ended_at") - timedelta(seconds=seconds))


def test_kinds_are_those_of_targets_skus_and_of_the_option_and_no_area_beside_its_country(provider: Provider) -> None:
    other = Provider.objects.create(slug="other", name="Other", adapter="sandbox")
    StockTarget.objects.create(country="US", number_type=NumberType.LOCAL, area_code="415", quantity=1)
    StockTarget.objects.create(country="DE", number_type=NumberType.LOCAL, quantity=1, provider=other)
    StockTarget.objects.create(country="FR", number_type=NumberType.LOCAL, quantity=1, is_active=False)
    Sku.objects.create(country="CA", number_type=NumberType.LOCAL)
    Sku.objects.create(country="MX", number_type=NumberType.LOCAL, provider=other)
    provider.options = {"catalogue": ["GB mobile", "GB local 20", "nonsense", 7]}
    assert kinds.kinds(provider) == {
        Wanted("US", NumberType.LOCAL),
        Wanted("CA", NumberType.LOCAL),
        Wanted("GB", NumberType.MOBILE),
        Wanted("GB", NumberType.LOCAL, "20"),
    }


def test_of_many_empty_lists_in_a_row_the_first_and_the_last_are_kept(shop: Shop, provider: Provider) -> None:
    read(provider)
    shop.numbers = []
    held = read(provider)
    withdrawing.confirm(run=held, actor="user:ada", reason="sold out")
    empty = [read(provider).pk for _ in range(5)]
    kept = list(CatalogueRun.objects.filter(seen=0).order_by("pk").values_list("pk", flat=True))
    assert kept == [held.pk, empty[0], empty[-1]]
    shop.numbers = many(3)
    assert read(provider).seen == 3
    assert CatalogueRun.objects.count() == 5


def test_of_our_own_ranges_only_their_kinds_are_read(db: None) -> None:
    own = Provider.objects.create(slug="own", name="Own ranges", adapter="own_blocks")
    for country, number_type in (("SE", NumberType.MOBILE), ("US", NumberType.LOCAL), ("US", NumberType.TOLL_FREE)):
        Sku.objects.create(country=country, number_type=number_type)
    assert kinds.due(own) == []
    allocation = AllocationFactory.create(provider=own, first=14156681000, size=100)
    assert ingest(own) == 1
    assert (CatalogueRun.objects.get().country, CatalogueRun.objects.get().seen) == ("US", 100)
    Allocation.objects.filter(pk=allocation.pk).update(withdrawn_on=timezone.now().date())
    make_due(own)
    assert kinds.due(own) == []


def test_an_area_is_swept_by_itself(shop: Shop, provider: Provider) -> None:
    read(provider)
    StockTarget.objects.update(area_code="510")
    shop.numbers = [15105550100]
    run = read(provider)
    assert (run.area_code, run.state, run.seen, run.missing) == ("510", RunEnd.COMPLETE, 1, 0)
    assert listed(provider) == [*many(60), 15105550100]


def test_the_sweep_nudges_for_those_of_whom_something_is_due(
    shop: Shop, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    nudged: list[Any] = []
    monkeypatch.setattr(ingesting, "nudge", lambda *told: nudged.append(told))
    Provider.objects.create(slug="paused", name="Paused", adapter="sandbox", is_active=False)
    Provider.objects.create(slug="own", name="Own blocks", adapter="")
    assert ingesting.ingest_due() == 1
    ingest(provider)
    ingesting.ingest_due()
    assert nudged == [("inventory.tasks.ingest_catalogue", provider.pk)]
