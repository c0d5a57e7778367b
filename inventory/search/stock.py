"""The search itself: a page of numbers on sale."""

import math
import random
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, NamedTuple

from django.utils import timezone

from accounts.models import Account
from inventory.search import plan, prepared, sql, whereabouts
from inventory.search.criteria import Criteria, Near
from inventory.search.kinds import Paper, kind_of, papers_of
from inventory.search.plan import Path, Plan
from inventory.search.stops import anything_left, stopped
from inventory.search.terms import terms_of
from numbering.types import ALL_CAPABILITIES, supersets

MILES_PER_DEGREE = 69.09  # of a great circle on the sphere of inventory.search.sql


class Position(NamedTuple):
    """Where a page starts: the account's `point` of the spread, and the sort key of the row next to it (JSON values):
    of the row before, or backwards of the row behind."""

    point: float
    key: tuple[float, ...]


class StockRow(NamedTuple):
    """One number on sale. Degrees WGS 84; None where not known."""

    e164: int
    capabilities: int
    beta: bool
    provider: int | None
    region: str | None
    locality: str | None
    postal_code: str | None
    lata: str | None
    rate_centre: str | None
    latitude: float | None
    longitude: float | None
    tested_at: datetime | None
    passport_expires_at: datetime | None
    mos: float | None
    post_dial_delay: float | None


class Page(NamedTuple):
    """Rows in their order, and where the next page and the one before start; None: there is none."""

    rows: Sequence[StockRow]
    following: Position | None = None
    preceding: Position | None = None


class BadPosition(ValueError):
    """The position belongs to another kind of search."""


_WALK_START = (0, 0.0, -1)  # turn, spread, e164; the spread is replaced by the account's point
_NEAR_START = (-1.0, -1, 0, 0.0, -1)  # distance, place, turn, spread, e164


def point_of(account: Account | None) -> float:
    """Where in the shop window the account starts to look, in [0, 1): different buyers are shown different numbers,
    so they seldom race for the same, and the window gives no fresh block away. Strangers start anywhere."""
    if account is None:
        return random.random()  # noqa: S311 - spreads visitors; no secret
    return int.from_bytes(blake2b(account.sid.encode(), digest_size=3).digest(), "big") / 2**24


def search(
    criteria: Criteria, *, account: Account | None, size: int, after: Position | None = None, backwards: bool = False
) -> Page:
    """A page of at most `size` numbers on sale that meet the criteria: the first, or the one after (backwards: before)
    a position.

    Pages follow each other without repeating or losing a number, also while others are bought. A number whose test
    passport has run out is left out before the retest sweep takes it off sale, so a page may be shorter than asked
    although there is a next one. Raises BadPosition.
    """
    if terms_of(criteria.country, criteria.number_type).address_requirement in criteria.excluded_requirements:
        return Page([])
    if _all_stopped(criteria):
        return Page([])
    papers = _papers(criteria)
    if not papers and criteria.asks_for_papers:
        return Page([])
    places = whereabouts.place_ids(criteria)
    kind = kind_of(criteria.country, criteria.number_type) if plan.needs_kind(criteria, places) else None
    chosen = plan.choose(criteria, places, kind)
    start = _start(chosen, account, after)
    if chosen.path is Path.NOTHING:
        return Page([])
    asked = _lookup(chosen) | _paper_trail(criteria, papers)
    found = _execute(criteria, chosen, places, start, asked, size=size, backwards=backwards)
    return _page(found, start, size, backwards)


def _all_stopped(criteria: Criteria) -> bool:
    out = stopped().get(criteria.country, [])
    return bool(out) and not anything_left(criteria.country, criteria.number_type.value, tuple(out))


def _start(chosen: Plan, account: Account | None, after: Position | None) -> Position:
    """Where the page starts. Raises BadPosition when `after` comes from a search of another shape."""
    beginning = _NEAR_START if chosen.path is Path.NEAR else _WALK_START
    if after is None:
        point = point_of(account)
        return Position(point, beginning if chosen.path is Path.NEAR else (0, point, -1))
    if chosen.path is not Path.NOTHING and len(after.key) != len(beginning):
        raise BadPosition("the position belongs to another search")
    return after


