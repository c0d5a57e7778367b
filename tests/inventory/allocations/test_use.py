"""How well a block is used: what is in it, what may be donated, and by which index that is counted."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from inventory.allocations import activating, use
from inventory.filings.census import Category
from inventory.lifecycle import State
from inventory.models import Activation, Allocation
from inventory.models.quarantine import QuarantineSource
from inventory.quarantine import stays
from tests.factories import AccountFactory, AllocationFactory, DidFactory, NumberFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def wide() -> Allocation:
    return AllocationFactory.create(first=14156680000, size=10_000)


def test_each_block_tells_what_is_in_it(wide: Allocation) -> None:
    first, second, third, *others = range(wide.first, wide.end, 1_000)
    DidFactory.create(number__e164=first)
    DidFactory.create(number__e164=first + 1, account=AccountFactory.create(is_operator=True))
    NumberFactory.create(e164=first + 2)
    NumberFactory.create(e164=first + 3, sourced=True)
    for e164, source in ((first + 4, QuarantineSource.RELEASED), (first + 5, QuarantineSource.ONBOARDED_NEW)):
        stays.enter(NumberFactory.create(e164=e164, quarantined=True), source=source, since=timezone.now())
    NumberFactory.create(e164=first + 6, state=State.RETURNED, passport_expires_at=None, cleared_at=None)
    Activation.objects.create(allocation=wide, e164=second, key="ny-1")
    activating.activate(wide.provider, [second + 1], key="ny-2")
    activating.give_back(wide.provider, second)
    blocks = use.blocks_of(wide)
    assert [block.first for block in blocks] == [first, second, third, *others]
    assert blocks[0].counts == {
        Category.ASSIGNED: 1,
        Category.ADMINISTRATIVE: 1,
        Category.RESERVED: 0,
        Category.AGING: 1,
        Category.AVAILABLE: 3,
    }
    assert (blocks[0].utilisation, blocks[0].contamination, blocks[0].active) == (0.001, 0.004, 0)
    assert (blocks[1].active, blocks[1].resting, blocks[1].unavailable) == (1, 1, 1)
    assert [block.is_open for block in blocks] == [True, True, *[False] * 8]
    whole = use.whole(blocks)
    assert (whole.size, whole.counts[Category.AVAILABLE], whole.unavailable) == (10_000, 3, 5)


@pytest.mark.parametrize(("taken", "donated"), [(0, True), (100, True), (101, False)])
def test_a_block_with_little_in_it_may_be_donated(taken: int, donated: bool) -> None:
    counts = dict.fromkeys(Category, 0)
    assert use.BlockUse(0, 1_000, counts | {Category.AGING: taken}, taken, 0).may_be_donated is donated


def test_a_smaller_range_is_nothing_that_a_pool_takes() -> None:
    [block] = use.blocks_of(AllocationFactory.create(first=442079460100, size=100, country="GB"))
    assert (block.size, block.may_be_donated) == (100, False)


def test_counts_come_from_indexes(wide: Allocation) -> None:
    values: dict[str, Any] = {"size": 1_000, "first": wide.first, "end": wide.end, "rested_since": timezone.now()}
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {use._COUNTS}", values)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    for index in ("number_one_live_row", "number_past_life", "activation_one_at_a_time", "activation_returned"):
        assert f"using {index}" in plan or f"on {index}" in plan
    assert "Seq Scan" not in plan


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"first": 14150001000}, "is of no known type"),
        ({"first": 442079461000}, "is no number of US"),
        ({"first": 16046681000}, "is no number of US"),
        ({"country": "GB", "number_type": "local", "first": 447400123000}, "is mobile in the numbering plan"),
        ({"first": 18005551000, "number_type": "local"}, "is toll_free in the numbering plan"),
        ({"first": 18335550000, "number_type": "mobile"}, "is toll_free in the numbering plan"),
        ({"first": 18335550000, "number_type": "machine_to_machine"}, "is toll_free in the numbering plan"),
        ({"first": 14156681000, "number_type": "toll_free"}, "is local in the numbering plan"),
    ],
    ids=str,
)
def test_a_range_lies_within_the_numbering_plan(fields: dict[str, object], problem: str) -> None:
    row = AllocationFactory.build(provider=AllocationFactory.create().provider, **fields)
    with pytest.raises(ValidationError, match=problem):
        row.full_clean()


def test_ranges_of_several_countries_are_sound() -> None:
    for fields in (
        {"first": 14156681000},
        {"first": 14156681000, "number_type": "mobile"},
        {"first": 442079460000, "country": "GB", "size": 10_000},
        {"first": 18335550000, "number_type": "toll_free", "size": 100},
    ):
        AllocationFactory.build(provider=AllocationFactory.create().provider, **fields).full_clean()
