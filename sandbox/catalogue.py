"""What the carriers sell: numbers computed from a few ranges and a seed, so that no table of numbers is needed.

The subscriber digits of a range are a permutation of 0..10^n-1 (i -> a*i + b mod 10^n, with a coprime to 10):
the first `stock` of them are offered. The same formula backwards tells whether a number is one of ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from sandbox.draws import integer

TYPES = ("local", "mobile", "national", "toll_free", "shared_cost", "voip", "machine_to_machine")
CAPABILITIES = ("voice", "sms", "mms", "fax")


class BadCatalogue(ValueError):
    """The carriers file contradicts itself."""


@dataclass(frozen=True, slots=True)
class Product:
    """One kind of number that a carrier sells in one country, at one price."""

    carrier: str
    country: str
    type: str
    capabilities: tuple[str, ...]
    setup_cost: Decimal
    monthly_cost: Decimal
    currency: str
    stock: int


@dataclass(frozen=True, slots=True)
class Range:
    """`prefix` followed by `digits` free digits; the numbers of one product in one place."""

    product: Product
    prefix: str
    digits: int
    area_code: str | None
    locality: str | None
    region: str | None
    multiplier: int
    shift: int

    @property
    def size(self) -> int:
        return int(10**self.digits)

    @property
    def stock(self) -> int:
        return min(self.product.stock, self.size)

    def number(self, index: int) -> str:
        """The E.164 number with this index."""
        return f"{self.prefix}{(self.multiplier * index + self.shift) % self.size:0{self.digits}}"

    def index(self, number: str) -> int:
        """The index of a number with our prefix: the permutation backwards."""
        back = pow(self.multiplier, -1, self.size)
        return (int(number[len(self.prefix) :]) - self.shift) * back % self.size

    def offers(self, number: str) -> bool:
        right_length = len(number) == len(self.prefix) + self.digits
        return right_length and number.startswith(self.prefix) and self.index(number) < self.stock


@dataclass(frozen=True, slots=True)
class Carrier:
    slug: str
    name: str
    fill_seconds: tuple[float, float]
    ranges: tuple[Range, ...]

    def select(self, country: str | None, kind: str | None, area_code: str | None) -> list[Range]:
        """The ranges that satisfy every filter that is given."""
        wanted = ((country, "country"), (kind, "type"))
        ranges = [r for r in self.ranges if all(w in (None, getattr(r.product, key)) for w, key in wanted)]
        return [r for r in ranges if area_code in (None, r.area_code)]


@dataclass(frozen=True, slots=True)
class Catalogue:
    carriers: Mapping[str, Carrier]
    by_prefix: Mapping[str, Range]

    def find(self, number: str) -> Range | None:
        """The range that offers this number, if any carrier does."""
        for length in range(len(number), 2, -1):
            found = self.by_prefix.get(number[:length])
            if found and found.offers(number):
                return found
        return None


def page(
    ranges: Sequence[Range], *, start: int, limit: int, taken: Callable[[str], bool]
) -> tuple[list[tuple[str, Range]], int | None]:
    """Up to `limit` (number, range) from position `start`, and the position of the next page or None.

    Ranges take turns, so that a page without an area code shows many places.
    """
    found: list[tuple[str, Range]] = []
    for position, number, source in _walk(ranges, start):
        if taken(number):
            continue
        if len(found) == limit:
            return found, position
        found.append((number, source))
    return found, None


def _walk(ranges: Sequence[Range], start: int) -> Iterator[tuple[int, str, Range]]:
    longest = max((r.stock for r in ranges), default=0)
    for position in range(start, longest * len(ranges)):
        index, turn = divmod(position, len(ranges))
        if index < ranges[turn].stock:
            yield position, ranges[turn].number(index), ranges[turn]


def load(path: Path, *, seed: int, fill_seconds: tuple[float, float] | None = None) -> Catalogue:
    """Read the carriers file. Raises BadCatalogue when two ranges could hold the same number."""
    document = yaml.safe_load(path.read_text())
    carriers = [_carrier(row, seed, fill_seconds) for row in document["carriers"]]
    ranges = [r for carrier in carriers for r in carrier.ranges]
    by_prefix = {r.prefix: r for r in ranges}
    for r in ranges:
        if by_prefix[r.prefix] is not r or any(r.prefix[:n] in by_prefix for n in range(2, len(r.prefix))):
            raise BadCatalogue(f"{r.prefix} lies in more than one range")
    return Catalogue({carrier.slug: carrier for carrier in carriers}, by_prefix)


def _carrier(row: dict[str, Any], seed: int, fill_seconds: tuple[float, float] | None) -> Carrier:
    ranges = tuple(r for product in row["products"] for r in _ranges(row, product, seed))
    fastest, slowest = fill_seconds or row["fill_seconds"]
    return Carrier(row["slug"], row["name"], (float(fastest), float(slowest)), ranges)


def _ranges(carrier: dict[str, Any], row: dict[str, Any], seed: int) -> Iterator[Range]:
    product = _product(carrier, row)
    for place in row.get("places", [[None, None, None]]):
        yield _range(product, place[3] if len(place) > 3 else row["numbers"], place[:3], seed)


def _product(carrier: dict[str, Any], row: dict[str, Any]) -> Product:
    if row["type"] not in TYPES or not set(row["capabilities"]) <= set(CAPABILITIES):
        raise BadCatalogue(f"{carrier['slug']} sells an unknown kind: {row['type']} {row['capabilities']}")
    return Product(
        carrier=carrier["slug"],
        country=row["country"],
        type=row["type"],
        capabilities=tuple(row["capabilities"]),
        setup_cost=Decimal(row["setup_cost"]),
        monthly_cost=Decimal(row["monthly_cost"]),
        currency=carrier["currency"],
        stock=row.get("stock", 1000),
    )


def _range(product: Product, pattern: str, place: Sequence[str | None], seed: int) -> Range:
    area_code, locality, region = place
    shape = pattern.format(area_code=area_code).replace(" ", "")
    prefix = shape.rstrip("x")
    digits = len(shape) - len(prefix)
    if not (prefix[0] == "+" and prefix[1:].isdecimal() and digits):
        raise BadCatalogue(f"{pattern!r} is not a prefix followed by free digits (x)")
    chance = integer(seed, "range", prefix)
    multiplier = chance % 10**digits // 10 * 10 + (1, 3, 7, 9)[chance % 4]  # ends in 1, 3, 7, 9: coprime to 10
    return Range(product, prefix, digits, area_code, locality, region, multiplier, chance // 7 % 10**digits)
