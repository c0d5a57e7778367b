"""The restock night: right by the engine, once for each SKU, however often, by whomever and with whatever accident."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from inventory.catalogue import stops
from inventory.models import (
    DemandEvent,
    Honesty,
    LineState,
    OrderState,
    Provider,
    ProviderOrder,
    ProviderOrderLine,
    Quarantine,
    RestockProposal,
    Sku,
    SkuState,
)
from inventory.restock import propose
from inventory.shelves import nights
from inventory.shelves.stock import Market
from tests.factories import AccountFactory, NumberFactory, ProviderFactory
from tests.inventory.shelves.conftest import DAY, US_LOCAL, a_habit, asked, make_sku, proposed, with_terms

pytestmark = pytest.mark.django_db
MARKET = Market("US", "local")


def everything() -> tuple[list[Any], list[Any]]:
    """All that a night leaves behind, but for when it was written."""
    clocks = {"created_at", "updated_at", "decided_at", "next_attempt_at", "id"}
    proposals = [
        {name: value for name, value in row.items() if name not in clocks}
        for row in RestockProposal.objects.order_by("key").values()
    ]
    return list(SkuState.objects.order_by("sku").values()), proposals


def test_what_runs_low_is_ordered_with_every_term(sku: Sku, wren: Provider) -> None:
    a_habit()
    assert nights.run(DAY) == 1
    row, state = proposed(), SkuState.objects.get()
    assert (row.key, row.provider, row.quantity % 10) == ("US-local-415:2026-06-30", wren, 0)
    assert row.terms["available"] == row.terms["position"] == 0
    assert (row.terms["L"], row.terms["sd_L"], row.terms["MOQ"], row.terms["unit_cost"]) == (5, 2, 10, 1)
    assert (state.s, state.as_of, state.terms) == (row.terms["s"], DAY, row.terms)
    assert row.cost == row.quantity


def test_the_sums_are_those_of_the_engine_over_the_whole_log(sku: Sku, wren: Provider) -> None:
    a_habit()
    asked(500, on=DAY - timedelta(days=3))  # counts as a hundred
    nights.run(DAY)
    events = [
        {"sku": "x", "at": (DAY - timedelta(days=back)).isoformat(), "units_requested": 3} for back in range(0, 60, 2)
    ]
    events.append({"sku": "x", "at": (DAY - timedelta(days=3)).isoformat(), "units_requested": 500})
    since = {"since": "2026-01-01"}
    [expected] = propose(DAY, {"x": {"available": 0, "L": 5, "sd_L": 2, "MOQ": 10, **since}}, events)
    state = SkuState.objects.get()
    assert (state.n, state.q, state.q2, state.e) == pytest.approx(
        tuple(expected.terms[name] for name in ["N", "Q", "Q2", "e"])
    )
    assert state.s == expected.terms["s"]


def test_a_night_after_the_other_is_the_same_as_all_at_once(sku: Sku, wren: Provider) -> None:
    a_habit()
    for back in reversed(range(40)):
        nights.run(DAY - timedelta(days=back))
    step_by_step = SkuState.objects.get()
    SkuState.objects.all().delete()
    RestockProposal.objects.all().delete()
    nights.run(DAY)
    at_once = SkuState.objects.get()
    for name in ("n", "q", "q2", "e", "up_to"):
        assert getattr(step_by_step, name) == pytest.approx(getattr(at_once, name))
    assert step_by_step.s == at_once.s


def test_a_night_that_is_run_again_changes_nothing(sku: Sku, wren: Provider) -> None:
    a_habit()
    nights.run(DAY)
    before = everything()
    NumberFactory.create_batch(3, area_code="415")
    asked(50)
    assert nights.run(DAY) == 0
    assert everything() == before


def test_an_earlier_night_is_over_too(sku: Sku, wren: Provider) -> None:
    a_habit()
    nights.run(DAY)
    assert nights.run(DAY - timedelta(days=1)) == 0
    assert SkuState.objects.get().as_of == DAY


def test_a_night_that_dies_in_a_market_leaves_nothing_of_it_and_is_made_up_for(
    sku: Sku, wren: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_sku("212")
    other = Sku.objects.create(country="GB", number_type="mobile")
    a_habit()
    nights.run(DAY)
    undisturbed = everything()
    RestockProposal.objects.all().delete()
    SkuState.objects.all().delete()
    keep = nights._keep

    def dying(decided: Any, *rest: Any) -> None:
        keep(decided, *rest)
        if decided[0][0] != other:
            raise OSError

    monkeypatch.setattr(nights, "_keep", dying)
    assert nights.run(DAY) == 1  # one market fails, the other does not wait for it
    assert set(SkuState.objects.values_list("sku", flat=True)) == {other.pk}
    assert not RestockProposal.objects.filter(sku=sku).exists()
    monkeypatch.undo()
    assert nights.run(DAY) == 1
    assert everything() == undisturbed


def test_what_is_on_sale_and_on_its_way_counts(sku: Sku, wren: Provider) -> None:
    a_habit()
    for n in range(2):
        NumberFactory.create(e164=14155550100 + n)
    NumberFactory.create(e164=14155550110, blocked=True)
    NumberFactory.create(e164=14155550111, sourced=True)
    NumberFactory.create(e164=14155550112, testing=True)
    NumberFactory.create(e164=14155550113, failed=True)
    NumberFactory.create(e164=12125550114)
    order = ProviderOrder.objects.create(**US_LOCAL, key="ny-1", provider=wren, state=OrderState.PLACED)
    for e164, state in (
        (14155550120, LineState.WANTED),
        (14155550121, LineState.REFUSED),
        (12125550122, LineState.WANTED),
    ):
        ProviderOrderLine.objects.create(
            order=order, e164=e164, state=state, capabilities=1, monthly_cost=1, currency="USD"
        )
    nights.run(DAY)
    terms = SkuState.objects.get().terms
    assert (terms["available"], terms["on_order"], terms["position"]) == (2, 3, 5)


def resting(e164: int, source: str, days: int, **night: Any) -> None:
    """A number in quarantine whose legal minimum is over so many days after the night; `night`: what one has found."""
    noon = datetime(DAY.year, DAY.month, DAY.day, 12, tzinfo=UTC)
    found = {"state_day": DAY, "recent_contacts": 1, "effective_days": 9, "likelihood": 0.1, "alpha": 0.15}
    said = {"action": "hold", "action_rule": "likelihood"}
    Quarantine.objects.create(
        number=NumberFactory.create(e164=e164, quarantined=True),
        source=source,
        entered_at=noon - timedelta(days=40),
        earliest_at=noon + timedelta(days=days),
        rule="a test",
        **(found | said | night if night else {}),
    )


def test_what_quarantine_gives_back_in_time_counts_and_what_is_new_is_on_order(sku: Sku, wren: Provider) -> None:
    resting(14155550101, "released", 6)  # the last day of lead time and review
    resting(14155550102, "released", 7)
    resting(14155550103, "released", 0, predicted_on=DAY + timedelta(days=3))
    resting(14155550104, "released", 0, predicted_on=DAY + timedelta(days=9))
    resting(14155550105, "released", 0, predicted_on=None)  # rather never
    resting(14155550106, "released", 0, predicted_on=DAY, action="retire", action_rule="maximum")
    resting(14155550107, "onboarded_new", 30)  # later than that, and yet bought already
    resting(14155550108, "onboarded_used", 0, predicted_on=DAY + timedelta(days=90))
    resting(12125550109, "released", 1)
    nights.run(DAY)
    terms = SkuState.objects.get().terms
    assert (terms["available"], terms["on_order"], terms["expected_returns"]) == (0, 2, 2)
    assert terms["position"] == pytest.approx(2 + 0.9 * 2)


def test_a_return_counts_by_its_chance_of_coming_back_at_all(sku: Sku, wren: Provider) -> None:
    resting(14155550101, "released", 0, predicted_on=DAY + timedelta(days=3), chance_never=0.4)
    resting(14155550102, "released", 0, predicted_on=DAY + timedelta(days=3), chance_never=0.1)
    resting(14155550103, "released", 0, predicted_on=DAY + timedelta(days=3))  # too few were like it
    resting(14155550104, "released", 0, predicted_on=DAY + timedelta(days=9), chance_never=0.1)  # too late
    resting(14155550105, "released", 2)  # before its first night
    nights.run(DAY)
    assert SkuState.objects.get().terms["expected_returns"] == pytest.approx(0.6 + 0.9 + 1 + 1)


def test_wishes_count_once_for_each_sku_account_and_day(sku: Sku, wren: Provider) -> None:
    ada, bob = AccountFactory.create_batch(2)
    wish: dict[str, Any] = {"units_filled": 0, "kind": "search"}
    for account, units in ((ada, 4), (ada, 9), (ada, 2), (bob, 1)):
        asked(units, account=account, **wish)
    asked(5, account=ada, on=DAY - timedelta(days=1), **wish)
    asked(7, account=ada, area_code="212", **wish)  # of no SKU
    nights.run(DAY)
    state = SkuState.objects.get()
    faded = 0.5 ** (1 / 90)
    assert (state.n, state.q) == pytest.approx((2 + faded, 10 + 5 * faded))


def test_what_is_asked_after_the_day_is_for_the_next_night(sku: Sku, wren: Provider) -> None:
    asked(5, on=DAY + timedelta(days=1))
    nights.run(DAY)
    assert SkuState.objects.get().q == 0
    nights.run(DAY + timedelta(days=1))
    assert SkuState.objects.get().q == 5


def test_the_day_is_the_utc_day(sku: Sku, wren: Provider) -> None:
    asked(5)
    DemandEvent.objects.update(at=datetime(2026, 6, 30, 23, 59, 59, tzinfo=UTC))
    nights.run(DAY - timedelta(days=1))
    assert SkuState.objects.get().q == 0
    nights.run(DAY)
    assert SkuState.objects.get().q == 5


def test_a_new_sku_knows_what_was_asked_before_it_was_made(wren: Provider) -> None:
    a_habit()
    late = Sku.objects.create(**US_LOCAL, area_code="415")
    nights.run(DAY)
    assert SkuState.objects.get(sku=late).n > 20


def test_a_later_night_overtakes_what_was_not_carried_out(sku: Sku, wren: Provider) -> None:
    a_habit()
    nights.run(DAY)
    nights.run(DAY + timedelta(days=1))
    statuses = RestockProposal.objects.order_by("day").values_list("status", flat=True)
    assert list(statuses) == ["superseded", "approved"]


def test_under_the_cost_limit_of_itself_above_it_by_staff(wren: Provider) -> None:
    cheap, dear = make_sku("415", cost_limit=10_000), make_sku("212", cost_limit=5)
    a_habit()
    a_habit(area_code="212")
    nights.run(DAY)
    one, other = (RestockProposal.objects.get(sku=sku) for sku in (cheap, dear))
    assert (one.status, one.allowed, one.decided_by, one.approval) == ("approved", one.quantity, "sweep:restock", "")
    assert one.next_attempt_at
    assert (other.status, other.allowed, other.decided_by) == ("proposed", None, "")
    assert "more than 5" in other.approval


@pytest.mark.parametrize("terms", [{"monthly_cost": None}, {"currency": "EUR"}])
def test_a_cost_that_is_not_known_in_the_currency_of_the_limit_waits_for_staff(sku: Sku, terms: dict[str, Any]) -> None:
    with_terms(ProviderFactory.create(), **terms)
    a_habit()
    nights.run(DAY)
    assert (proposed().cost, proposed().status) == (None, "proposed")
    assert proposed().approval == "what it costs is not known"


def test_the_cost_is_that_of_the_first_month_with_all_that_is_paid_once(sku: Sku) -> None:
    with_terms(ProviderFactory.create(), setup_cost=Decimal("2.5"), order_cost=7)
    a_habit()
    nights.run(DAY)
    assert proposed().cost == proposed().quantity * Decimal("3.5") + 7


def test_the_cheapest_that_is_fast_enough_unless_staff_have_pinned_one(sku: Sku, wren: Provider) -> None:
    cheap = with_terms(ProviderFactory.create(slug="cheap"), monthly_cost=Decimal("0.1"))
    a_habit()
    nights.run(DAY)
    assert proposed().provider == cheap
    Sku.objects.update(provider=wren)
    nights.run(DAY + timedelta(days=1))
    assert RestockProposal.objects.latest("day").provider == wren


def test_who_was_stopped_for_dishonesty_is_not_asked(sku: Sku, wren: Provider) -> None:
    cheap = with_terms(ProviderFactory.create(slug="cheap"), monthly_cost=Decimal("0.1"))
    stops.place(provider=cheap, country="US", actor="sweep:honesty", reason="half of it is not true")
    a_habit()
    nights.run(DAY)
    assert proposed().provider == wren


def test_a_catalogue_that_is_half_true_makes_a_cheap_provider_dear(sku: Sku, wren: Provider) -> None:
    cheap = with_terms(ProviderFactory.create(slug="cheap"), monthly_cost=Decimal("0.9"))
    day = timezone.now().date()
    Honesty.objects.create(provider=cheap, country="US", day=day, source="sample", listed=29, purchasable=14)
    Honesty.objects.create(provider=cheap, country="GB", day=day, source="sample", listed=50, purchasable=10)
    a_habit()
    nights.run(DAY)
    assert (proposed().provider, "honesty" in proposed().terms) == (cheap, False)
    Honesty.objects.create(provider=cheap, country="US", day=day, source="orders", listed=1, purchasable=1)
    nights.run(DAY + timedelta(days=1))
    assert RestockProposal.objects.latest("day").provider == wren
    Sku.objects.update(provider=cheap)
    nights.run(DAY + timedelta(days=2))
    assert RestockProposal.objects.latest("day").terms["honesty"] == pytest.approx(0.5)


def test_nobody_sells_it(sku: Sku) -> None:
    ProviderFactory.create(is_active=False)
    a_habit()
    nights.run(DAY)
    state = SkuState.objects.get()
    assert state.s > 0
    assert "can deliver none" in state.sentence
    assert not RestockProposal.objects.exists()


def test_the_excess_is_proposed_to_go_back_and_staff_must_say_so(sku: Sku, wren: Provider) -> None:
    for n in range(40):
        NumberFactory.create(e164=14155550100 + n, provider=wren)
    nights.run(DAY)
    row = proposed()
    assert -40 < row.quantity < 0
    assert (row.provider, row.status, row.approval) == (None, "proposed", "numbers are handed back")


def test_two_shelves_in_one_area_do_not_count_the_same_number_twice(wren: Provider) -> None:
    plain, rich = make_sku(), make_sku(capabilities=3)
    NumberFactory.create(e164=14155550100)
    NumberFactory.create(e164=14155550101, capabilities=1)
    nights.run(DAY)
    available = {state.sku_id: state.terms["available"] for state in SkuState.objects.all()}
    assert available == {plain.pk: 1, rich.pk: 1}


def test_however_many_skus_a_market_takes_the_same_queries(wren: Provider) -> None:
    make_sku("415")
    with CaptureQueriesContext(connection) as one:
        nights.run(DAY)
    for area in range(201, 261):
        make_sku(str(area))
        asked(2, area_code=str(area))
    with CaptureQueriesContext(connection) as many:
        nights.run(DAY + timedelta(days=1))
    assert SkuState.objects.filter(as_of=DAY + timedelta(days=1)).count() == 61
    assert len(many) <= len(one) + 1


def test_the_command_closes_the_last_day_and_none_that_is_not_over(sku: Sku, wren: Provider) -> None:
    said = StringIO()
    call_command("restock_night", stderr=said)
    closed = nights.closed_day(timezone.now())
    assert SkuState.objects.get().as_of == closed
    assert f"{closed}: 1 market decided" in said.getvalue()
    with pytest.raises(CommandError, match="is not over"):
        call_command("restock_night", f"--as-of={closed + timedelta(days=1)}")


def test_a_day_is_closed_when_its_last_purchases_have_committed() -> None:
    midnight = datetime(2026, 7, 1, tzinfo=UTC)
    assert nights.closed_day(midnight + timedelta(minutes=29)) == DAY - timedelta(days=1)
    assert nights.closed_day(midnight + timedelta(minutes=30)) == DAY


@pytest.mark.django_db(transaction=True)
def test_two_nights_at_once_propose_once(wren: Provider) -> None:
    for area in range(201, 221):
        make_sku(str(area))
        a_habit(area_code=str(area), days=10)
    decided: list[int] = []
    start = threading.Barrier(4)

    def close() -> None:
        start.wait()
        decided.append(nights.close(MARKET, DAY))

    at_once([close] * 4)
    assert sorted(decided) == [0, 0, 0, 20]
    assert RestockProposal.objects.count() == 20


def at_once(acts: list[Callable[[], object]]) -> None:
    """Each in a thread and a connection of its own; raises what one of them raised."""
    failures: list[BaseException] = []

    def run(act: Callable[[], object]) -> None:
        try:
            act()
        except BaseException as error:  # noqa: BLE001 - raised again below
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for failure in failures:
        raise failure
