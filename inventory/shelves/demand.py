"""Recording what was asked for. A purchase counts when it is made; a wish that was not filled counts too, or a shelf
that stands empty would look as if nobody wanted anything.

What was found is counted when it is bought, never when it is held or listed: holding costs nothing, so whoever would
have us buy could hold all day. A wish names its account and counts once for each kind (the night: for each SKU) and
day, and an account has so many wishes a day.
"""

from typing import NamedTuple

from django.db import connection
from django.utils import timezone

from accounts.models import Account
from inventory.models import DemandKind, Did, PhoneNumber
from inventory.search.criteria import Criteria
from inventory.search.whereabouts import place_ids
from inventory.shelves.kinds import Kind
from numbering.areas import may_have, nanp_country
from numbering.types import NumberType

MOST_WISHES = 200  # of one account in a UTC day
MOST_UNITS = 10_000  # of one wish; the engine counts a hundred at most (its `BULK`), the rest is for people to read

_COLUMNS = (
    "key, country, number_type, area_code, place_id, capabilities, account_id, kind, units_requested, units_filled"
)
# What an account waited for counted when it asked. Of its entry's numbers the first did not: as many as were on sale.
_WAITED_FOR = """EXISTS (
    SELECT FROM inventory_waitlistoffer AS offer
    JOIN inventory_waitlistserving AS serving ON serving.id = offer.serving_id
    JOIN inventory_waitlistentry AS entry ON entry.id = serving.entry_id
    WHERE offer.number_id = number.id AND entry.account_id = {account} AND entry.quantity - entry.counted < (
        SELECT count(*) FROM inventory_waitlistoffer AS earlier
        JOIN inventory_waitlistserving AS before ON before.id = earlier.serving_id
        WHERE before.entry_id = entry.id AND earlier.id <= offer.id
    )
)"""
_BOUGHT = f"""
    INSERT INTO inventory_demandevent ({_COLUMNS})
    SELECT %(key)s, number.country, number.number_type, number.area_code, number.place_id, number.capabilities, NULL,
        %(kind)s, 1, 1
    FROM inventory_phonenumber AS number
    WHERE number.id = %(number)s AND NOT {_WAITED_FOR.format(account="%(account)s")}
    ON CONFLICT (key) DO NOTHING
"""  # noqa: S608 - our own words
# A hundred purchases out of one basket are one order of a hundred, on each day: a day that is closed stays as it is.
_OUT_OF_A_BASKET = f"""
    INSERT INTO inventory_demandevent ({_COLUMNS})
    SELECT concat_ws(':', 'basket', basket.sid, (now() AT TIME ZONE 'UTC')::date,
            number.country, number.number_type, number.area_code, coalesce(number.place_id, 0), number.capabilities),
        number.country, number.number_type, number.area_code, number.place_id, number.capabilities, NULL, %(kind)s, 1, 1
    FROM inventory_phonenumber AS number
    JOIN inventory_hold AS hold ON hold.number_id = number.id AND hold.ended_at IS NOT NULL
    JOIN inventory_reservation AS basket ON basket.id = hold.reservation_id
    WHERE number.id = %(number)s AND NOT {_WAITED_FOR.format(account="basket.account_id")}
    ORDER BY hold.ended_at DESC LIMIT 1
    ON CONFLICT (key) DO UPDATE SET
        units_requested = inventory_demandevent.units_requested + 1,
        units_filled = inventory_demandevent.units_filled + 1
"""  # noqa: S608 - our own words
_WISH = f"""
    INSERT INTO inventory_demandevent AS told ({_COLUMNS})
    SELECT %(key)s, %(country)s, %(number_type)s, %(area_code)s, %(place)s, %(capabilities)s, %(account)s, %(kind)s,
        %(units)s, 0
    WHERE (SELECT count(*) FROM inventory_demandevent WHERE account_id = %(account)s AND at >= %(today)s) < %(most)s
    ON CONFLICT (key) DO UPDATE SET units_requested = excluded.units_requested
    WHERE told.units_requested < excluded.units_requested
"""  # noqa: S608 - likewise


class Asked(NamedTuple):
    """What somebody asked for: a blank area code and no place mean anywhere, a mask of 0 whatever it carries."""

    country: str
    number_type: NumberType
    kind: Kind = Kind("", None, 0)


def bought(did: Did, number: PhoneNumber) -> None:
    """A number was sold. Call it in the transaction of the sale: one INSERT. What its buyer waited for has counted."""
    key = f"purchase:{did.sid}"
    with connection.cursor() as cursor:
        cursor.execute(
            _BOUGHT, {"key": key, "kind": DemandKind.PURCHASE, "number": number.pk, "account": did.account_id}
        )


def bought_out_of_a_basket(number: PhoneNumber) -> None:
    """A number that was held was sold to its holder. Call it last in the transaction of the sale, after the hold was
    used up: purchases out of one basket meet at this row."""
    with connection.cursor() as cursor:
        cursor.execute(_OUT_OF_A_BASKET, {"kind": DemandKind.BASKET, "number": number.pk})


def wished(account: Account, asked: Asked, units: int, how: DemandKind) -> None:
    """So many more were wanted than there were. Call it outside the transaction that the refusal undoes: one INSERT.

    Told again on the same day it counts once, with the most units that were told.
    """
    today, kind = timezone.now().date(), asked.kind
    key = f"{how}:{account.sid}:{today}:{asked.country}:{asked.number_type}:"
    key += f"{kind.area_code}:{kind.place_id or 0}:{kind.capabilities}"
    with connection.cursor() as cursor:
        cursor.execute(
            _WISH,
            {
                "key": key,
                "country": asked.country,
                "number_type": asked.number_type,
                "area_code": kind.area_code,
                "place": kind.place_id,
                "capabilities": kind.capabilities,
                "account": account.pk,
                "kind": how,
                "units": min(units, MOST_UNITS),
                "today": today,
                "most": MOST_WISHES,
            },
        )


def refused_in_area(account: Account, area_code: str, needed: int) -> None:
    """A purchase by a NANP area code found none that will do. An area code that is nobody's is no demand."""
    if country := nanp_country(area_code):
        wished(account, Asked(country, NumberType.LOCAL, Kind(area_code, None, needed)), 1, DemandKind.ATTEMPT)


def not_enough(account: Account, criteria: Criteria, units: int, how: DemandKind = DemandKind.SEARCH) -> bool:
    """A search for a quantity found so many fewer; whether that is demand. What no shelf can promise is none: a
    pattern, a circle, a region, a name of several places, an age of the passport."""
    if criteria.pattern or criteria.region or criteria.near or criteria.asks_for_papers:
        return False
    places, area_code = place_ids(criteria), criteria.area_code or ""
    if places is not None and len(places) != 1:
        return False
    if not may_have(criteria.country, criteria.number_type, area_code):
        return False
    kind = Kind(area_code, next(iter(places), None) if places else None, criteria.capabilities)
    wished(account, Asked(criteria.country, criteria.number_type, kind), units, how)
    return True


def refused_basket(account: Account, missing: list[int]) -> None:
    """A reservation was refused for the sake of these numbers (digits). What we never had tells nothing of its kind."""
    rows = PhoneNumber.objects.live().filter(e164__in=missing)
    wanted: dict[Asked, int] = {}
    for number in rows.only("country", "number_type", "area_code", "place_id", "capabilities"):
        asked = Asked(number.country, NumberType(number.number_type), Kind.of(number))
        wanted[asked] = wanted.get(asked, 0) + 1
    for asked, units in wanted.items():
        wished(account, asked, units, DemandKind.RESERVATION)
