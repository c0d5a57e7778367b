"""Numbers of our own ranges: offered, activated once, given back, and offered again when they have rested."""

import threading
from collections.abc import Callable
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from compliance.models import AgingRule
from inventory.allocations import activating, room, use
from inventory.importing.lines import LineReader
from inventory.importing.load import import_numbers
from inventory.lifecycle import State
from inventory.models import (
    Activation,
    Allocation,
    LineState,
    OrderState,
    Origin,
    PhoneNumber,
    ProviderOrder,
    ProviderOrderLine,
    ProviderRelease,
    ReleaseState,
)
from inventory.providers.base import LineStatus, ProviderAdapter, Wanted
from inventory.providers.registry import adapter_of
from inventory.services import auditing, provider_releases, sourcing
from numbering.e164 import E164
from numbering.types import NumberType
from tests.factories import AllocationFactory, NumberFactory, ProviderFactory
from tests.inventory.conftest import settle_all_orders, settle_all_releases, stock

LOCAL = NumberType.LOCAL
WANTED = Wanted("US", LOCAL)


@pytest.fixture
def block(db: None) -> Allocation:
    """A hundred numbers, so that a test can fill them."""
    return AllocationFactory.create(first=14156671000, size=100)


def ours(block: Allocation) -> ProviderAdapter:
    return adapter_of(block.provider)


def offered(block: Allocation, wanted: Wanted = WANTED) -> list[int]:
    return [offer.number.digits for offer in ours(block).offers(wanted)]


def active() -> set[int]:
    return set(Activation.objects.filter(returned_at=None).values_list("e164", flat=True))


def take(block: Allocation, *digits: int, key: str = "ny-1") -> dict[int, str]:
    """Activate; why not, by number."""
    return activating.activate(block.provider, digits, key=key)


def test_from_the_range_into_stock_and_back(block: Allocation) -> None:
    assert sourcing.ask(country="US", number_type=LOCAL, quantity=3) == 3
    settle_all_orders()
    assert ProviderOrder.objects.get().state == OrderState.COMPLETE
    assert stock() == active() == {14156671000, 14156671001, 14156671002}
    number = PhoneNumber.objects.earliest("pk")
    assert (number.state, number.origin, str(number.monthly_cost)) == (State.SOURCED, Origin.ONBOARDED_NEW, "0.0200")
    auditing.audit(block.provider_id)
    block.provider.refresh_from_db()
    assert (block.provider.orphans, block.provider.ghosts) == (0, 0)
    provider_releases.retire(number.pk, actor="user:staff", reason="too many")
    settle_all_releases()
    assert ProviderRelease.objects.get().state == ReleaseState.CONFIRMED
    assert stock() == active() == {14156671001, 14156671002}
    assert not ours(block).holding(number.number)


def test_what_came_back_rests_and_is_then_used(block: Allocation) -> None:
    take(block, block.first)
    ours(block).release(E164(block.first), key="ny-2")
    assert block.first not in offered(block)
    assert take(block, block.first, key="ny-3") == {block.first: activating.RESTING}
    for days, free in ((89, False), (91, True)):
        with time_machine.travel(timezone.now() + timedelta(days=days)):
            assert (block.first in offered(block)) is free
    NumberFactory.create(e164=block.first, state=State.RETURNED, passport_expires_at=None, cleared_at=None)
    with time_machine.travel(timezone.now() + timedelta(days=91)):
        sourcing.ask(country="US", number_type=LOCAL, quantity=1)
        settle_all_orders()
    assert PhoneNumber.objects.live().get().origin == Origin.ONBOARDED_USED, "somebody may have had it"


def test_the_law_may_want_a_longer_rest(block: Allocation) -> None:
    now = timezone.now()
    assert room.rest("US", LOCAL, now) == timedelta(days=90)
    AgingRule.objects.create(
        country="AU", previous_use="any", minimum_days=184, valid_from=date(2020, 1, 1), source="ACMA"
    )
    assert room.rest("AU", LOCAL, now) == timedelta(days=184)


