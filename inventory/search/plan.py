"""Which index answers a search: a pure function of what is asked and of what the stock looks like, so that the same
question always takes the same way, whatever the planner's statistics say. docs/search.md has the table."""

from enum import Enum
from typing import NamedTuple

from inventory.search.criteria import Criteria
from inventory.search.digits import Kind, Lookup, lookup


class Path(Enum):
    """The way to the numbers, named after the index that it uses."""

    NOTHING = "nothing"  # it can't match: no statement at all
    NEAR = "near"  # places by distance, then `sale_place`
    PLACE = "sale_place"
    AREA = "sale_area"
    REGION = "sale_region"
    DIGITS = "sale_forward, sale_mirrored"  # falls back on SHELF when the ranges hold too many
    TESTED = "sale_tested"  # falls back on SHELF when too many will do
    SHELF = "sale_shelf"


class Plan(NamedTuple):
    """The path and, for DIGITS, where to look."""

    path: Path
    lookup: Lookup | None = None


def needs_kind(criteria: Criteria, places: frozenset[int] | None) -> bool:
    """Whether the choice depends on what the stock of this kind looks like."""
    return criteria.pattern is not None and _narrow_path(criteria, places) is None


def choose(criteria: Criteria, places: frozenset[int] | None, kind: Kind | None) -> Plan:
    """The plan. `places` are the resolved place ids (None: any); `kind` is only read where `needs_kind` says so."""
    if places is not None and not places:
        return Plan(Path.NOTHING)
    if narrow := _narrow_path(criteria, places):
        return Plan(narrow)
    if criteria.pattern is None or kind is None:
        return Plan(Path.TESTED if criteria.asks_for_papers else Path.SHELF)
    found = lookup(criteria.pattern, kind)
    if found is None:
        return Plan(Path.SHELF)
    return Plan(Path.DIGITS, found) if found else Plan(Path.NOTHING)


def _narrow_path(criteria: Criteria, places: frozenset[int] | None) -> Path | None:
    """The path of the narrowest place asked for: few enough numbers to check the rest one by one."""
    if criteria.near:
        return Path.NEAR
    if places is not None:
        return Path.PLACE
    if criteria.area_code is not None:
        return Path.AREA
    return Path.REGION if criteria.region is not None else None
