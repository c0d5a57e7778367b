"""One statement per search, composed of fixed fragments; everything that was asked travels as a parameter.

All paths share a shape. `found` picks a page of (sort key, e164) from one index, mostly without touching the table;
the outer query then fetches those few rows. A page goes by `turn, spread, e164`: turn 0 runs from the account's point
of the spread to the end, turn 1 from the beginning to that point. A page backwards is the mirror image of that.
"""

from functools import cache
from itertools import product
from typing import NamedTuple

from psycopg.sql import SQL, Composable, Composed, Identifier

from inventory.search.plan import Path

#: More rows than any page has.
MAX_ROWS = 2_000
#: With so many matches the ranges of a pattern no longer pay, but then a walk soon meets a page of them.
OVERFLOW = 20_000
#: The same of passports: to look each of them up costs less than to miss this many numbers on a walk, but the walk is
#: what most of those who ask for passports need, and then this was for nothing.
FEW_TESTED = 5_000


class Shape(NamedTuple):
    """What decides the text of the statement. `turn` is where the page starts; the flags are conditions to check; the
    counts say how many masks, ages and regions are asked for: an aisle for each combination of them."""

    path: Path
    turn: int = 0
    backwards: bool = False
    pattern: bool = False
    area: bool = False
    region: bool = False
    places: bool = False
    tested: bool = False
    masks: int = 0
    ages: int = 0
    regions: int = 0
    stopped: bool = False

    @property
    def side_by_side(self) -> bool:
        """Whether the statement has each aisle in its text."""
        return (self.pattern or self.tested or self.stopped) and self.path in ONE_AISLE


# The condition of every sale index, so that each is seen to apply (inventory.models.phone_number.ON_SALE).
ON_SALE = SQL("NOT n.blocked AND n.state = 'AVAILABLE'")
KIND = SQL("n.country = %(country)s AND n.number_type = %(number_type)s")
SHELVES = SQL("unnest(%(masks)s::smallint[]) AS shelf(mask) CROSS JOIN unnest(%(newness)s::boolean[]) AS age(beta)")
ON_SHELF = SQL("n.capabilities = shelf.mask AND n.beta = age.beta")
IN_REGION = SQL("n.region = (%(regions)s::text[])[{region}]")
ON_THIS_SHELF = SQL("n.capabilities = (%(masks)s::smallint[])[{mask}] AND n.beta = (%(newness)s::boolean[])[{age}]")
WILL_DO = SQL("n.capabilities = ANY(%(masks)s::smallint[]) AND n.beta = ANY(%(newness)s::boolean[])")
IN_AREA = SQL("n.area_code = %(area_code)s")
LIKE = SQL("n.e164::text LIKE %(like)s")
#: Only asked where a sale is stopped, since no sale index has the provider.
NOT_STOPPED = SQL("(n.provider_id = ANY(%(stopped)s::bigint[])) IS NOT TRUE")
# Not as `passed_tests = ANY (…)`, nor the age as it is: then a walk would be made along `sale_tested`, and sorted.
TESTED = SQL(
    "(n.tested_at >= %(tested_since)s::timestamptz) IS TRUE AND n.passed_tests & %(must_pass)s = %(must_pass)s"
)

#: Where each path's probes of its index start, and the conditions that are that index's leading columns.
AISLES: dict[Path, tuple[Composable, Composable]] = {
    Path.SHELF: (SHELVES, KIND + SQL(" AND ") + ON_SHELF),
    Path.DIGITS: (SHELVES, KIND + SQL(" AND ") + ON_SHELF),  # when the ranges held too much; seldom walked
    Path.TESTED: (SHELVES, KIND + SQL(" AND ") + ON_SHELF),  # likewise
    Path.AREA: (SHELVES, KIND + SQL(" AND n.area_code = %(area_code)s AND ") + ON_SHELF),
    Path.REGION: (
        SQL("unnest(%(regions)s::text[]) AS wanted(region) CROSS JOIN ") + SHELVES,
        KIND + SQL(" AND n.region = wanted.region AND ") + ON_SHELF,
    ),
    Path.PLACE: (
        SQL("unnest(%(places)s::bigint[]) AS wanted(place)"),
        KIND + SQL(" AND n.place_id = wanted.place AND ") + WILL_DO,
    ),
}
#: The same for one aisle of a path.
ONE_AISLE: dict[Path, list[SQL]] = {
    Path.SHELF: [ON_THIS_SHELF],
    Path.TESTED: [ON_THIS_SHELF],
    Path.AREA: [IN_AREA, ON_THIS_SHELF],
    Path.REGION: [IN_REGION, ON_THIS_SHELF],
}
#: Arcs of the spread: what is left of turn 0, all of turn 1, what is left of turn 1.
AFTER = SQL("(n.spread, n.e164) > (%(after_spread)s::real, %(after_e164)s)")
UP_TO_POINT = SQL("n.spread < %(point)s::real")
FROM_POINT = SQL("n.spread >= %(point)s::real")
ALWAYS = SQL("TRUE")
PAGE_NOT_FULL = SQL("(SELECT count(*) FROM ahead) < %(limit)s")
OVERFLOWN = SQL("(SELECT count(*) FROM matches) = %(overflow)s")

