"""Each path reads the index that was made for it, on a stock large enough that the planner has a choice."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from accounts.models import Account
from inventory.models import PhoneNumber
from inventory.search.criteria import Criteria, Near, Whereabouts
from inventory.search.stock import Position, search
from numbering.patterns import Pattern
from numbering.types import NumberType

pytestmark = pytest.mark.django_db

US = Criteria("US", NumberType.LOCAL)
CASES = {
    "any": (US, {"sale_shelf"}),
    "capabilities": (replace(US, capabilities=5), {"sale_shelf"}),
    "short pattern": (replace(US, pattern=Pattern.parse("5*5")), {"sale_shelf"}),
    "area code": (replace(US, area_code="415"), {"sale_area"}),
    "area code and pattern": (replace(US, area_code="415", pattern=Pattern.parse("1*2*3*4")), {"sale_area"}),
    "tested": (replace(US, must_pass=1, tested_within=timedelta(days=5)), {"sale_tested", "sale_shelf"}),
    "tested and area code": (replace(US, must_pass=1, area_code="415"), {"sale_area"}),
    "region": (replace(US, region="CA"), {"sale_region"}),
    "locality": (replace(US, whereabouts=Whereabouts(locality="Springfield")), {"sale_place"}),
    "near": (replace(US, near=Near(37.77, -122.42)), {"sale_place"}),
    "start": (replace(US, pattern=Pattern.parse("+1415")), {"sale_forward", "sale_mirrored", "sale_shelf"}),
    "pattern": (replace(US, pattern=Pattern.parse("1234567")), {"sale_forward", "sale_mirrored", "sale_shelf"}),
}
#: Few numbers do: whether the walk of the rest is begun at all depends on where they lie.
MAY_DO_WITHOUT = {CASES["tested"][0]: {"sale_shelf"}}
END_OF_THE_TURN = (1, 1.0, 10**15)  # turn, spread, e164
COVERING = {"sale_shelf", "sale_area", "sale_forward", "sale_mirrored"}


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize(("asked", "indexes"), CASES.values(), ids=CASES)
def test_each_path_reads_its_own_index(
    asked: Criteria, indexes: set[str], backwards: bool, stock: list[PhoneNumber], account: Account
) -> None:
    scans = list(_scans(_plan(asked, account, backwards=backwards)))
    read = {scan["Index Name"] for scan in scans if scan.get("Index Name", "").startswith("sale_")}
    assert read | MAY_DO_WITHOUT.get(asked, set()) == indexes
    assert not [scan for scan in scans if scan["Node Type"] == "Seq Scan" and _is_stock(scan)]


@pytest.mark.parametrize("name", ["any", "short pattern", "area code and pattern", "pattern"])
def test_what_a_walk_reads_is_in_the_index(name: str, stock: list[PhoneNumber], account: Account) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_bitmapscan = off")  # it pays for the few numbers here
    scans = [s for s in _scans(_plan(CASES[name][0], account)) if s.get("Index Name") in COVERING]
    assert {scan["Node Type"] for scan in scans} == {"Index Only Scan"}


def test_near_takes_places_one_by_one(stock: list[PhoneNumber], account: Account) -> None:
    """Nearest first, so that it stops at a full page: no sort of all numbers within the radius."""
    nodes = [node["Node Type"] for node in _nodes(_plan(CASES["near"][0], account))]
    assert "Incremental Sort" in nodes


def test_the_first_turn_alone_fills_most_pages(stock: list[PhoneNumber], account: Account) -> None:
    plan = _plan(US, account, "ANALYZE, ")
    around = [node for node in _nodes(plan) if node.get("Subplan Name") == "CTE around"]
    assert [node["Actual Loops"] * node["Actual Rows"] for node in around] == [0]


def _plan(asked: Criteria, account: Account, options: str = "", *, backwards: bool = False) -> Any:
    """The plan that PostgreSQL keeps for the search's own statement, run with the search's own values."""
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
        cursor.execute("SET LOCAL enable_seqscan = off")
        [(statement, values)] = _statements(asked, account, backwards=backwards)
        cursor.execute("SELECT name FROM pg_prepared_statements WHERE statement LIKE %s", ["%found AS%"])
        [name] = cursor.fetchone()
        order = dict.fromkeys(re.findall(r"%\((\w+)\)s", statement))  # as psycopg numbers them
        call = f"{name}({', '.join(['%s'] * len(order))})"
        cursor.execute(f"EXPLAIN ({options}FORMAT JSON) EXECUTE {call}", [values[each] for each in order])
        explained = cursor.fetchone()[0]
    return (json.loads(explained) if isinstance(explained, str) else explained)[0]["Plan"]


def _statements(asked: Criteria, account: Account, *, backwards: bool) -> list[tuple[str, dict[str, Any]]]:
    seen: list[tuple[str, dict[str, Any]]] = []

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if "found AS" in sql:
            seen.append((sql, params))
        return execute(sql, params, many, context)

    far_end = Position(0.5, (1e3, 10**9, *END_OF_THE_TURN) if asked.near else END_OF_THE_TURN)
    with connection.execute_wrapper(note):
        search(asked, account=account, size=2, after=far_end if backwards else None, backwards=backwards)
    return seen


def _nodes(plan: Any) -> Iterator[Any]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from _nodes(child)


def _scans(plan: Any) -> Iterator[Any]:
    return (node for node in _nodes(plan) if "Scan" in node["Node Type"])


def _is_stock(scan: Any) -> bool:
    return bool(scan.get("Relation Name") == "inventory_phonenumber")


def test_passports_are_looked_up_in_their_order_and_walks_follow_the_shelf(
    stock: list[PhoneNumber], account: Account
) -> None:
    """Does not sort all that match before the page's limit ends it."""
    with connection.cursor() as cursor:
        for node in ("bitmapscan", "sort", "incremental_sort"):  # now and then these pay for the few numbers here
            cursor.execute(f"SET LOCAL enable_{node} = off")
    plan = _plan(CASES["tested"][0], account)
    limits = [node for node in _nodes(_cte(plan, "matches")) if node["Node Type"] == "Limit"]
    assert len(limits) == 2, "of all together, and of each kind of passport, in time for it to matter"
    kinds = {node["Node Type"] for name in ("matches", "ahead") for node in _nodes(_cte(plan, name))}
    assert "Sort" not in kinds
    assert {scan["Index Name"] for scan in _scans(_cte(plan, "ahead")) if "Index Name" in scan} == {"sale_shelf"}


def _cte(plan: Any, name: str) -> Any:
    return next(node for node in _nodes(plan) if node.get("Subplan Name") == f"CTE {name}")
