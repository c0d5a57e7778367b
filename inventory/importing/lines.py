"""From a line of the file to the numbers it means, or the reason why it is refused.

Columns, by the header's names: `number` (E.164, or a block such as `+1415555 2000-2999`), and optionally `type`,
`capabilities` (separated by spaces), `locality`, `provider`, `price` (monthly cost) and `currency`.

What most lines of a file share is judged once and remembered as the text that COPY reads: what ten thousand
neighbouring numbers have in common, and what a line says besides its number.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from inventory.importing import geography
from inventory.importing.geography import NULL, Geography
from inventory.models import Provider
from numbering.areas import area_code
from numbering.e164 import MAX_DIGITS, InvalidNumber, parse_digits
from numbering.plan import block_of, facts
from numbering.types import NumberType, capabilities_from_names

COLUMNS = ("number", "type", "capabilities", "locality", "provider", "price", "currency")
#: The columns of a number's row that follow from the number, and those that the rest of the line gives.
DESCRIBED = ("country", "number_type", "area_code", *geography.COLUMNS)
GIVEN = ("declared_capabilities", "provider_id", "monthly_cost", "currency")
#: A number, and the texts of DESCRIBED and GIVEN; a plain tuple, since millions are made.
Stock = tuple[int, str, str]
_BLOCK = re.compile(r"(\+\d{1,14}) (\d{1,5})-(\d{1,5})", re.ASCII)  # a hundred thousand numbers at most
_TOO_LARGE = re.compile(rf"(?=(?:\D*\d){{{MAX_DIGITS + 1}}})\+\d+ \d+-\d+", re.ASCII)  # a block, and no one number
_PRICE = re.compile(r"\d{1,6}(\.\d{1,4})?", re.ASCII)  # PostgreSQL reads no other digits
_CURRENCY = re.compile(r"[A-Z]{3}")


class RefusedLine(ValueError):
    """Why a line can't be loaded, in words for the person who wrote it."""


class LineTerms(NamedTuple):
    """What a line says besides the number: its type and locality, where it names them, and the text of GIVEN."""

    number_type: str
    locality: str
    given: str


class LineReader:
    """Reads lines against the numbering plan and what we know when it is made; remembers the answers."""

    def __init__(
        self, *, default_provider: str = "", default_capabilities: str = "voice", default_currency: str = "USD"
    ) -> None:
        self._defaults = {
            "capabilities": default_capabilities,
            "provider": default_provider,
            "currency": default_currency,
        }
        self._providers = dict(Provider.objects.values_list("slug", "pk"))
        self._geography = Geography()
        self._terms = lru_cache(maxsize=16_384)(self._read_terms)
        self._ten_thousand = lru_cache(maxsize=65_536)(self._describe_ten_thousand)

    def read(self, number: str, *others: str) -> list[Stock]:
        """The numbers of one line, whose values stand in the order of COLUMNS. Raises RefusedLine."""
        terms = self._terms(*others)
        return [(digits, self._described(digits, terms), terms.given) for digits in _numbers(number)]

    def _described(self, digits: int, terms: LineTerms) -> str:
        known = self._ten_thousand(digits // 10_000, terms.number_type, terms.locality)
        return known or self._describe(digits, terms.number_type, terms.locality)

    def _describe_ten_thousand(self, head: int, number_type: str, locality: str) -> str | None:
        """What all ten thousand numbers that start so are; None where they differ, or are refused."""
        first, last = head * 10_000, head * 10_000 + 9_999
        if len(block_of(first).head) > len(str(head)) or not self._geography.is_one_place(first, last):
            return None
        try:
            return self._describe(first, number_type, locality)
        except RefusedLine:
            return None

    def _describe(self, digits: int, number_type: str, locality: str) -> str:
        """The text of DESCRIBED."""
        country, planned = facts(digits)
        kind = _type(country, planned, digits, number_type)
        place = self._place_named(country, locality) if locality else self._geography.by_prefix(digits)
        return f"{country}\t{kind}\t{area_code(digits)}\t{place}"

    def _place_named(self, country: str, locality: str) -> str:
        place = self._geography.by_name(country, locality)
        if place is None:
            raise RefusedLine(f"no place named {locality!r} is known in {country}")
        return place

    def _read_terms(self, *others: str) -> LineTerms:
        given = dict(zip(COLUMNS[1:], map(str.strip, others), strict=True))
        said = {name: value or self._defaults.get(name, "") for name, value in given.items()}
        capabilities, provider = _capabilities(said["capabilities"]), self._provider(said["provider"])
        price, currency = _price(said["price"]), _currency(said["currency"]) if said["price"] else ""
        return LineTerms(
            _declared_type(said["type"]), said["locality"], f"{capabilities}\t{provider}\t{price}\t{currency}"
        )

    def _provider(self, slug: str) -> int | str:
        if slug and slug not in self._providers:
            raise RefusedLine(f"unknown provider {slug!r}")
        return self._providers[slug] if slug else NULL


def unknown_columns(names: Iterable[str]) -> list[str]:
    """Column names that the importer does not know: most likely misspelt, so the file is refused."""
    return sorted(set(names) - set(COLUMNS))


def _numbers(text: str) -> Iterable[int]:
    text = text.strip()
    if " " not in text:
        return (_digits(text),)
    block = _BLOCK.fullmatch(text)
    if block is None and _TOO_LARGE.fullmatch(text):
        raise RefusedLine(f"block {text!r} is too large: at most its last five digits change, for 100,000 numbers")
    if block is None:
        return (_digits(text),)  # perhaps with separators: +1 415 555 0123
    head, first, last = block.groups()
    if len(first) != len(last):
        raise RefusedLine(f"the ends of block {text!r} differ in length")
    start, end = _digits(head + first), _digits(head + last)
    if start > end:
        raise RefusedLine(f"block {text!r} runs backwards")
    return range(start, end + 1)


def _digits(text: str) -> int:
    if not text:
        raise RefusedLine("the number is missing")
    if not text.startswith("+"):
        raise RefusedLine(f"{text!r} is not E.164: it must start with + and the country code")
    try:
        return parse_digits(text)
    except InvalidNumber as error:
        raise RefusedLine(str(error)) from None


def _type(country: str, planned: NumberType | None, digits: int, declared: str) -> str:
    """A declared type wins: the plan can't tell machine-to-machine ranges, and groups others differently. But who pays
    for the call it knows."""
    if not country:
        raise RefusedLine(f"+{digits} is not in any country's numbering plan")
    if declared and planned and NumberType.TOLL_FREE in (declared, planned) and declared != planned:
        raise RefusedLine(f"+{digits} is {planned.value} in its numbering plan, not {declared}")
    if declared:
        return declared
    if planned is None:
        raise RefusedLine(f"+{digits} is in no range whose type is known: give the type")
    return planned.value


def _declared_type(name: str) -> str:
    if name and name not in NumberType.values:
        raise RefusedLine(f"unknown type {name!r}: expected one of {', '.join(NumberType.values)}")
    return name


def _capabilities(names: str) -> int:
    try:
        return int(capabilities_from_names(names.split()))
    except ValueError as error:
        raise RefusedLine(str(error)) from None


def _price(text: str) -> str:
    if text and not _PRICE.fullmatch(text):
        raise RefusedLine(f"price {text!r} is not an amount such as 1.15")
    return text or NULL


def _currency(text: str) -> str:
    if not _CURRENCY.fullmatch(text):
        raise RefusedLine(f"currency {text!r} is not three capital letters such as USD")
    return text
