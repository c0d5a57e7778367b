"""Bringing in one's own numbers: every refused line is told with its reason, and nothing is half-loaded."""

import gc
import io
import re
import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from inventory.importing import chunks as cutting
from inventory.importing.chunks import BadFile
from inventory.importing.lines import COLUMNS, LineReader, RefusedLine
from inventory.importing.load import import_numbers
from inventory.importing.report import SHOWN, Refusal, Refused, Report
from inventory.lifecycle import State
from inventory.models import LifecycleEntry, PhoneNumber, Provider, ProviderRelease, ReleaseState
from inventory.models.provider_release import OPEN_RELEASE
from inventory.services.provider_releases import retire
from numbering.models import Place
from numbering.places import forget_prefixes

FIRST_STEPS = Path(__file__).parents[3] / "docs" / "first-steps.md"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _empty_geography() -> None:
    forget_prefixes()


@pytest.fixture
def dublin() -> Place:
    return Place.objects.create(
        id=1,
        country="IE",
        name="Dublin",
        normalised_name="dublin",
        region="Leinster",
        latitude=53.33,
        longitude=-6.25,
        granularity="locality",
        source="libphonenumber",
    )


def load(*lines: str, skip_refused: bool = False) -> Report:
    return import_numbers(io.StringIO("\n".join(lines)), LineReader(), actor="import:test", skip_refused=skip_refused)


def reasons(report: Report) -> list[str]:
    return [f"{refusal.line}: {refusal.reason}" for refusal in report.shown]


def test_a_number_alone_gets_what_the_numbering_plan_knows() -> None:
    assert load("number", "+14155550123").loaded == 1
    number = PhoneNumber.objects.get()
    assert (number.e164, number.country, number.number_type, number.area_code) == (14155550123, "US", "local", "415")
    assert (number.state, number.capabilities, number.declared_capabilities) == (State.SOURCED, 0, 1)


def test_every_column_is_taken(dublin: Place) -> None:
    provider = Provider.objects.create(slug="eir", name="eir")
    load(
        "price,currency,provider,locality,capabilities,type,number", "1.15,EUR,eir,dublin,voice fax,local,+35316123456"
    )
    number = PhoneNumber.objects.get()
    assert (number.provider, number.place, number.region) == (provider, dublin, "Leinster")
    assert (str(number.monthly_cost), number.currency, number.declared_capabilities) == ("1.1500", "EUR", 9)


def test_a_block_is_all_its_numbers() -> None:
    assert load("number,type", "+1415555 2000-2999,local").loaded == 1000
    assert PhoneNumber.objects.order_by("e164").values_list("e164", flat=True)[999] == 14155552999


def test_each_number_has_its_first_line_in_the_ledger() -> None:
    load("number", "+14155550123")
    entry = LifecycleEntry.objects.get()
    assert (entry.number, entry.source, entry.target) == (PhoneNumber.objects.get(), "", State.SOURCED)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("4155550123", "must start with + and the country code"),
        ("+1415555012x", "only digits"),
        ("+1 415", "fewer than"),
        ("+14155550123456789", "more than 15 digits"),
        ("+999123456789", "no country code"),
        ("", "the number is missing"),
        ("+442079460997,toll_free", "+442079460997 is local in its numbering plan, not toll_free"),
        ("+448000960123,local", "+448000960123 is toll_free in its numbering plan, not local"),
        ("+14155550123,landline", "unknown type 'landline'"),
        ("+14155550123,,voice telex", "unknown capability 'telex'"),
        ("+14155550123,,,Atlantis", "no place named 'Atlantis' is known in US"),
        ("+14155550123,,,,acme", "unknown provider 'acme'"),
        ("+14155550123,,,,,-1", "not an amount"),
        ("+14155550123,,,,,\N{ARABIC-INDIC DIGIT ONE}", "not an amount"),  # PostgreSQL does not read it
        ("+14155550123,,,,,1,dollars", "'dollars' is not three capital letters"),
        ("+14155550123,,,,,1,USD,more", "more values than the header has columns"),
        ("+1415555 2999-2000", "runs backwards"),
        ("+1415555 200-2999", "differ in length"),
        ("+1415 000000-999999", "block '+1415 000000-999999' is too large"),
        ("+1 000000000-999999999", "at most its last five digits change, for 100,000 numbers"),
        ("+141555512345 2000-2999", "more than 15 digits"),
        ("+999 1000-1999", "no country code"),
    ],
)
def test_a_bad_line_is_refused_with_its_reason_and_nothing_is_loaded(line: str, reason: str) -> None:
    report = load(",".join(COLUMNS), "+14155550199", line or '""')
    assert report.loaded == 0
    assert not PhoneNumber.objects.exists()
    assert [refusal.line for refusal in report.shown] == [3]
    assert reason in report.shown[0].reason