WALK = SQL("""
    SELECT {turn} AS turn, walked.spread, walked.e164
    FROM {aisles} CROSS JOIN LATERAL (
        SELECT n.spread, n.e164 FROM inventory_phonenumber n
        WHERE {on_sale} AND {conditions}
        ORDER BY n.spread ASC, n.e164 ASC LIMIT %(limit)s
    ) walked
    WHERE {gate}
    ORDER BY walked.spread ASC, walked.e164 ASC LIMIT %(limit)s
""")
# With a pattern, or where a sale is stopped, most of what a walk meets is no match. So the aisles are walked side by
# side: each lies in the order of the page, PostgreSQL merges them, and reads from all of them together just what the
# page needs. (Otherwise to open up to 64 aisles costs more than that saves.) The inner limit makes it do so, for it
# plans not knowing the outer one.
MERGE = SQL("""
    SELECT {turn} AS turn, walked.spread, walked.e164 FROM (
        SELECT aisle.spread, aisle.e164 FROM ({aisles}) aisle ORDER BY aisle.spread ASC, aisle.e164 ASC LIMIT {most}
    ) walked
    WHERE {gate}
    ORDER BY walked.spread ASC, walked.e164 ASC LIMIT %(limit)s
""")
AISLE = SQL("""
    (SELECT n.spread, n.e164 FROM inventory_phonenumber n WHERE {conditions} ORDER BY n.spread ASC, n.e164 ASC)
""")

# The other turn's arc is only walked when the page's own did not fill it: its gate is a one-time filter.
BOTH_TURNS = SQL("""
    ahead AS MATERIALIZED ({ahead}),
    around AS MATERIALIZED ({around}),
    walk AS (SELECT * FROM ahead UNION ALL SELECT * FROM around)
""")

MATCHES = SQL("""
    matches AS MATERIALIZED (
        SELECT forward.spread, forward.e164
        FROM unnest(%(lows)s::bigint[], %(highs)s::bigint[]) AS range(low, high) CROSS JOIN LATERAL (
            SELECT n.spread, n.e164 FROM inventory_phonenumber n
            WHERE {on_sale} AND {kind} AND {will_do} AND {checks}
                AND n.e164 >= range.low AND n.e164 < range.high
            OFFSET 0
        ) forward
        UNION ALL
        SELECT mirrored.spread, mirrored.e164
        FROM unnest(%(mirrored_lows)s::bigint[], %(mirrored_highs)s::bigint[]) AS range(low, high) CROSS JOIN LATERAL (
            SELECT n.spread, n.e164 FROM inventory_phonenumber n
            WHERE {on_sale} AND {kind} AND {will_do} AND {checks}
                AND reverse(n.e164::text)::bigint >= range.low AND reverse(n.e164::text)::bigint < range.high
            OFFSET 0
        ) mirrored
        LIMIT %(overflow)s
    )
""")
# Of each kind of passport in the index's own order, and no more than are looked up at all: PostgreSQL plans not knowing
# the outer limit, and would else collect all that match first.
WITH_PAPERS = SQL("""
    matches AS MATERIALIZED (
        SELECT tested.spread, tested.e164
        FROM unnest(%(paper_masks)s::smallint[], %(paper_tests)s::bigint[]) AS paper(mask, tests) CROSS JOIN LATERAL (
            SELECT n.spread, n.e164 FROM inventory_phonenumber n
            WHERE {on_sale} AND {kind} AND n.capabilities = paper.mask AND n.passed_tests = paper.tests
                AND n.tested_at >= %(tested_since)s::timestamptz AND n.beta = ANY(%(newness)s::boolean[]){stops}
            ORDER BY n.tested_at LIMIT {few}
        ) tested
        LIMIT %(overflow)s
    )
""")
FEW_OR_WALK = SQL("""
    few AS (
        SELECT DISTINCT (spread < %(point)s::real)::int AS turn, spread, e164 FROM matches WHERE NOT {overflown}
    ),
    found AS MATERIALIZED (
        SELECT * FROM few WHERE (turn, spread, e164) > (%(turn)s, %(after_spread)s::real, %(after_e164)s)
        UNION ALL SELECT * FROM walk
        ORDER BY turn ASC, spread ASC, e164 ASC LIMIT %(limit)s
    )
""")