def test_the_same_key_is_the_same_order(block: Allocation) -> None:
    numbers = [E164(block.first), E164(block.first + 1)]
    for _ in range(2):
        status = ours(block).order(numbers, key="ny-1")
        assert (status.settled, [line.status for line in status.lines]) == (True, [LineStatus.FILLED] * 2)
    assert Activation.objects.count() == 2
    found = ours(block).order_status("ny-1")
    assert found
    assert [line.number for line in found.lines] == numbers
    assert ours(block).order_status("ny-2") is None


def test_a_crash_before_the_record_activates_once(block: Allocation) -> None:
    sourcing.ask(country="US", number_type=LOCAL, quantity=2)
    order = ProviderOrder.objects.get()
    digits = list(order.lines.order_by("pk").values_list("e164", flat=True))
    ours(block).order([E164(n) for n in digits], key=order.key)  # and here the process dies
    ProviderOrder.objects.update(attempts=1)
    settle_all_orders()
    assert stock() == active() == set(digits)
    assert Activation.objects.count() == 2


@pytest.mark.parametrize(
    ("digits", "reason"),
    [(14156671100, activating.NOT_OURS), (14156670999, activating.NOT_OURS), (14156671000, activating.ACTIVE)],
)
def test_what_is_not_free_is_a_refused_line(block: Allocation, digits: int, reason: str) -> None:
    take(block, block.first, key="ny-0")
    [line, other] = ours(block).order([E164(digits), E164(block.first + 1)], key="ny-1").lines
    assert (line.status, line.reason, other.status) == (LineStatus.REFUSED, reason, LineStatus.FILLED)


def test_a_withdrawn_range_sells_nothing(block: Allocation) -> None:
    Allocation.objects.update(withdrawn_on=date(2026, 1, 1))
    assert offered(block) == []
    assert take(block, block.first) == {block.first: activating.NOT_OURS}


class TestImported:
    """Numbers of our ranges that came in by an import: nothing activated them."""

    @pytest.fixture
    def imported(self, block: Allocation) -> PhoneNumber:
        text = f"number,provider\n+{block.first},{block.provider.slug}\n"
        report = import_numbers(StringIO(text), LineReader(), actor="import:test")
        assert report.loaded == 1
        return PhoneNumber.objects.get(e164=block.first)

    def audited(self, block: Allocation) -> tuple[int, int]:
        PhoneNumber.objects.update(created_at=timezone.now() - 2 * auditing.LAG)
        auditing.audit(block.provider_id)
        block.provider.refresh_from_db()
        return block.provider.orphans, block.provider.ghosts

    def test_they_are_no_ghosts(self, block: Allocation, imported: PhoneNumber) -> None:
        assert self.audited(block) == (0, 0)
        assert ours(block).holding(imported.number)
        AllocationFactory.create(provider=block.provider, first=14156672000, size=100)
        NumberFactory.create(e164=14156672100, provider=block.provider)
        assert self.audited(block) == (0, 1), "of no range of ours"

    def test_they_keep_their_range(self, block: Allocation, imported: PhoneNumber) -> None:
        with pytest.raises(activating.StillActive):
            activating.withdraw(block, on=date(2026, 1, 1))
        with pytest.raises(IntegrityError), transaction.atomic():
            Allocation.objects.update(withdrawn_on=date(2026, 1, 1))

    def test_they_are_not_activated_again(self, block: Allocation, imported: PhoneNumber) -> None:
        assert take(block, imported.e164) == {imported.e164: activating.IN_STOCK}

    def test_they_go_back_to_their_range_and_rest(self, block: Allocation, imported: PhoneNumber) -> None:
        provider_releases.retire(imported.pk, actor="user:staff", reason="too many")
        settle_all_releases()
        assert ProviderRelease.objects.get().state == ReleaseState.CONFIRMED
        assert self.audited(block) == (0, 0)
        assert imported.e164 not in offered(block)
        assert take(block, imported.e164) == {imported.e164: activating.RESTING}
        [shown] = use.blocks_of(block)
        assert (shown.resting, shown.is_open) == (1, True)
        with time_machine.travel(timezone.now() + timedelta(days=91)):
            assert offered(block)[0] == imported.e164
        activating.withdraw(block, on=timezone.now().date())

    def test_bought_back_from_a_carrier_they_keep_no_range(self, block: Allocation) -> None:
        NumberFactory.create(e164=block.first, provider=ProviderFactory.create())
        activating.withdraw(block, on=timezone.now().date())