def test_the_good_lines_may_be_loaded_all_the_same() -> None:
    report = load("number", "+14155550123", "nonsense", "+14155550124", skip_refused=True)
    assert report.loaded == 2
    assert [refusal.line for refusal in report.shown] == [3]


def test_a_block_around_a_number_in_stock_is_loaded_but_for_that_number() -> None:
    load("number", "+14155552003", "+14155552005")
    refused = [f"2: +1415555200{last}: in stock already" for last in (3, 5)]
    report = load("number", "+1415555 2000-2009")
    assert (report.loaded, reasons(report), report.refused_lines) == (0, refused, 1)
    report = load("number", "+1415555 2000-2009", skip_refused=True)
    assert (report.loaded, reasons(report)) == (8, refused)


def test_a_block_with_a_number_that_the_plan_does_not_have_is_refused_whole() -> None:
    report = load("number", "+35441 25000-35000", skip_refused=True)  # nothing in Iceland begins with 413
    assert (report.loaded, reasons(report)) == (0, ["2: +3544130000 is in no range whose type is known: give the type"])


def test_a_premium_rate_number_is_refused_until_its_type_is_given() -> None:
    report = load("number,type", "+449098790123", "+449098790124,shared_cost", skip_refused=True)
    assert reasons(report) == ["2: +449098790123 is in no range whose type is known: give the type"]
    assert PhoneNumber.objects.get().number_type == "shared_cost"


def test_doubles_in_the_file_and_in_stock_are_told_apart() -> None:
    load("number", "+14155550123")
    report = load("number", "+14155550123", "+14155550124", "+14155550124", skip_refused=True)
    assert report.loaded == 1
    assert reasons(report) == ["2: +14155550123: in stock already", "4: +14155550124: in the file already"]


def test_numbers_of_a_line_that_follow_one_another_are_refused_in_one_word() -> None:
    load("number", "+1415555 2003-2005", "+14155552007")
    report = load("number", "+1415555 2000-2009", "+14155552004", "+14155552005", skip_refused=True)
    assert (report.loaded, report.refused_lines) == (6, 3)
    assert reasons(report) == [
        "2: +14155552003 to +14155552005: in stock already",
        "2: +14155552007: in stock already",
        "3: +14155552004: in the file already",
        "4: +14155552005: in the file already",
    ]


def test_a_number_that_went_back_may_come_again() -> None:
    PhoneNumber.objects.create(
        e164=14155550123, country="US", number_type="local", declared_capabilities=1, state=State.RETURNED
    )
    assert load("number", "+14155550123").loaded == 1


@pytest.mark.parametrize("state", ReleaseState)
def test_a_number_on_its_way_back_may_not_come_again_before_it_is_there(state: ReleaseState) -> None:
    Provider.objects.create(slug="tern", name="Tern", adapter="sandbox")
    load("number,provider", "+14155550123,tern")
    retire(PhoneNumber.objects.get().pk, actor="user:staff", reason="too many")
    is_open = state in OPEN_RELEASE
    ProviderRelease.objects.update(state=state, next_attempt_at=timezone.now() if is_open else None)
    report = load("number", "+14155550122", "+14155550123", "+14155550124", skip_refused=True)
    assert report.loaded == (2 if is_open else 3)
    assert reasons(report) == (["3: +14155550123: on its way back"] if is_open else [])


@pytest.fixture
def chunks_of_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cutting, "CHUNK", 2)


@pytest.mark.usefixtures("chunks_of_two")
def test_a_number_that_came_in_an_earlier_chunk_stands_in_the_file_already() -> None:
    load("number", "+14155550120")
    numbers = [f"+1415555012{digit}" for digit in (1, 2, 3, 1, 0, 4, 1)]
    report = load("number", *numbers, skip_refused=True)
    assert report.loaded == 4
    assert reasons(report) == [
        "5: +14155550121: in the file already",
        "6: +14155550120: in stock already",
        "8: +14155550121: in the file already",
    ]