# A number lies where its place lies, so "near" is: places by distance, then the numbers of each. Great-circle distance
# by the haversine formula on a sphere of 3,958.8 miles (the mean radius of the IUGG), right to 0.5 %.
NEAREST = SQL("""
    found AS MATERIALIZED (
        SELECT near.distance, near.id AS place, walked.turn, walked.spread, walked.e164
        FROM (
            SELECT * FROM (
                SELECT p.id, 2 * 3958.8 * asin(least(1, sqrt(
                    sin(radians(p.latitude - %(latitude)s) / 2) ^ 2 + cos(radians(p.latitude))
                    * cos(radians(%(latitude)s)) * sin(radians(p.longitude - %(longitude)s) / 2) ^ 2
                ))) AS distance
                FROM numbering_place p
                WHERE p.country = %(country)s
                    AND p.latitude BETWEEN %(south)s AND %(north)s AND p.longitude BETWEEN %(west)s AND %(east)s
                    {within}
            ) known
            WHERE distance <= %(miles)s AND (distance, id) >= (%(after_distance)s::float, %(after_place)s)
            ORDER BY distance ASC, id ASC OFFSET 0
        ) near CROSS JOIN LATERAL (
            (SELECT 0 AS turn, n.spread, n.e164 FROM inventory_phonenumber n
             WHERE {conditions} AND n.spread >= %(point)s::real AND {after_0}
             ORDER BY n.spread ASC, n.e164 ASC LIMIT %(limit)s)
            UNION ALL
            (SELECT 1 AS turn, n.spread, n.e164 FROM inventory_phonenumber n
             WHERE {conditions} AND n.spread < %(point)s::real AND {after_1}
             ORDER BY n.spread ASC, n.e164 ASC LIMIT %(limit)s)
        ) walked
        ORDER BY near.distance ASC, near.id ASC, walked.turn ASC, walked.spread ASC, walked.e164 ASC LIMIT %(limit)s
    )
""")
AFTER_IN_PLACE = SQL(
    "(near.distance, near.id, {turn}, n.spread, n.e164)"
    " > (%(after_distance)s::float, %(after_place)s, %(turn)s, %(after_spread)s::real, %(after_e164)s)"
)

PAGE = SQL("""
    SELECT {key}, n.e164, n.capabilities, n.beta, n.provider_id, nullif(n.region, ''),
        CASE WHEN p.granularity = 'locality' THEN p.name END,
        p.postal_code, p.lata, p.rate_centre, p.latitude, p.longitude,
        n.tested_at, n.passport_expires_at, n.mos, n.post_dial_delay, n.passport_expires_at > now()
    FROM found JOIN inventory_phonenumber n ON n.e164 = found.e164 AND {on_sale}
    LEFT JOIN numbering_place p ON p.id = n.place_id
    ORDER BY {order}
""")
WALK_KEY = [Identifier("found", column) for column in ("turn", "spread", "e164")]
NEAR_KEY = [Identifier("found", column) for column in ("distance", "place")] + WALK_KEY


@cache
def statement(shape: Shape) -> str:
    """The text of a search of this shape; there are a few dozen."""
    text = _forwards(shape).as_string(None)
    return _mirrored(text) if shape.backwards else text


def _mirrored(text: str) -> str:
    """Every order turned round, and what lies before the mark in the place of what lies after it."""
    return text.replace(" ASC", " DESC").replace(") > (", ") < (").replace(") >= (", ") <= (")


