"""What is on sale of a (country, type): read from the sale indexes by a few probes, never counted in full."""

from itertools import takewhile
from typing import Any, NamedTuple

from django.db import connection

from inventory.search.digits import Kind, Span
from numbering.e164 import MAX_DIGITS, MIN_DIGITS
from numbering.recent import Recent
from numbering.types import supersets

#: One of so many slices of the spread is counted to estimate the whole: the spread is random, so it is a fair sample.
SLICES = 256

_STARTS = [10 ** (length - 1) for length in range(MIN_DIGITS, MAX_DIGITS + 1)]

_SPANS = """
    SELECT low, high FROM unnest(%(starts)s::bigint[]) AS length(start) CROSS JOIN LATERAL (
        SELECT min(e164) AS low, max(e164) AS high FROM inventory_phonenumber
        WHERE NOT blocked AND state = 'AVAILABLE' AND country = %(country)s AND number_type = %(number_type)s
            AND e164 >= start AND e164 < start * 10
    ) span WHERE low IS NOT NULL
"""

_SLICE = """
    SELECT coalesce(sum(counted), 0) FROM unnest(%(masks)s::smallint[]) AS shelf(mask)
    CROSS JOIN unnest('{f,t}'::boolean[]) AS age(is_beta) CROSS JOIN LATERAL (
        SELECT count(*) AS counted FROM inventory_phonenumber
        WHERE NOT blocked AND state = 'AVAILABLE' AND country = %(country)s AND number_type = %(number_type)s
            AND capabilities = mask AND beta = is_beta AND spread < %(slice)s::real
    ) slice
"""


_PAPERS = """
    WITH RECURSIVE paper AS (
        (SELECT capabilities, passed_tests FROM inventory_phonenumber
         WHERE NOT blocked AND state = 'AVAILABLE' AND country = %(country)s AND number_type = %(number_type)s
         ORDER BY capabilities, passed_tests LIMIT 1)
        UNION ALL
        SELECT following.capabilities, following.passed_tests FROM paper CROSS JOIN LATERAL (
            SELECT capabilities, passed_tests FROM inventory_phonenumber AS n
            WHERE NOT blocked AND state = 'AVAILABLE' AND country = %(country)s AND number_type = %(number_type)s
                AND (n.capabilities, n.passed_tests) > (paper.capabilities, paper.passed_tests)
            ORDER BY capabilities, passed_tests LIMIT 1
        ) AS following
    )
    SELECT capabilities, passed_tests FROM paper
"""


class Paper(NamedTuple):
    """What passports of a kind say: a mask of capabilities, and of the tests that were passed."""

    capabilities: int
    passed_tests: int


def kind_of(country: str, number_type: str) -> Kind:
    """The spans as they are now, the size as it was at most a minute ago."""
    with connection.cursor() as cursor:
        cursor.execute(_SPANS, {"country": country, "number_type": number_type, "starts": _STARTS})
        spans = tuple(Span(len(str(low)), _shared(str(low), str(high))) for low, high in cursor.fetchall())
    return Kind(spans, size_of(country, number_type))


def _shared(low: str, high: str) -> str:
    """The leading digits of two numbers of one length, and so of all numbers between them."""
    return "".join(a for a, _ in takewhile(lambda pair: pair[0] == pair[1], zip(low, high, strict=True)))


def _size(country: str, number_type: str) -> int:
    """About how many numbers are on sale."""
    asked: dict[str, Any] = {"country": country, "number_type": number_type, "masks": supersets(0), "slice": 1 / SLICES}
    with connection.cursor() as cursor:
        cursor.execute(_SLICE, asked)
        return int(cursor.fetchone()[0]) * SLICES


#: size_of(country, number_type). It only sways which way a search goes, so a minute's age does no harm.
size_of = Recent(_size, seconds=60)


def _papers(country: str, number_type: str) -> list[Paper]:
    """From each to the next in `sale_tested`. They are few: numbers of a kind are asked for the same tests."""
    with connection.cursor() as cursor:
        cursor.execute(_PAPERS, {"country": country, "number_type": number_type})
        return [Paper(*row) for row in cursor.fetchall()]


#: papers_of(country, number_type): what there is on sale, as it was at most ten seconds ago.
papers_of = Recent(_papers, seconds=10)