def _execute(
    criteria: Criteria,
    chosen: Plan,
    places: frozenset[int] | None,
    start: Position,
    looked_up: dict[str, Any],
    *,
    size: int,
    backwards: bool,
) -> list[tuple[Any, ...]]:
    able = supersets(criteria.capabilities & ALL_CAPABILITIES)
    # Shelves where no passport will do are not walked: to their very end, for nothing.
    masks, regions = sorted(set(looked_up.get("paper_masks", able))), whereabouts.regions(criteria)
    newness, out = [False, True] if criteria.with_beta else [False], stopped().get(criteria.country, [])
    shape = sql.Shape(
        chosen.path,
        turn=int(start.key[0]) if chosen.path is not Path.NEAR else 0,
        backwards=backwards,
        pattern=criteria.pattern is not None,
        area=criteria.area_code is not None,
        region=criteria.region is not None,
        places=places is not None,
        tested=criteria.asks_for_papers,
        masks=len(masks),
        ages=len(newness),
        regions=len(regions),
        stopped=bool(out),
    )
    asked = {
        "country": criteria.country,
        "number_type": criteria.number_type.value,
        "masks": masks,
        "newness": newness,
        "like": criteria.pattern and criteria.pattern.like,
        "area_code": criteria.area_code,
        "regions": regions,
        "places": None if places is None else sorted(places),
        "limit": size + 1,
        **({"stopped": out} if out else {}),
    }
    return prepared.fetch_all(sql.statement(shape), asked | looked_up | _circle(criteria.near) | _after(start))


def _papers(criteria: Criteria) -> list[Paper]:
    """Of the passports of this kind those that will do; numbers with such are looked for."""
    if not criteria.asks_for_papers:
        return []
    least = Paper(criteria.capabilities, criteria.must_pass)
    known = papers_of(criteria.country, criteria.number_type)
    return [each for each in known if all(mask & bits == bits for mask, bits in zip(each, least, strict=True))]


def _paper_trail(criteria: Criteria, papers: list[Paper]) -> dict[str, Any]:
    if not papers:
        return {}
    since = datetime(2000, 1, 1, tzinfo=UTC)
    if criteria.tested_within is not None:
        since = timezone.now() - criteria.tested_within
    return {
        "tested_since": since,
        "must_pass": criteria.must_pass,
        "paper_masks": [each.capabilities for each in papers],
        "paper_tests": [each.passed_tests for each in papers],
    }


def _lookup(chosen: Plan) -> dict[str, Any]:
    if chosen.lookup is None:
        return {"overflow": sql.FEW_TESTED} if chosen.path is Path.TESTED else {}
    forward, mirrored = chosen.lookup
    return {
        "lows": _array(forward.lows),
        "highs": _array(forward.highs),
        "mirrored_lows": _array(mirrored.lows),
        "mirrored_highs": _array(mirrored.highs),
        "overflow": sql.OVERFLOW,
    }


def _array(numbers: list[int]) -> str:
    """An array as PostgreSQL reads it: for thousands of integers ten times as fast as the driver's own way."""
    return "{" + ",".join(map(str, numbers)) + "}"


def _circle(near: Near | None) -> dict[str, Any]:
    """The circle and a box around it. The box has all longitudes when it would cross a pole or the date line."""
    if near is None:
        return {}
    degrees = near.miles / MILES_PER_DEGREE
    south, north = near.latitude - degrees, near.latitude + degrees
    west, east = -180.0, 180.0
    if max(abs(south), abs(north)) < 89:
        reach = math.degrees(math.asin(math.sin(math.radians(degrees)) / math.cos(math.radians(near.latitude))))
        if near.longitude - reach > -180 and near.longitude + reach < 180:
            west, east = near.longitude - reach, near.longitude + reach
    return {
        **{"latitude": near.latitude, "longitude": near.longitude, "miles": near.miles},
        **{"south": south, "north": north, "west": west, "east": east},
    }


def _after(start: Position) -> dict[str, Any]:
    *place, turn, spread, e164 = start.key
    after = {"point": start.point, "turn": turn, "after_spread": spread, "after_e164": e164}
    return after | ({"after_distance": place[0], "after_place": place[1]} if place else {})


def _page(found: list[tuple[Any, ...]], start: Position, size: int, backwards: bool) -> Page:
    """Cut the columns: first the sort key, last whether the passport is current. Backwards the last row comes first."""
    keys, more = len(start.key), len(found) > size
    rows = found[size - 1 :: -1] if backwards else found[:size]
    if not rows:
        return Page([])
    return Page(
        [StockRow._make(row[keys:-1]) for row in rows if row[-1]],
        following=Position(start.point, rows[-1][:keys]) if more or backwards else None,
        preceding=Position(start.point, rows[0][:keys]) if (more if backwards else start.key[-1] >= 0) else None,
    )