def _forwards(shape: Shape) -> Composed:
    if shape.path is Path.NEAR:
        return _page(NEAR_KEY, _nearest(shape))
    if shape.path in (Path.DIGITS, Path.TESTED):
        matches = _matches(shape)
        walk = _walks(shape, gate=OVERFLOWN)
        return _page(WALK_KEY, matches, walk, FEW_OR_WALK.format(overflown=OVERFLOWN))
    found = SQL("found AS MATERIALIZED (SELECT * FROM walk ORDER BY turn ASC, spread ASC, e164 ASC LIMIT %(limit)s)")
    return _page(WALK_KEY, _walks(shape, gate=ALWAYS), found)


def _matches(shape: Shape) -> Composed:
    if shape.path is Path.TESTED:
        stops = SQL(" AND ") + NOT_STOPPED if shape.stopped else SQL("")
        return WITH_PAPERS.format(on_sale=ON_SALE, kind=KIND, stops=stops, few=FEW_TESTED)
    checks = SQL(" AND ").join(_checks(shape))
    return MATCHES.format(on_sale=ON_SALE, kind=KIND, will_do=WILL_DO, checks=checks)


def _page(key: list[Identifier], *expressions: Composable) -> Composed:
    order = SQL(", ").join(column + SQL(" ASC") for column in key)
    page = PAGE.format(key=SQL(", ").join(key), on_sale=ON_SALE, order=order)
    return SQL("WITH ") + SQL(", ").join(expressions) + page


def _walks(shape: Shape, *, gate: Composable) -> Composed:
    """The walk of what is left of the page's turn and on into the other, if that one lies ahead."""
    last, other = (0, FROM_POINT) if shape.backwards else (1, UP_TO_POINT)
    if shape.turn == last:
        return SQL("walk AS ({})").format(_walk(shape, last, [AFTER, other], gate))
    return BOTH_TURNS.format(
        ahead=_walk(shape, shape.turn, [AFTER, UP_TO_POINT] if shape.turn else [AFTER], gate),
        around=_walk(shape, last, [other], gate + SQL(" AND ") + PAGE_NOT_FULL),
    )


def _walk(shape: Shape, turn: int, arc: list[SQL], gate: Composable) -> Composed:
    checks = [*arc, *_checks(shape)]
    if shape.side_by_side:
        return MERGE.format(turn=turn, aisles=_side_by_side(shape, checks), most=MAX_ROWS, gate=gate)
    aisles, leading = AISLES[shape.path]
    conditions = SQL(" AND ").join([leading, *checks])
    return WALK.format(turn=turn, aisles=aisles, on_sale=ON_SALE, conditions=conditions, gate=gate)


def _side_by_side(shape: Shape, checks: list[SQL]) -> Composed:
    conditions = [ON_SALE, KIND, *ONE_AISLE[shape.path], *checks]
    regions = range(1, shape.regions + 1) if shape.path is Path.REGION else (0,)
    return SQL(" UNION ALL ").join(
        AISLE.format(
            conditions=SQL(" AND ").join(each.format(region=region, mask=mask, age=age) for each in conditions)
        )
        for region, mask, age in product(regions, range(1, shape.masks + 1), range(1, shape.ages + 1))
    )


def _nearest(shape: Shape) -> Composed:
    conditions = SQL(" AND ").join([ON_SALE, KIND, SQL("n.place_id = near.id"), WILL_DO, *_checks(shape)])
    return NEAREST.format(
        within=SQL("AND p.id = ANY(%(places)s::bigint[])" if shape.places else ""),
        conditions=conditions,
        after_0=AFTER_IN_PLACE.format(turn=0),
        after_1=AFTER_IN_PLACE.format(turn=1),
    )


def _checks(shape: Shape) -> list[SQL]:
    """Conditions that are not the index's own: looked at number by number."""
    area = IN_AREA if shape.area and shape.path is not Path.AREA else None
    region = SQL("n.region = ANY(%(regions)s::text[])") if shape.region and shape.path is not Path.REGION else None
    like, stopped = LIKE if shape.pattern else None, NOT_STOPPED if shape.stopped else None
    papers = TESTED if shape.tested else None
    return [check for check in (area, region, like, papers, stopped) if check]
