"""From a line of the file to the numbers it means, or the reason why it is refused.

Columns, by the header's names: `number` (E.164, or a block such as `+1415555 2000-2999`), and optionally `type`,
`capabilities` (separated by spaces), `locality`, `provider`, `price` (monthly cost) and `currency`.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from inventory.models import Provider
from numbering.areas import area_code
from numbering.e164 import InvalidNumber, parse_digits
from numbering.places import place_for, places_named, serving_ids
from numbering.plan import block_of, facts
from numbering.types import NumberType, capabilities_from_names

COLUMNS = ("number", "type", "capabilities", "locality", "provider", "price", "currency")
_BLOCK = re.compile(r"(\+\d{1,14}) (\d{1,5})-(\d{1,5})", re.ASCII)  # a hundred thousand numbers at most
_PRICE = re.compile(r"\d{1,6}(\.\d{1,4})?", re.ASCII)  # PostgreSQL reads no other digits
_CURRENCY = re.compile(r"[A-Z]{3}")


class RefusedLine(ValueError):
    """Why a line can't be loaded, in words for the person who wrote it."""


class Stock(NamedTuple):
    """One number, ready for COPY; None and "" where nothing is known. `price` is a month, in `currency`."""

    digits: int
    country: str
    number_type: str
    area_code: str
    place: int | None
    capabilities: int
    provider: int | None
    price: str | None
    currency: str


class Terms(NamedTuple):
    """What a line says besides the number; most lines of a file say the same."""

    number_type: str
    capabilities: int
    locality: str
    provider: int | None
    price: str | None
    currency: str


class LineReader:
    """Reads lines against the numbering plan and what we know; remembers the answers."""

    def __init__(
        self, *, default_provider: str = "", default_capabilities: str = "voice", default_currency: str = "USD"
    ) -> None:
        self._defaults = {
            "capabilities": default_capabilities,
            "provider": default_provider,
            "currency": default_currency,
        }
        self._providers = dict(Provider.objects.values_list("slug", "pk"))
        self._terms = lru_cache(maxsize=4_096)(self._read_terms)

    def read(self, number: str, *others: str) -> list[Stock]:
        """The numbers of one line, given its values in the order of COLUMNS. Raises RefusedLine."""
        terms = self._terms(*others)
        return [self._judge(digits, terms) for digits in _numbers(number)]

    @staticmethod
    def _judge(digits: int, terms: Terms) -> Stock:
        plan = _plan(digits)
        number_type = _type(plan, digits, terms.number_type)
        place = _place_named(plan.country, terms.locality) if terms.locality else place_for(digits)
        return Stock(digits, plan.country, number_type, plan.area_code, place, terms.capabilities, *terms[3:])

    def _read_terms(self, *others: str) -> Terms:
        given = dict(zip(COLUMNS[1:], map(str.strip, others), strict=True))
        said = {name: value or self._defaults.get(name, "") for name, value in given.items()}
        price = _price(said["price"])
        return Terms(
            _declared_type(said["type"]),
            _capabilities(said["capabilities"]),
            said["locality"],
            self._provider(said["provider"]),
            price,
            _currency(said["currency"]) if price else "",
        )

    def _provider(self, slug: str) -> int | None:
        if slug and slug not in self._providers:
            raise RefusedLine(f"unknown provider {slug!r}")
        return self._providers.get(slug)


def unknown_columns(names: Iterable[str]) -> list[str]:
    """Column names that the importer does not know: most likely misspelt, so the file is refused."""
    return sorted(set(names) - set(COLUMNS))


def _numbers(text: str) -> Iterable[int]:
    text = text.strip()
    if " " not in text:
        return (_digits(text),)
    block = _BLOCK.fullmatch(text)
    if block is None:
        return (_digits(text),)  # perhaps with separators: +1 415 555 0123
    head, first, last = block.groups()
    if len(first) != len(last):
        raise RefusedLine(f"the ends of block {text!r} differ in length")
    start, end = _digits(head + first), _digits(head + last)
    if end < start:
        raise RefusedLine(f"block {text!r} runs backwards")
    return range(start, end + 1)


def _digits(text: str) -> int:
    if not text.startswith("+"):
        raise RefusedLine(f"{text!r} is not E.164: it must start with + and the country code")
    try:
        return parse_digits(text)
    except InvalidNumber as error:
        raise RefusedLine(str(error)) from None


class Plan(NamedTuple):
    """What the numbering plan says of a number."""

    country: str
    number_type: NumberType | None
    area_code: str


def _plan(digits: int) -> Plan:
    return _plan_of_ten_thousand(digits // 10_000) or Plan(*facts(digits), area_code(digits))


@lru_cache(maxsize=65_536)
def _plan_of_ten_thousand(head: int) -> Plan | None:
    """What is true of all ten thousand numbers that start so; None where the plan tells them apart."""
    digits = head * 10_000
    if len(block_of(digits).head) > len(str(head)):
        return None
    return Plan(*facts(digits), area_code(digits))


def _type(plan: Plan, digits: int, declared: str) -> str:
    """A declared type wins: the plan can't tell machine-to-machine ranges, and groups others differently."""
    if not plan.country:
        raise RefusedLine(f"+{digits} is not in any country's numbering plan")
    if declared:
        return declared
    if plan.number_type is None:
        raise RefusedLine(f"+{digits} is in no range whose type is known: give the type")
    return plan.number_type.value


@lru_cache(maxsize=4_096)
def _place_named(country: str, locality: str) -> int:
    ids = serving_ids(places_named(country, locality))
    if not ids:
        raise RefusedLine(f"no place named {locality!r} is known in {country}")
    return min(ids)


def _declared_type(name: str) -> str:
    if name and name not in NumberType.values:
        raise RefusedLine(f"unknown type {name!r}: expected one of {', '.join(NumberType.values)}")
    return name


def _capabilities(names: str) -> int:
    try:
        return int(capabilities_from_names(names.split()))
    except ValueError as error:
        raise RefusedLine(str(error)) from None


def _price(text: str) -> str | None:
    if text and not _PRICE.fullmatch(text):
        raise RefusedLine(f"price {text!r} is not an amount such as 1.15")
    return text or None


def _currency(text: str) -> str:
    if not _CURRENCY.fullmatch(text):
        raise RefusedLine(f"currency {text!r} is not an ISO 4217 code such as USD")
    return text
