"""Returns to regulators: every figure from the ledger, traceable to its numbers, frozen."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from fnmatch import fnmatch
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import Error, connection, transaction

from inventory import tasks
from inventory.filings import freezing
from inventory.filings.census import Category
from inventory.filings.freezing import (
    AlreadyMade,
    NotSuchADay,
    NotYet,
    due,
    freeze,
    freeze_due,
    rows,
    still_holds,
    trace,
)
from inventory.filings.utilisation import NoSuchFigure
from inventory.models import Allocation, Assignment, Filing, FilingKind, LifecycleEntry, PhoneNumber, ReportedDisconnect
from numbering.e164 import E164
from tests.factories import AccountFactory, AllocationFactory, DidFactory, NumberFactory, ProviderFactory

pytestmark = pytest.mark.django_db
BEGINNING = datetime(2026, 1, 5, 12, tzinfo=UTC)
HALF_YEAR = date(2026, 6, 30)
LIVES = {
    "on sale": ["source", "start_tests", "pass_tests", "clear"],
    "reserved": ["source", "start_tests", "pass_tests", "clear", "reserve"],
    "in service": ["source", "start_tests", "pass_tests", "clear", "reserve", "assign"],
    "given up": ["source", "start_tests", "pass_tests", "clear", "reserve", "assign", "release"],
    "aging": ["source", "start_tests", "pass_tests", "clear", "reserve", "assign", "release", "expire"],
    "reclaimed": ["source", "start_tests", "pass_tests", "clear", "reserve", "assign", "release", "reclaim"],
    "new, resting": ["source", "start_tests", "pass_tests"],
    "returned": ["source", "retire"],
}
RETIRED = {
    "retired while aging": [*LIVES["aging"], "retire"],
    "clean, then retired": [*LIVES["aging"], "clear", "retire"],
}
GONE = {"passport_expires_at": None, "cleared_at": None}
HOLDER = "Numberyard, OCN 999Z"
TARGETS = {
    "source": "SOURCED",
    "start_tests": "TESTING",
    "pass_tests": "QUARANTINED",
    "clear": "AVAILABLE",
    "reserve": "RESERVED",
    "assign": "IN_SERVICE",
    "release": "RELEASED",
    "reclaim": "IN_SERVICE",
    "expire": "QUARANTINED",
    "retire": "RETURNED",
}


def number(e164: int, life: str, *, begins: datetime = BEGINNING, **fields: object) -> PhoneNumber:
    """One whose ledger tells this life, a day for each move; the row itself is as it happens to be today."""
    row: PhoneNumber = NumberFactory.create(e164=e164, country=E164(e164).country, **fields)
    return told(row, life, begins=begins)


def told(row: PhoneNumber, life: str, *, begins: datetime = BEGINNING) -> PhoneNumber:
    """A number with the ledger of such a life."""
    source = ""
    for day, verb in enumerate((LIVES | RETIRED)[life]):
        at = begins + timedelta(days=day)
        LifecycleEntry.objects.create(number=row, verb=verb, source=source, target=TARGETS[verb], actor="x", at=at)
        source = TARGETS[verb]
    return row


@pytest.fixture
def carrier_block() -> None:
    """Of +1 415 201 0xxx eight numbers, bought."""
    carrier = ProviderFactory.create()
    for place, life in enumerate(LIVES):
        number(14152010100 + place, life, provider=carrier)


@pytest.mark.usefixtures("carrier_block")
def test_form_502_counts_each_number_of_a_bought_block_in_one_category() -> None:
    filing = freeze(FilingKind.NRUF, last_day=HALF_YEAR, actor="user:ann")
    # Assigned, intermediate, reserved, aging, administrative, received, available.
    assert [row[:3] + row[5:] for row in rows(filing)] == [
        ["U3", "415-201", "0", "2", "0", "1", "2", "0", "7", "2", ""]
    ]
    assert (filing.file_name, filing.rows, filing.made_by) == ("nruf-2026-06-30.csv", 1, "user:ann")
    assert sha256(filing.content).hexdigest() == filing.digest


def test_of_a_block_of_our_own_what_was_never_opened_is_available_too() -> None:
    AllocationFactory.create(first=14152010000, size=10_000, rate_centre="SNFC CNTRL", region="CA")
    number(14152010100, "in service", provider=None)
    number(14152010101, "on sale", provider=ProviderFactory.create())
    number(14152011999, "given up", provider=None)
    filing = freeze(FilingKind.NRUF, last_day=HALF_YEAR, actor="user:ann")
    told = list(rows(filing))
    assert [row[:3] + row[5:12] for row in told[:2]] == [
        ["U1", "415-201", "0", "1", "0", "0", "0", "0", "", "999"],
        ["U1", "415-201", "1", "0", "0", "0", "1", "0", "", "999"],
    ]
    untouched = [["U1", "415-201", str(x), "SNFC CNTRL", "CA", *"00000", "", "1000", HOLDER] for x in range(2, 10)]
    assert told[2:] == untouched, "nobody opened them, and they are ours all the same"
    available = trace(filing, 1, Category.AVAILABLE)
    assert available.told == len(available.numbers) == 999
    assert 14152010100 not in available.numbers
    assert available.numbers[-1] == 14152010999


def test_a_number_without_a_provider_makes_no_block_ours() -> None:
    number(14152010100, "in service", provider=None)
    assert [row[:3] + row[5:] for row in rows(freeze(FilingKind.NRUF, last_day=HALF_YEAR, actor="user:ann"))] == [
        ["U3", "415-201", "0", "1", "0", "0", "0", "0", "1", "0", ""]
    ]


@pytest.mark.parametrize(
    ("allocated", "withdrawn", "form"),
    [
        (date(2026, 6, 30), None, "U1"),
        (date(2026, 7, 1), None, "U3"),
        (date(2026, 1, 1), date(2026, 7, 1), "U1"),
        (date(2026, 1, 1), date(2026, 6, 30), "U3"),
    ],
    ids=str,
)
def test_a_block_is_ours_from_its_allocation_to_its_end(allocated: date, withdrawn: date | None, form: str) -> None:
    AllocationFactory.create(first=14152010000, allocated_on=allocated, withdrawn_on=withdrawn)
    number(14152010100, "in service", provider=None)
    assert [row[0] for row in rows(freeze(FilingKind.NRUF, last_day=HALF_YEAR, actor="user:ann"))] == [form]


def test_of_a_range_that_was_put_right_the_newer_row_speaks() -> None:
    wrong = AllocationFactory.create(first=14152010000, size=10_000, holder="OCN 111A")
    Allocation.objects.update(withdrawn_on=date(2026, 7, 2))
    AllocationFactory.create(provider=wrong.provider, first=14152010000, size=1_000, holder="OCN 222B")
    told = list(rows(freeze(FilingKind.NRUF, last_day=HALF_YEAR, actor="user:ann")))
    assert [row[-1] for row in told] == ["OCN 222B"] + ["OCN 111A"] * 9


def test_what_went_back_to_its_range_while_it_aged_is_still_aging() -> None:
    """What nobody ever had, or was clean by then, is available at once."""
    AllocationFactory.create(first=14152010000)
    number(14152010100, "retired while aging", begins=datetime(2026, 5, 1, tzinfo=UTC))
    number(14152010101, "retired while aging", begins=BEGINNING)  # more than 90 days ago
    number(14152010102, "returned", begins=datetime(2026, 5, 1, tzinfo=UTC))
    number(14152010104, "clean, then retired", begins=datetime(2026, 5, 1, tzinfo=UTC))
    again = number(
        14152010103, "retired while aging", begins=datetime(2026, 5, 1, tzinfo=UTC), state="RETURNED", **GONE
    )
    number(again.e164, "in service", begins=datetime(2026, 6, 1, tzinfo=UTC))
    filing = freeze(FilingKind.NRUF, last_day=HALF_YEAR, actor="user:ann")
    found = {category: trace(filing, 1, category) for category in Category}
    assert found[Category.AGING] == (1, [14152010100])
    assert found[Category.ASSIGNED] == (1, [again.e164])
    assert found[Category.AVAILABLE].told == len(found[Category.AVAILABLE].numbers) == 998
    assert {14152010101, 14152010102, 14152010104} < set(found[Category.AVAILABLE].numbers)


@pytest.mark.usefixtures("carrier_block")
def test_every_figure_is_traced_to_its_numbers() -> None:
    filing = freeze(FilingKind.NRUF, last_day=HALF_YEAR, actor="user:ann")
    found = {category: trace(filing, 1, category) for category in Category}
    assert {category: figure.told for category, figure in found.items()} == {
        category: len(figure.numbers) for category, figure in found.items()
    }
    lives = list(LIVES)
    assert {lives[e164 - 14152010100] for e164 in found[Category.ASSIGNED].numbers} == {"in service", "reclaimed"}
    assert {lives[e164 - 14152010100] for e164 in found[Category.AGING].numbers} == {"given up", "aging"}
    assert {lives[e164 - 14152010100] for e164 in found[Category.AVAILABLE].numbers} == {"on sale", "new, resting"}
    with pytest.raises(NoSuchFigure):
        trace(filing, 2, Category.AGING)


def test_it_tells_what_stood_then_whatever_came_later() -> None:
    row = number(14152010100, "in service")
    filing = freeze(FilingKind.NRUF, last_day=HALF_YEAR, actor="user:ann")
    after = datetime(2026, 7, 1, 0, 0, 1, tzinfo=UTC)
    LifecycleEntry.objects.create(
        number=row, verb="release", source="IN_SERVICE", target="RELEASED", actor="x", at=after
    )
    assert still_holds(filing)
    assert trace(filing, 1, Category.ASSIGNED).numbers == [14152010100]


def test_a_ledger_that_says_otherwise_is_noticed() -> None:
    row = number(14152010100, "in service")
    filing = freeze(FilingKind.NRUF, last_day=HALF_YEAR, actor="user:ann")
    LifecycleEntry.objects.create(
        number=row, verb="release", source="IN_SERVICE", target="RELEASED", actor="x", at=BEGINNING + timedelta(days=9)
    )
    assert not still_holds(filing)


def test_what_the_operator_itself_uses_is_administrative() -> None:
    did = DidFactory.create(account=AccountFactory.create(is_operator=True))
    Assignment.objects.filter(did=did).update(valid=(BEGINNING, None))
    told(did.number, "in service")
    filing = freeze(FilingKind.NRUF, last_day=HALF_YEAR, actor="user:ann")
    assert trace(filing, 1, Category.ADMINISTRATIVE).numbers == [did.number.e164]


@pytest.mark.parametrize(("e164", "number_type"), [(18005550100, "toll_free"), (16045550100, "local")])
def test_form_502_is_about_geographic_numbers_of_the_united_states(e164: int, number_type: str) -> None:
    number(e164, "in service", number_type=number_type)
    assert list(rows(freeze(FilingKind.NRUF, last_day=HALF_YEAR, actor="user:ann"))) == []


def test_ofcom_is_told_of_blocks_of_ten_thousand() -> None:
    number(442079460100, "in service")
    number(442079469999, "aging")
    number(442079470000, "on sale")
    filing = freeze(FilingKind.OFCOM, last_day=date(2026, 3, 31), actor="user:ann")
    assert [[row[0], *row[4:]] for row in rows(filing)] == [
        ["+44207946", "0", "2", "1", "0", "1", "0", "0", "50.0"],
        ["+44207947", "0", "1", "0", "0", "0", "0", "1", "0.0"],
    ]
    assert trace(filing, 1, Category.AGING).numbers == [442079469999]


def test_ofcom_is_told_how_much_of_what_it_allocated_is_in_use() -> None:
    """Of a whole block, and of a smaller one as Ofcom allocates it in conservation areas."""
    whole = AllocationFactory.create(country="GB", first=442079460000, size=10_000, rate_centre="", locality="London")
    AllocationFactory.create(provider=whole.provider, country="GB", first=441224960000, size=1_000)
    for e164 in range(442079460100, 442079460110):
        number(e164, "in service", provider=None)
    number(442079460200, "aging", provider=None)
    number(441224960001, "in service", provider=None)
    number(441224961001, "in service")  # beside it, from another provider
    filing = freeze(FilingKind.OFCOM, last_day=date(2026, 3, 31), actor="user:ann")
    assert [[row[0], row[1], *row[4:]] for row in rows(filing)] == [
        ["+441224960", "1000", "1000", "1", "1", "0", "0", "0", "999", "0.1"],
        ["+44122496", "10000", "0", "1", "1", "0", "0", "0", "0", "100.0"],
        ["+44207946", "10000", "10000", "11", "10", "0", "1", "0", "9989", "0.1"],
    ]
    assert [trace(filing, line, Category.ASSIGNED).numbers for line in (1, 2)] == [[441224960001], [441224961001]]
    assert len(trace(filing, 3, Category.AVAILABLE).numbers) == 9_989
    assert trace(filing, 1, Category.AVAILABLE).numbers[0] == 441224960000


def test_a_disconnect_is_told_once_when_nobody_can_take_the_number_back() -> None:
    number(14152010100, "aging")  # given up on 11 January, final on the 12th
    number(14152010101, "given up")
    number(14152010102, "reclaimed")
    first = freeze(FilingKind.RND, last_day=date(2026, 1, 11), actor="user:ann")
    second = freeze(FilingKind.RND, last_day=date(2026, 2, 10), actor="user:ann")
    third = freeze(FilingKind.RND, last_day=date(2026, 3, 10), actor="user:ann")
    assert [list(rows(filing)) for filing in (first, second, third)] == [[], [["4152010100", "2026-01-11"]], []]
    assert [disconnect.number.e164 for disconnect in second.disconnects.all()] == [14152010100]
    assert all(map(still_holds, (first, second, third)))


def test_a_number_that_is_given_up_a_second_time_is_told_again() -> None:
    row = number(14152010100, "aging")
    freeze(FilingKind.RND, last_day=date(2026, 2, 10), actor="user:ann")
    for day, (verb, source) in enumerate((("release", "IN_SERVICE"), ("expire", "RELEASED"))):
        at = datetime(2026, 4, 20 + day, tzinfo=UTC)
        LifecycleEntry.objects.create(number=row, verb=verb, source=source, target=TARGETS[verb], actor="x", at=at)
    assert list(rows(freeze(FilingKind.RND, last_day=date(2026, 5, 10), actor="user:ann"))) == [
        ["4152010100", "2026-04-20"]
    ]


def test_disconnects_are_not_told_out_of_order() -> None:
    freeze(FilingKind.RND, last_day=date(2026, 3, 10), actor="user:ann")
    for day in (date(2026, 3, 10), date(2026, 2, 10)):
        with pytest.raises(AlreadyMade):
            freeze(FilingKind.RND, last_day=day, actor="user:ann")


@time_machine.travel(datetime(2026, 7, 1, 0, 30, tzinfo=UTC), tick=False)
def test_a_day_that_is_not_over_is_not_told_of() -> None:
    with pytest.raises(NotYet, match="from 2026-07-01 01:00 UTC"):
        freeze(FilingKind.NRUF, last_day=HALF_YEAR, actor="user:ann")


def test_form_502_has_its_two_days() -> None:
    with pytest.raises(NotSuchADay):
        freeze(FilingKind.NRUF, last_day=date(2026, 5, 31), actor="user:ann")


@pytest.mark.parametrize(
    ("today", "half_year", "cut_off"),
    [
        (date(2026, 1, 1), date(2025, 12, 31), date(2025, 12, 10)),
        (date(2026, 6, 30), date(2025, 12, 31), date(2026, 6, 10)),
        (date(2026, 7, 10), date(2026, 6, 30), date(2026, 6, 10)),
        (date(2026, 7, 11), date(2026, 6, 30), date(2026, 7, 10)),
    ],
)
def test_what_is_due(today: date, half_year: date, cut_off: date) -> None:
    assert (due(FilingKind.NRUF, today), due(FilingKind.RND, today)) == (half_year, cut_off)


@pytest.mark.parametrize("kind", [FilingKind.NRUF, FilingKind.RND])
def test_what_is_due_is_made_once_and_only_for_who_has_such_numbers(kind: FilingKind) -> None:
    today = date(2026, 7, 11)
    assert freeze_due(kind, today) is None
    number(14152010100, "in service")
    made = freeze_due(kind, today)
    assert made
    assert made.file_name == {"nruf": "nruf-2026-06-30.csv", "rnd": "rnd-2026-07-10.csv"}[kind]
    assert freeze_due(kind, today) is None


def test_who_has_a_range_without_a_number_files_too() -> None:
    AllocationFactory.create()
    assert freeze_due(FilingKind.NRUF, date(2026, 7, 11))


@pytest.mark.parametrize("change", ["content = 'x'", "digest = repeat('0', 64)", "made_by = 'user:bob'"])
def test_a_filing_stays_as_it_was_made(change: str) -> None:
    freeze(FilingKind.NRUF, last_day=HALF_YEAR, actor="user:ann")
    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE inventory_filing SET {change}")  # noqa: S608 - constants


@pytest.mark.parametrize("table", ["inventory_filing", "inventory_reporteddisconnect"])
def test_neither_is_deleted(table: str) -> None:
    number(14152010100, "aging")
    freeze(FilingKind.RND, last_day=date(2026, 2, 10), actor="user:ann")
    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table}")  # noqa: S608 - likewise


@pytest.mark.django_db(transaction=True)
def test_of_many_who_make_it_at_once_one_does() -> None:
    number(14152010100, "aging")
    together = threading.Barrier(4)

    def make(_: int) -> str:
        try:
            together.wait()
            return freeze(FilingKind.RND, last_day=date(2026, 2, 10), actor="user:ann").file_name
        except AlreadyMade:
            return "made already"
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as people:
        assert sorted(people.map(make, range(4))) == [*["made already"] * 3, "rnd-2026-02-10.csv"]
    assert (Filing.objects.count(), ReportedDisconnect.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_a_long_return_holds_up_no_other_kind() -> None:
    number(14152010100, "aging")
    with transaction.atomic(), connection.cursor() as cursor, ThreadPoolExecutor(1) as other:
        freezing._wait_for_others(FilingKind.NRUF)
        cursor.execute("SELECT current_setting('statement_timeout')")
        assert cursor.fetchone() == ("0",), "its task has a limit of its own"

        def make() -> int:
            try:
                return freeze(FilingKind.RND, last_day=date(2026, 2, 10), actor="user:ann").rows
            finally:
                connection.close()

        assert other.submit(make).result(timeout=60) == 1


@pytest.mark.parametrize("task", [tasks.file_disconnects, tasks.file_utilisation], ids=lambda task: str(task.name))
def test_each_is_a_task_of_its_own_with_time_enough(task: Any) -> None:
    assert task.soft_time_limit > 1_000
    assert fnmatch(task.name, "*.sweep_*") is False, "the queue of the sweeps, where it would hold up reservations"
    number(14152010100, "aging")
    for at in (datetime(2026, 7, 1, 0, 30, tzinfo=UTC), datetime(2026, 7, 11, 0, 30, tzinfo=UTC)):
        with time_machine.travel(at, tick=False):  # the day before is not closed: what is due is what was due then
            task()
    assert [filing.last_day for filing in Filing.objects.order_by("as_of")] == {
        tasks.file_disconnects: ["2026-06-10"],
        tasks.file_utilisation: ["2025-12-31", "2026-06-30"],
    }[task]


@pytest.mark.usefixtures("carrier_block")
def test_by_command(tmp_path: Path) -> None:
    out, said = tmp_path / "nruf.csv", StringIO()
    call_command("filing", "make", "nruf", "--last-day", "2026-06-30", "--out", str(out), stdout=said)
    assert out.read_bytes() == bytes(Filing.objects.get().content)
    call_command("filing", "list", stdout=said)
    call_command("filing", "check", "nruf-2026-06-30", stdout=said)
    call_command("filing", "trace", "nruf-2026-06-30", "1", "reserved", stdout=said, stderr=StringIO())
    assert [line.partition(":")[0] for line in said.getvalue().splitlines()] == [
        *["nruf-2026-06-30.csv"] * 3,
        "+14152010101",
    ]
    with pytest.raises(CommandError, match="no filing nruf-2026-12-31"):
        call_command("filing", "check", "nruf-2026-12-31")