@pytest.mark.django_db
def test_an_order_counts_the_blocks_that_it_touches_alone(django_assert_max_num_queries: Any) -> None:
    """However many ranges there are, and however full."""
    block = AllocationFactory.create(first=14156671000, size=100)
    for n in range(20):
        AllocationFactory.create(provider=block.provider, first=14156672000 + 100 * n, size=100)
    take(block, block.first)
    with django_assert_max_num_queries(12), CaptureQueriesContext(connection) as asked:
        assert take(block, block.first + 1, key="ny-2") == {}
    assert not [query for query in asked if "14156672000" in query["sql"]]


def test_offers_are_of_the_kind_and_the_area(block: Allocation) -> None:
    berlin = AllocationFactory.create(
        provider=block.provider, country="DE", first=4930901820000, size=100, rate_centre="Berlin"
    )
    oakland = AllocationFactory.create(provider=block.provider, first=15106671000, size=100)
    assert offered(block, Wanted("DE", LOCAL, "30")) == list(range(berlin.first, berlin.end))
    assert offered(block, Wanted("US", LOCAL, "510")) == list(range(oakland.first, oakland.end))
    assert offered(block, Wanted("US", NumberType.MOBILE)) == []


def test_what_is_in_stock_or_on_order_is_not_offered(block: Allocation) -> None:
    NumberFactory.create(e164=block.first)
    sourcing.ask(country="US", number_type=LOCAL, quantity=1)
    line = ProviderOrderLine.objects.get()
    assert line.e164 == block.first + 1
    assert offered(block)[0] == block.first + 2


class TestOpeningTheNextBlock:
    """47 CFR 52.15(j)(1)."""

    @pytest.fixture
    def wide(self, db: None) -> Allocation:
        """Ten blocks; the third is opened, and has one free number."""
        wide = AllocationFactory.create(first=14156680000, size=10_000)
        taken = range(14156682000, 14156682999)
        Activation.objects.bulk_create(Activation(allocation=wide, e164=n, key="ny-0") for n in taken)
        return wide

    def test_opened_blocks_come_first(self, wide: Allocation) -> None:
        sourcing.ask(country="US", number_type=LOCAL, quantity=3)
        settle_all_orders()
        assert stock() == {14156682999, 14156680000, 14156680001}

    def test_a_new_one_is_refused_while_one_has_room(self, wide: Allocation) -> None:
        early = 14156684000
        assert take(wide, early) == {early: activating.OPEN_ONES_FIRST}
        assert take(wide, early, 14156682999) == {}, "with this order the opened one is full"
        assert take(wide, 14156685000, key="ny-2") == {14156685000: activating.OPEN_ONES_FIRST}

    def test_an_order_opens_no_more_than_it_fills(self, wide: Allocation) -> None:
        refused = take(wide, 14156682999, 14156683000, 14156684000)
        assert refused == {14156684000: activating.OPEN_ONES_FIRST}

    def test_what_others_await_counts_as_taken(self, wide: Allocation) -> None:
        sourcing.ask(country="US", number_type=LOCAL, quantity=1)
        assert take(wide, 14156683000) == {}

    def test_another_rate_centre_has_blocks_of_its_own(self, wide: Allocation) -> None:
        oakland = AllocationFactory.create(provider=wide.provider, first=15106681000, rate_centre="OAKLAND")
        assert take(oakland, oakland.first) == {}

    def test_what_was_opened_stays_so_while_it_rests(self, wide: Allocation) -> None:
        activating.give_back(wide.provider, 14156682000)
        assert take(wide, 14156682999) == {}
        assert take(wide, 14156683000, key="ny-2") == {}, "nobody may have the one that rests"


