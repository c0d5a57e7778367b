"""A provider's invoice as CSV: which column is which, and each line as a charge, or the reason why it is none."""

import csv
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import chain
from typing import Any, NamedTuple, TextIO

from inventory.models import Charge
from numbering.e164 import E164, InvalidNumber, parse_digits

#: What providers call each column, in lower case and with single spaces: see `_plain`.
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "number": ("number", "phone number", "telephone number", "did", "did number", "tn", "e164", "msisdn"),
    "amount": ("amount", "charge amount", "net amount", "total", "price", "cost"),
    "currency": ("currency", "currency code", "ccy"),
    "charge": ("charge", "charge type", "billing type", "type"),
    "description": ("description", "item", "product", "service", "details"),
}
CHARGES: Mapping[str, Charge] = {
    **dict.fromkeys(("", "monthly", "mrc", "recurring", "rental", "subscription"), Charge.MONTHLY),
    **dict.fromkeys(
        ("one off", "one time", "onetime", "nrc", "non recurring", "setup", "activation", "porting"), Charge.ONE_OFF
    ),
}
LONGEST_DESCRIPTION = 200
_DELIMITERS = ",;\t|"
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
_AMOUNT = re.compile(r"-?[0-9]{1,8}(\.[0-9]{1,6})?", re.ASCII)


class BadInvoice(ValueError):
    """Nothing of the file was taken; the message says why. `refusals`: the first bad lines, by their place in it."""

    def __init__(self, message: str, refusals: "tuple[Refusal, ...]" = ()) -> None:
        super().__init__(message)
        self.refusals = refusals


class BadLine(ValueError):
    """The line is no charge; the message says why."""


class Refusal(NamedTuple):
    """A line of the file (the header is 1), and why it is refused."""

    line: int
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}"


class Charged(NamedTuple):
    """One line of the invoice; `digits` is None where it is for no number."""

    digits: int | None
    charge: Charge
    amount: Decimal
    currency: str
    description: str


@dataclass(frozen=True)
class Dialect:
    """How a provider writes, where that is not as usual: its `options["invoice"]` (docs/reconciliation.md).

    `columns`: our names of columns to its; `charges`: its words to ours; `currency`: of lines that name none;
    `country`: whose national numbers it writes.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    charges: Mapping[str, Charge] = field(default_factory=dict)
    currency: str = ""
    country: str | None = None

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> "Dialect":
        """From a provider's options. Raises BadInvoice."""
        told = options.get("invoice", {})
        try:
            columns = {ours: _plain(theirs) for ours, theirs in told.get("columns", {}).items()}
            charges = {_plain(theirs): Charge(ours) for theirs, ours in told.get("charges", {}).items()}
            dialect = cls(columns, charges, told.get("currency", ""), told.get("country"))
        except (AttributeError, TypeError, ValueError) as error:
            raise BadInvoice(f"the provider's options for invoices can't be read: {error}") from error
        if strangers := columns.keys() - HEADINGS.keys():
            raise BadInvoice(f"the provider's options name columns that there are not: {', '.join(sorted(strangers))}")
        return dialect


def read(text: TextIO, dialect: Dialect) -> Iterator[tuple[int, Charged | BadLine]]:
    """Every line that is not empty, by its place in the file. Raises BadInvoice when it is no such file at all."""
    try:
        first = text.readline()
        rows = csv.reader(chain([first], text), delimiter=_delimiter(first), strict=True)
        judge = _judge(next(rows, []), dialect)
        for row in rows:
            if any(row):
                yield rows.line_num, judge(row)
    except UnicodeDecodeError as error:
        raise BadInvoice("the file is not UTF-8: save it as that") from error
    except csv.Error as error:
        raise BadInvoice(f"line {rows.line_num} or one before it is no CSV: {error}") from error


def _delimiter(header: str) -> str:
    return max(_DELIMITERS, key=header.count)


def _plain(heading: str) -> str:
    return " ".join(re.split(r"[\s_-]+", heading.strip().lower()))


def _judge(header: list[str], dialect: Dialect) -> Callable[[list[str]], Charged | BadLine]:
    """What reads the rows under this header."""
    names = [_plain(name) for name in header]
    places = {ours: _place(names, ours, dialect) for ours in HEADINGS}
    if missing := [ours for ours in ("number", "amount") if places[ours] is None]:
        raise BadInvoice(
            f"the header has no column for: {', '.join(missing)}; the provider's options may say what it calls it"
        )
    if places["currency"] is None and not dialect.currency:
        raise BadInvoice("the header has no column for the currency, and the provider's options name none")

    def judge(row: list[str]) -> Charged | BadLine:
        told = {ours: row[place].strip() if place is not None else "" for ours, place in places.items()}
        try:
            return _charged(told, dialect)
        except BadLine as error:
            return error

    return lambda row: judge(row) if len(row) == len(names) else BadLine(f"{len(row)} values under {len(names)} names")


def _place(names: list[str], ours: str, dialect: Dialect) -> int | None:
    """Where the column stands; None if it does not. Raises BadInvoice when several might be meant."""
    called = (dialect.columns[ours],) if ours in dialect.columns else HEADINGS[ours]
    found = next((heading for heading in called if heading in names), None)
    if ours in dialect.columns and found is None:
        raise BadInvoice(f"the header has no column {dialect.columns[ours]!r}, which is to be the {ours}")
    if found is not None and names.count(found) > 1:
        raise BadInvoice(f"the header has the column {found!r} more than once")
    return None if found is None else names.index(found)


def _charged(told: Mapping[str, str], dialect: Dialect) -> Charged:
    return Charged(
        digits=_digits(told["number"], dialect.country) if told["number"] else None,
        charge=_charge(told["charge"], dialect),
        amount=_amount(told["amount"]),
        currency=_currency(told["currency"] or dialect.currency),
        description=told["description"][:LONGEST_DESCRIPTION],
    )


def _digits(text: str, country: str | None) -> int:
    """Without a plus sign or two zeros it is a national number of `country`; international ones if there is none."""
    try:
        if text.startswith("00"):
            return parse_digits(f"+{text[2:]}")
        if country and not text.startswith("+"):
            return E164.parse(text, country).digits
        return parse_digits(text if text.startswith("+") else f"+{text}")
    except InvalidNumber as error:
        raise BadLine(f"number {text!r:.40}: {error}") from None


def _charge(word: str, dialect: Dialect) -> Charge:
    known = dialect.charges.get(_plain(word)) or CHARGES.get(_plain(word))
    if known is None:
        raise BadLine(f"charge {word!r:.40} is neither monthly nor one-off; the provider's options may say which")
    return known


def _amount(text: str) -> Decimal:
    if not _AMOUNT.fullmatch(text):
        raise BadLine(f"amount {text!r:.40} must be a number such as 1234.50, with at most six decimals")
    return Decimal(text)


def _currency(text: str) -> str:
    if not _CURRENCY.fullmatch(text.upper()):
        raise BadLine(f"currency {text!r:.40} is no ISO 4217 code")
    return text.upper()