@pytest.mark.usefixtures("chunks_of_two")
def test_the_others_of_a_chunk_are_loaded_with_their_ledger(dublin: Place) -> None:
    load("number", "+35316123402")
    report = load("number", "+35316123401", "+35316123402", "+35316123402", "+35316123404", skip_refused=True)
    assert (report.loaded, report.refused_lines) == (2, 2)
    assert list(LifecycleEntry.objects.order_by("number__e164").values_list("number__e164", flat=True)) == [
        35316123401,
        35316123402,
        35316123404,
    ]


@pytest.mark.usefixtures("chunks_of_two")
def test_a_bad_last_line_takes_back_the_chunks_before_it() -> None:
    report = load("number", "+1415555 2000-2009", "oops")
    assert (report.loaded, reasons(report)) == (
        0,
        ["3: 'oops' is not E.164: it must start with + and the country code"],
    )
    assert not PhoneNumber.objects.exists()
    assert not LifecycleEntry.objects.exists()


@pytest.mark.usefixtures("chunks_of_two")
def test_towns_are_looked_up_while_earlier_chunks_are_written(dublin: Place) -> None:
    lines = [f"+35316123{last:03d},{('Dublin', 'dublin', 'DUBLIN ')[last % 3]}" for last in range(30)]
    assert load("number,locality", *lines).loaded == 30
    assert PhoneNumber.objects.filter(place=dublin).count() == 30


def test_the_next_chunk_is_judged_while_the_last_one_is_written() -> None:
    judged = threading.Event()

    def chunks() -> Iterator[int]:
        yield 1
        judged.set()
        yield 2

    assert [(chunk, judged.wait(60)) for chunk in cutting.ahead(chunks())] == [(1, True), (2, True)]


@pytest.mark.usefixtures("chunks_of_two")
def test_what_fails_in_postgresql_ends_the_import_and_takes_all_back() -> None:
    lines = io.StringIO("number,price\n+14155550121,1\n+14155550122,1\n+14155550123,1\n")
    with pytest.raises(psycopg.DataError, match="too long"), transaction.atomic():
        import_numbers(lines, LineReader(), actor="import:" + "x" * 80)
    assert not PhoneNumber.objects.exists()


