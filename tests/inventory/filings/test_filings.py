"""Returns to regulators: every figure from the ledger, traceable to its numbers, frozen."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from io import StringIO
from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import Error, connection, transaction

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
from inventory.models import Assignment, Filing, FilingKind, LifecycleEntry, PhoneNumber, ReportedDisconnect
from numbering.e164 import E164
from tests.factories import AccountFactory, DidFactory, NumberFactory, ProviderFactory

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
    for day, verb in enumerate(LIVES[life]):
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
    assert [row[:3] + row[5:] for row in rows(filing)] == [["U3", "415-201", "0", "2", "0", "1", "2", "0", "7", "2"]]
    assert (filing.file_name, filing.rows, filing.made_by) == ("nruf-2026-06-30.csv", 1, "user:ann")
    assert sha256(filing.content).hexdigest() == filing.digest


def test_of_a_block_of_our_own_what_was_never_opened_is_available_too() -> None:
    number(14152010100, "in service", provider=None)
    number(14152010101, "on sale", provider=ProviderFactory.create(adapter=""))
    number(14152011999, "given up", provider=None)
    filing = freeze(FilingKind.NRUF, last_day=HALF_YEAR, actor="user:ann")
    assert [row[:3] + row[5:] for row in rows(filing)] == [
        ["U1", "415-201", "0", "1", "0", "0", "0", "0", "", "999"],
        ["U1", "415-201", "1", "0", "0", "0", "1", "0", "", "999"],
    ]
    available = trace(filing, 1, Category.AVAILABLE)
    assert available.told == len(available.numbers) == 999
    assert 14152010100 not in available.numbers
    assert available.numbers[-1] == 14152010999


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
    assert rows(freeze(FilingKind.NRUF, last_day=HALF_YEAR, actor="user:ann")) == []


def test_ofcom_is_told_of_blocks_of_ten_thousand() -> None:
    number(442079460100, "in service")
    number(442079469999, "aging")
    number(442079470000, "on sale")
    filing = freeze(FilingKind.OFCOM, last_day=date(2026, 3, 31), actor="user:ann")
    assert [[row[0], *row[4:]] for row in rows(filing)] == [
        ["+44207946", "2", "1", "0", "1", "0", "0", "50.0"],
        ["+44207947", "1", "0", "0", "0", "0", "1", "0.0"],
    ]
    assert trace(filing, 1, Category.AGING).numbers == [442079469999]


def test_a_disconnect_is_told_once_when_nobody_can_take_the_number_back() -> None:
    number(14152010100, "aging")  # given up on 11 January, final on the 12th
    number(14152010101, "given up")
    number(14152010102, "reclaimed")
    first = freeze(FilingKind.RND, last_day=date(2026, 1, 11), actor="user:ann")
    second = freeze(FilingKind.RND, last_day=date(2026, 2, 10), actor="user:ann")
    third = freeze(FilingKind.RND, last_day=date(2026, 3, 10), actor="user:ann")
    assert [rows(filing) for filing in (first, second, third)] == [[], [["4152010100", "2026-01-11"]], []]
    assert [disconnect.number.e164 for disconnect in second.disconnects.all()] == [14152010100]
    assert all(map(still_holds, (first, second, third)))


def test_a_number_that_is_given_up_a_second_time_is_told_again() -> None:
    row = number(14152010100, "aging")
    freeze(FilingKind.RND, last_day=date(2026, 2, 10), actor="user:ann")
    for day, (verb, source) in enumerate((("release", "IN_SERVICE"), ("expire", "RELEASED"))):
        at = datetime(2026, 4, 20 + day, tzinfo=UTC)
        LifecycleEntry.objects.create(number=row, verb=verb, source=source, target=TARGETS[verb], actor="x", at=at)
    assert rows(freeze(FilingKind.RND, last_day=date(2026, 5, 10), actor="user:ann")) == [["4152010100", "2026-04-20"]]


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
    assert due(today) == [(FilingKind.NRUF, half_year), (FilingKind.RND, cut_off)]


def test_what_is_due_is_made_once_and_only_for_who_has_such_numbers() -> None:
    assert freeze_due(date(2026, 7, 11)) == []
    number(14152010100, "in service")
    assert {filing.file_name for filing in freeze_due(date(2026, 7, 11))} == {
        "nruf-2026-06-30.csv",
        "rnd-2026-07-10.csv",
    }
    assert freeze_due(date(2026, 7, 11)) == []


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