def both(*acts: Callable[[], object]) -> None:
    """At once, each in a connection of its own. Raises what one of them raised."""
    start, failures = threading.Barrier(len(acts)), list[BaseException]()

    def run(act: Callable[[], object]) -> None:
        try:
            start.wait()
            act()
        except BaseException as error:  # noqa: BLE001 - raised again below
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for failure in failures:
        raise failure


@pytest.mark.django_db(transaction=True)
def test_of_orders_at_once_none_has_a_number_twice() -> None:
    wide = AllocationFactory.create(first=14156690000, size=10_000)
    numbers = [wide.first + n for n in range(20)]
    refused = dict[str, dict[int, str]]()

    def order(key: str) -> None:
        refused[key] = take(wide, *numbers, key=key)

    both(*(lambda key=f"ny-{n}": order(key) for n in range(6)))
    assert sorted(Activation.objects.values_list("e164", flat=True)) == numbers
    keys = set(Activation.objects.values_list("key", flat=True))
    assert len(keys) == 1
    assert sum(not reasons for reasons in refused.values()) == 1


@pytest.mark.django_db(transaction=True)
def test_of_orders_at_once_only_one_opens_a_block() -> None:
    wide = AllocationFactory.create(first=14156690000, size=10_000)
    both(*(lambda n=n: take(wide, wide.first + 1000 * n, key=f"ny-{n}") for n in range(5)))
    assert Activation.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_ask_at_once_have_different_numbers() -> None:
    block = AllocationFactory.create(first=14156690000, size=1_000)
    both(*[lambda: sourcing.ask(country="US", number_type=LOCAL, quantity=20)] * 3)
    settle_all_orders()
    assert len(stock()) == ProviderOrderLine.objects.filter(state=LineState.RECEIVED).count()
    assert stock() == active() <= set(range(block.first, block.end))


ADD = "INSERT INTO inventory_activation (allocation_id, e164, key) SELECT id, {}, 'x' FROM inventory_allocation"


@pytest.mark.parametrize(
    "sql",
    [
        ADD.format("first + size"),
        ADD.format("first - 1"),
        "UPDATE inventory_allocation SET withdrawn_on = '2026-02-01'",
        "UPDATE inventory_allocation SET first = first + 1000",
        "UPDATE inventory_allocation SET size = 1000",
        "DELETE FROM inventory_allocation",
        "DELETE FROM inventory_activation",
        "UPDATE inventory_activation SET e164 = e164 + 1",
        "UPDATE inventory_activation SET key = 'mine'",
    ],
)
def test_the_database_refuses(block: Allocation, sql: str) -> None:
    take(block, block.first)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_what_came_back_stays_back(block: Allocation) -> None:
    take(block, block.first)
    activating.give_back(block.provider, block.first)
    with pytest.raises(DatabaseError, match=r"annot update"), transaction.atomic():
        Activation.objects.update(returned_at=None)


def test_nothing_is_activated_in_a_withdrawn_range(block: Allocation) -> None:
    Allocation.objects.update(withdrawn_on=date(2026, 1, 1))
    with pytest.raises(IntegrityError, match="withdrawn"):
        Activation.objects.create(allocation=block, e164=block.first, key="ny-1")


@pytest.mark.django_db(transaction=True)
def test_a_range_is_not_withdrawn_while_a_number_of_it_is_being_activated() -> None:
    block = AllocationFactory.create(first=14156690000, size=100)
    outcomes = list[str]()

    def withdraw() -> None:
        try:
            Allocation.objects.update(withdrawn_on=date(2026, 1, 1))
            outcomes.append("withdrawn")
        except IntegrityError:
            outcomes.append("refused")

    def activate() -> None:
        try:
            Activation.objects.create(allocation=block, e164=block.first, key="ny-1")
            outcomes.append("activated")
        except IntegrityError:
            outcomes.append("refused")

    both(withdraw, activate)
    assert sorted(outcomes) in (["activated", "refused"], ["refused", "withdrawn"])
