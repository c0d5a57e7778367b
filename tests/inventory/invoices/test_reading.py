"""What providers write, read as charges; each bad line is told with its reason."""

import io
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.invoices.reading import BadInvoice, BadLine, Charged, Dialect, read
from inventory.models import Charge

USUAL = "number,charge,amount,currency,description\n"


def lines(text: str, **options: object) -> list[tuple[int, Charged | BadLine]]:
    return list(read(io.StringIO(text), Dialect.of({"invoice": options} if options else {})))


def one(text: str, **options: object) -> Charged:
    ((_, line),) = lines(text, **options)
    assert isinstance(line, Charged), line
    return line


def reason(row: str) -> str:
    ((_, line),) = lines(USUAL + row)
    assert isinstance(line, BadLine), line
    return str(line)


def test_a_charge_as_it_is_written_usually() -> None:
    assert one(USUAL + "+14155550123,monthly,1.15,USD,Local DID\n") == Charged(
        14155550123, Charge.MONTHLY, Decimal("1.15"), "USD", "Local DID"
    )


@pytest.mark.parametrize(
    "header",
    [
        "number,charge,amount,currency",
        "Phone Number,Charge Type,Net Amount,Currency Code",
        "DID;TYPE;COST;CCY",
        "tn\tbilling_type\ttotal\tcurrency",
    ],
)
def test_the_columns_by_what_providers_call_them_and_whatever_separates_them(header: str) -> None:
    separator = next(sign for sign in "\t;," if sign in header)
    row = separator.join(["+14155550123", "MRC", "1.15", "usd"])
    assert one(f"{header}\n{row}\n") == Charged(14155550123, Charge.MONTHLY, Decimal("1.15"), "USD", "")


def test_the_providers_options_say_what_it_calls_them() -> None:
    told = {
        "columns": {"number": "Rufnummer", "amount": "Betrag"},
        "charges": {"Grundgebühr": "monthly"},
        "currency": "EUR",
        "country": "DE",
    }
    read = one("Betrag;Rufnummer;Amount;Type\n1.10;030 23125546;9.99;Grundgebühr\n", **told)
    assert read == Charged(493023125546, Charge.MONTHLY, Decimal("1.10"), "EUR", "")


@pytest.mark.parametrize(
    ("word", "charge"),
    [("", Charge.MONTHLY), ("Recurring", Charge.MONTHLY), ("one-off", Charge.ONE_OFF), ("NON_RECURRING", "one_off")],
)
def test_how_often_a_charge_comes(word: str, charge: str) -> None:
    assert one(f"{USUAL}+14155550123,{word},1.15,USD,\n").charge == charge


@pytest.mark.parametrize("written", ["+1 (415) 555-0123", "14155550123", "0014155550123", "+1.415.555.0123"])
def test_numbers_as_they_are_written(written: str) -> None:
    assert one(f"{USUAL}{written},,1.15,USD,\n").digits == 14155550123


def test_a_charge_for_no_number_and_a_credit() -> None:
    assert one(USUAL + ",,-12.5,USD,goodwill\n") == Charged(None, Charge.MONTHLY, Decimal("-12.5"), "USD", "goodwill")


def test_empty_lines_are_none_and_the_others_keep_their_place() -> None:
    assert [line for line, _ in lines(USUAL + "\n+14155550123,,1,USD,\n,,,,\n\n+14155550124,,1,USD,\n")] == [3, 6]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("+999,,1,USD,", "number '+999'"),
        ("nobody,,1,USD,", "number 'nobody'"),
        ("+14155550123,weekly,1,USD,", "'weekly' is neither monthly nor one-off"),
        ("+14155550123,,,USD,", "amount ''"),
        ('+14155550123,,"1,15",USD,', "amount '1,15' must be a number"),
        ("+14155550123,,1e9,USD,", "amount '1e9'"),
        ("+14155550123,,NaN,USD,", "amount 'NaN'"),
        ("+14155550123,,1.1234567,USD,", "at most six decimals"),
        ("+14155550123,,1,$,", "currency '$' is no ISO 4217 code"),
        ("+14155550123,,1", "3 values under 5 names"),
    ],
)
def test_a_bad_line_says_what_is_bad(row: str, words: str) -> None:
    assert words in reason(f"{row}\n")


@pytest.mark.parametrize(
    ("text", "options", "words"),
    [
        ("", {}, "no column for: number, amount"),
        ("number,currency\n", {}, "no column for: amount"),
        ("number,amount\n", {}, "no column for the currency"),
        ("number,amount,currency,number\n", {}, "'number' more than once"),
        ("number,amount,currency\n", {"columns": {"amount": "betrag"}}, "no column 'betrag'"),
        ("number,amount,currency\n", {"columns": {"colour": "x"}}, "columns that there are not: colour"),
        ("number,amount,currency\n", {"charges": {"x": "weekly"}}, "can't be read"),
        ('number,amount,currency\n"+1415,1,USD\n', {}, "is no CSV"),
    ],
)
def test_a_file_that_is_no_invoice(text: str, options: dict[str, object], words: str) -> None:
    with pytest.raises(BadInvoice, match=words):
        lines(text, **options)


def test_a_file_that_is_not_utf8() -> None:
    with pytest.raises(BadInvoice, match="UTF-8"):
        list(read(io.TextIOWrapper(io.BytesIO(USUAL.encode() + b"\xff\xfe"), encoding="utf-8"), Dialect()))


@given(st.text(max_size=200))
def test_no_text_breaks_the_reader(text: str) -> None:
    with suppress(BadInvoice):
        lines(USUAL + text)
