"""Blocks of ten thousand numbers, valid by their countries' plans: where the stock and the imported file come from.

Towns' blocks are drawn evenly from the shipped prefixes, so busy area codes and big towns, which have more prefixes,
have more numbers.
"""

import itertools
import random
from collections.abc import Iterator
from typing import NamedTuple

import phonenumbers
from django.db import connection
from phonenumbers import PhoneNumberType

from numbering.areas import area_code
from numbering.models import PlacePrefix
from numbering.places import place_for
from numbering.plan import facts
from numbering.types import NumberType

WIDTH = 10_000  # numbers of a block
COUNT = 20_000

#: How many of the COUNT blocks each kind gets, in thousandths: 60 % of the stock is in the US.
SHARES = {
    "US": {"local": 560, "toll_free": 40},
    "CA": {"local": 80},
    "GB": {"local": 50, "mobile": 20, "national": 5},
    "DE": {"local": 35, "mobile": 10, "national": 5},
    "FR": {"local": 20, "mobile": 10, "voip": 5},
    "AU": {"local": 20, "mobile": 10},
    "BR": {"local": 20, "mobile": 10},
    "IT": {"local": 15, "mobile": 5},
    "NL": {"local": 10, "mobile": 5},
    "SE": {"local": 10, "mobile": 10},
    "IE": {"local": 10, "mobile": 5},
    "PL": {"local": 10, "mobile": 5},
    "MX": {"local": 10},
    "AT": {"local": 5},
}

#: Digits in all of a town's number, where libphonenumber's example is one of the country's shortest.
LONGER = {"DE": 11, "SE": 11, "IE": 11, "AT": 11}

_EXAMPLES = {
    NumberType.LOCAL: PhoneNumberType.FIXED_LINE,
    NumberType.MOBILE: PhoneNumberType.MOBILE,
    NumberType.TOLL_FREE: PhoneNumberType.TOLL_FREE,
    NumberType.NATIONAL: PhoneNumberType.UAN,
    NumberType.VOIP: PhoneNumberType.VOIP,
}


class Block(NamedTuple):
    """The numbers first to first + WIDTH - 1. `stride` is how far apart the first ones taken of it are."""

    first: int
    country: str
    number_type: str
    area_code: str
    place: int | None
    stride: int


def blocks(seed: int = 1) -> list[Block]:
    """The COUNT blocks, the same for the same seed, in no order. Raises ValueError for a kind that has too few."""
    dice = random.Random(seed)  # noqa: S311 - the same for the same seed
    kinds = [(country, NumberType(name), share) for country, of in SHARES.items() for name, share in of.items()]
    made = [
        block
        for country, number_type, share in kinds
        for block in _of_kind(country, number_type, COUNT * share // 1_000, dice)
    ]
    dice.shuffle(made)
    return made


def kept() -> list[Block]:
    """The blocks of the stock that is there."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT first, country, number_type, area_code, place_id, stride FROM stock_block")
        return [Block._make(row) for row in cursor.fetchall()]


def numbers(block: Block, count: int) -> Iterator[int]:
    """The first `count` numbers taken of a block, scattered over it, none twice."""
    return (block.first + taken * block.stride % WIDTH for taken in range(count))


def _of_kind(country: str, number_type: NumberType, count: int, dice: random.Random) -> Iterator[Block]:
    heads, length = _heads(country, number_type)
    seen: set[int] = set()
    for _ in range(100 * count):
        if len(seen) == count:
            return
        head = dice.choice(heads)
        free = length - len(head) - 4
        first = int(head + "".join(dice.choices("0123456789", k=free))) * WIDTH
        if free >= 0 and first not in seen and facts(first) == (country, number_type):
            seen.add(first)
            stride = dice.choice([step for step in range(1, WIDTH, 2) if step % 5])  # coprime to WIDTH: none twice
            yield Block(first, country, number_type.value, area_code(first), place_for(first), stride)
    raise ValueError(f"found only {len(seen)} blocks of {number_type} numbers in {country}")


def _heads(country: str, number_type: NumberType) -> tuple[list[str], int]:
    """Leading digits to choose from, and how many digits the numbers have."""
    example = phonenumbers.example_number_for_type(country, _EXAMPLES[number_type])
    if example is None:
        raise ValueError(f"no example of a {number_type} number of {country} is known")
    text = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)[1:]
    if number_type == NumberType.LOCAL:
        towns = PlacePrefix.objects.filter(country=country).order_by("prefix").values_list("prefix", flat=True)
        return [str(prefix) for prefix in towns], LONGER.get(country, len(text))
    return _neighbours(text, len(str(example.country_code))), len(text)


def _neighbours(example: str, code: int) -> list[str]:
    """The example's head with its last two digits free, so that more than one range of the kind is met."""
    head = example[: code + 1]
    return [head + "".join(pair) for pair in itertools.product("0123456789", repeat=2)]