@pytest.mark.usefixtures("chunks_of_two")
def test_refusals_are_told_in_the_order_of_the_file_whoever_finds_them() -> None:
    load("number", "+14155550121", "+14155550129")
    told: list[Refusal] = []
    lines = io.StringIO("number\n+14155550129\noops\n+14155550122\n+14155550122\n+14155550121\noh\n+14155550123\n")
    report = import_numbers(lines, LineReader(), actor="import:test", tell=told.append)
    assert [refusal.line for refusal in told] == [2, 3, 5, 6, 7]
    assert (report.refusals, report.refused_lines, report.shown) == (5, 5, told)


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(["oops"] * 5_000, id="unreadable"),
        pytest.param(["+14155550123,,"] * 5_000, id="too long"),
        pytest.param([f"+1415555{last:04}" for last in range(5_000)], id="in stock"),
        pytest.param(["+14155552000"] * 5_000, id="the same again"),
    ],
)
def test_memory_does_not_grow_with_what_is_refused(lines: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten million refusals are two gigabytes. None may stay, but for the first and for those of two chunks."""
    load("number", "+1415555 0000-4999")
    monkeypatch.setattr(cutting, "CHUNK", 50)
    told, alive = 0, 0

    def tell(_: Refusal) -> None:
        nonlocal told, alive
        told += 1
        if told % 1_000 == 0:
            alive = max(alive, sum(isinstance(one, Refused | Refusal) for one in gc.get_objects()))

    report = import_numbers(io.StringIO("\n".join(["number", *lines])), LineReader(), actor="import:test", tell=tell)
    assert (told, report.refusals, len(report.shown)) == (5_000, 5_000, SHOWN)
    assert 0 < alive < SHOWN + 4 * cutting.CHUNK


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "header"),
        ("+14155550123", "header"),
        ("number;type\n+14155550123;local", "header, separated by commas"),
        ("number,colour\n+1", "unknown columns: colour"),
        ("number,number\n", "twice"),
        ('number\n"+1415', "line 2 .*a quotation mark that is not closed"),
        ('number\n"+1"415', "line 2 .*not doubled within a value"),
        ("number\n" + "1" * 200_000, "line 2 "),
    ],
)
def test_a_file_that_is_no_such_csv_is_refused_whole(text: str, reason: str) -> None:
    with pytest.raises(BadFile, match=reason):
        load(*text.split("\n"))


def test_the_command_reports_and_fails(tmp_path: Path) -> None:
    file, told = tmp_path / "numbers.csv", tmp_path / "refused.txt"
    file.write_text("number\n+14155550123\noops\n")
    with pytest.raises(CommandError, match="nothing was loaded: 1 lines"):
        call_command("import_numbers", str(file), report=told)
    assert told.read_text().startswith("line 3: 'oops' is not E.164")


@pytest.mark.parametrize("source", ["path", "stdin"])
def test_the_command_takes_what_excel_saves_from_either_source(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "numbers.csv"
    file.write_bytes(b"\xef\xbb\xbfnumber\r\n+14155550123\r\n")
    with file.open() as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        call_command("import_numbers", "-" if source == "stdin" else str(file))
    assert PhoneNumber.objects.get().e164 == 14155550123


def test_the_command_shows_the_first_refusals_and_writes_all_to_the_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, told = tmp_path / "numbers.csv", tmp_path / "refused.txt"
    file.write_text("number\n" + "oops\n" * (SHOWN + 3))
    with pytest.raises(CommandError, match=f"{SHOWN + 3} lines"):
        call_command("import_numbers", str(file), report=told)
    assert len(told.read_text().splitlines()) == SHOWN + 3
    shown = capsys.readouterr().err.splitlines()
    assert (len(shown), shown[-1]) == (SHOWN + 1, "… and 3 more; --report FILE writes them all")


def test_the_command_loads_nothing_when_the_report_can_not_be_written(tmp_path: Path) -> None:
    file = tmp_path / "numbers.csv"
    file.write_text("number\n+14155550123\n")
    with pytest.raises(CommandError, match="Is a directory"):
        call_command("import_numbers", str(file), report=tmp_path, skip_refused=True)
    assert not PhoneNumber.objects.exists()


def test_the_command_names_the_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"^/.*/numbers\.csv: No such file or directory$"):
        call_command("import_numbers", str(tmp_path / "numbers.csv"))


def test_the_sample_of_the_first_steps_is_loaded(dublin: Place) -> None:
    Place.objects.filter(pk=dublin.pk).update(country="US", name="San Francisco", normalised_name="san francisco")
    (sample,) = re.findall(r"^```csv\n(.*?)^```", FIRST_STEPS.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert load(*sample.splitlines()).loaded == 11


def test_the_command_refuses_a_file_that_is_not_utf8(tmp_path: Path) -> None:
    file = tmp_path / "numbers.csv"
    file.write_bytes(b"number\n+1415555\xff\n")
    with pytest.raises(CommandError, match="the file is not UTF-8"):
        call_command("import_numbers", str(file))


class AnyLine(TestCase):
    """Whatever a line says, it is read or refused, never a crash."""

    @given(st.lists(st.text(max_size=20), min_size=7, max_size=7))
    def test_a_line_is_read_or_refused(self, values: list[str]) -> None:
        try:
            LineReader().read(*values)
        except RefusedLine:
            return

    @given(st.text(alphabet='+0123456789 -,"\n\r\x00aé', max_size=200))
    def test_a_file_is_loaded_reported_or_refused(self, body: str) -> None:
        try:
            report = load("number,type", body)
        except BadFile:
            return
        assert report.loaded == 0 or not report.refusals

    @given(price=st.from_regex(r"\d{1,3}(\.\d{1,5})?", fullmatch=True), currency=st.sampled_from(["EUR", "EÜR", "eur"]))
    def test_a_price_is_stored_as_it_stands_or_refused(self, price: str, currency: str) -> None:
        report = load("number,price,currency", f"+14155550123,{price},{currency}")
        if report.loaded:
            number = PhoneNumber.objects.get()
            assert (number.monthly_cost, number.currency) == (Decimal(price), currency)
        else:
            assert report.shown[0].reason.startswith(("price", "currency"))
