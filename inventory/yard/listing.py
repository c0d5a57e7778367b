"""A page of the list of numbers, whatever is asked for, without reading the stock: the console's list over millions.

The index `number_listed` keeps the numbers in drawers: equal state, country, type, provider, capabilities and block
lie together, in the order in which they came into their state. There are some hundreds or thousands of drawers, however
many numbers. A page asks for the name of each drawer (one probe of the index each), looks at the first number of those
that will do (another probe), and reads on only in the best of them: a drawer whose first number comes after the first
ones of a whole page of others has nothing on it. No filter can make it read more.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Q

from inventory.lifecycle import State
from inventory.models import PhoneNumber
from numbering.types import supersets

COUNTED = 5_000
#: Of a number without a provider, which is of a range of our own.
OWN = 0


class Place(NamedTuple):
    """Where a page ends in the order of the list: since when that number is in its state, and its id."""

    since: datetime
    pk: int


@dataclass(frozen=True)
class Wanted:
    """What the list is asked for; blank or None is anything. `carries`: capabilities, all of them proved by a test.

    `since` and `until` (UTC) bound when the number came into its state: from the first on, and before the second.
    """

    state: str = ""
    country: str = ""
    number_type: str = ""
    provider: int | None = None
    carries: int = 0
    blocked: bool | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_everything(self) -> bool:
        """Whether nothing is left out."""
        return all(getattr(self, each.name) == each.default for each in fields(self))


_KEY = ("country", "number_type", "coalesce(provider_id, 0)", "capabilities", "blocked")
_NAMES = ("country", "number_type", "provider", "capabilities", "blocked")
_DRAWERS = """
WITH drawer AS (SELECT found.*, wanted.state FROM unnest(%(states)s::text[]) AS wanted (state), LATERAL (
    WITH RECURSIVE step AS (
        (SELECT {named} FROM inventory_phonenumber WHERE {within} ORDER BY {key} LIMIT 1)
        UNION ALL
        (SELECT following.* FROM step, LATERAL (
            SELECT {named} FROM inventory_phonenumber WHERE {within} AND ({key}) > ({step}) ORDER BY {key} LIMIT 1
        ) AS following)
    )
    SELECT * FROM step
) AS found)"""
_PAGE = """{drawers}
SELECT number.id FROM (
    SELECT drawer.*, head.state_since AS came, head.id AS first FROM drawer, LATERAL (
        SELECT state_since, id FROM inventory_phonenumber WHERE {inside} ORDER BY {order} LIMIT 1
    ) AS head
    WHERE {fitting} ORDER BY came {way}, first {way} LIMIT %(limit)s
) AS drawer, LATERAL (
    SELECT state_since, id FROM inventory_phonenumber WHERE {inside} ORDER BY {order} LIMIT %(limit)s
) AS number
ORDER BY number.state_since {way}, number.id {way} LIMIT %(limit)s
"""
_COUNT = """{drawers}
SELECT count(*) FROM (
    SELECT FROM drawer, LATERAL (SELECT FROM inventory_phonenumber WHERE {inside} LIMIT %(limit)s) AS number
    WHERE {fitting} LIMIT %(limit)s
) AS counted
"""


def page(wanted: Wanted, *, limit: int, after: Place | None = None, rising: bool = False) -> list[int]:
    """Ids of up to `limit` numbers, those first that came into their state last; `rising`: those that wait longest.

    `after` is where the page before ended, in that order.
    """
    return [pk for (pk,) in _ask(_PAGE, wanted, limit, after, rising)]


def count(wanted: Wanted, *, limit: int = COUNTED) -> int:
    """How many there are; no further than `limit`."""
    return int(_ask(_COUNT, wanted, limit, None, rising=False)[0][0])


def matching(wanted: Wanted) -> Q:
    """The same as a condition, for a handful of numbers that were found otherwise."""
    asked = {
        "state": wanted.state or None,
        "country": wanted.country or None,
        "number_type": wanted.number_type or None,
        "blocked": wanted.blocked,
        "state_since__gte": wanted.since,
        "state_since__lt": wanted.until,
    }
    condition = Q(**{name: value for name, value in asked.items() if value is not None})
    if wanted.provider is not None:
        condition &= Q(provider=wanted.provider) if wanted.provider != OWN else Q(provider=None)
    return condition & Q(capabilities__in=supersets(wanted.carries)) if wanted.carries else condition


def in_order(ids: Sequence[int], numbers: Any) -> list[PhoneNumber]:
    """The rows of a page, of this query set, in the order of the page."""
    found = {number.pk: number for number in numbers.filter(pk__in=ids).order_by()}
    return [found[pk] for pk in ids if pk in found]


def _ask(form: str, wanted: Wanted, limit: int, after: Place | None, rising: bool) -> list[Any]:
    conditions, values = _inside(wanted, after, rising)
    fitting, more = _fitting(wanted)
    way = "ASC" if rising else "DESC"
    statement = form.format(
        drawers=_drawers(wanted), inside=conditions, fitting=fitting, way=way, order=f"state_since {way}, id {way}"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, {"limit": limit, **values, **more})
        return list(cursor.fetchall())


def _drawers(wanted: Wanted) -> str:
    """The names of the drawers: state by state, of a country, or of a type in it, where those are asked for.

    What is asked for is left out of the comparison: PostgreSQL begins at what is equal, and would then read all drawers
    before the one it was at.
    """
    fixed = [name for name in ("country", "number_type") if wanted.country and getattr(wanted, name)]
    free = [(key, name) for key, name in zip(_KEY, _NAMES, strict=True) if name not in fixed]
    return _DRAWERS.format(
        named=", ".join(f"{key} AS {name}" for key, name in zip(_KEY, _NAMES, strict=True)),
        key=", ".join(key for key, _ in free),
        step=", ".join(f"step.{name}" for _, name in free),
        within=" AND ".join(["state = wanted.state", *(f"{name} = %({name})s" for name in fixed)]),
    )


def _inside(wanted: Wanted, after: Place | None, rising: bool) -> tuple[str, dict[str, Any]]:
    """Which numbers of a drawer."""
    conditions = ["state = drawer.state"]
    conditions += [f"{key} = drawer.{name}" for key, name in zip(_KEY, _NAMES, strict=True)]
    conditions += ["state_since >= %(since)s"] if wanted.since else []
    conditions += ["state_since < %(until)s"] if wanted.until else []
    conditions += [f"(state_since, id) {'>' if rising else '<'} (%(came)s, %(last)s)"] if after else []
    place = {"came": after.since, "last": after.pk} if after else {}
    return " AND ".join(conditions), {"since": wanted.since, "until": wanted.until, **place}


def _fitting(wanted: Wanted) -> tuple[str, dict[str, Any]]:
    """Which drawers."""
    asked = {
        "country": wanted.country or None,
        "number_type": wanted.number_type or None,
        "provider": wanted.provider,
        "blocked": wanted.blocked,
    }
    conditions = [f"drawer.{name} = %({name})s" for name, value in asked.items() if value is not None]
    conditions += ["drawer.capabilities = ANY(%(masks)s)"] if wanted.carries else []
    masks = supersets(wanted.carries) if wanted.carries else []
    states = [wanted.state] if wanted.state else State.values
    return " AND ".join(conditions) or "true", {**asked, "masks": masks, "states": states}
