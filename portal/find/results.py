"""A page of search results in the customer's words, and the link to the next one."""

from math import asin, cos, radians, sin, sqrt
from typing import Any, NamedTuple

from django.core import signing
from django.utils.translation import gettext as _

from accounts.models import Account
from inventory.search import stock
from inventory.search.criteria import Criteria, Near
from inventory.search.offered import offered
from inventory.search.stock import Position, StockRow
from inventory.search.terms import Price, terms_of
from numbering.countries import called
from numbering.e164 import E164, friendly_name
from portal.find.marking import Piece, Wanted, marked
from portal.find.words import TYPES, carried
from testing_lab.services.proved import Proved, in_short

PAGE = 20
_SALT = "portal.search"
_EARTH = 6371.0  # kilometres


class Found(NamedTuple):
    """One number on sale. `shown` in national format, with letters where a word was searched; `plain` without them.
    `km`: how far from the middle of the search."""

    number: E164
    shown: list[Piece]
    small: list[Piece]
    plain: str
    place: str
    km: float | None
    carries: list[str]
    price: Price | None
    proved: Proved | None
    delay: float | None
    quality: float | None
    is_new: bool


class Results(NamedTuple):
    """`following` is a token for the next page, empty on the last one; `not_sold` says so, where the kind is not."""

    rows: list[Found]
    following: str
    not_sold: str


class BadToken(ValueError):
    """The token was not ours, or belongs to another search."""


def find(criteria: Criteria, *, account: Account | None, wanted: Wanted | None = None, token: str = "") -> Results:
    """The page that `token` names, the first without one. Raises BadToken."""
    try:
        page = stock.search(criteria, account=account, size=PAGE, after=_position(token))
    except stock.BadPosition as error:
        raise BadToken(str(error)) from None
    proved = in_short([row.e164 for row in page.rows]) if page.rows else {}
    rows = [_found(row, criteria, wanted, proved.get(row.e164)) for row in page.rows]
    following = signing.dumps(page.following, salt=_SALT, compress=True) if page.following else ""
    return Results(rows, following, "" if rows else not_sold(criteria))


def _found(row: StockRow, criteria: Criteria, wanted: Wanted | None, proved: Proved | None) -> Found:
    plain = friendly_name(row.e164, criteria.country)
    return Found(
        number=E164(row.e164),
        shown=marked(plain, row.e164, wanted),
        small=marked(f"+{row.e164}", row.e164, wanted and wanted.as_digits),
        plain=plain,
        place=_place(row) or called(criteria.country),
        km=_km(criteria.near, row),
        carries=carried(row.capabilities),
        price=terms_of(criteria.country, criteria.number_type).price(row.provider),
        proved=proved,
        delay=row.post_dial_delay,
        quality=row.mos,
        is_new=row.beta,
    )


def not_sold(criteria: Criteria) -> str:
    """That this kind is not sold there, and which are; nothing where only the filters let none through."""
    sold = offered().get(criteria.country, ())
    if criteria.number_type in sold:
        return ""
    return _("%(type)s numbers are not sold in %(country)s; sold are: %(others)s.") % {
        "type": TYPES[criteria.number_type],
        "country": called(criteria.country),
        "others": ", ".join(str(TYPES[each]) for each in sold),
    }


def _position(token: str) -> Position | None:
    if not token:
        return None
    try:
        point, key = signing.loads(token, salt=_SALT)
    except signing.BadSignature as error:
        raise BadToken(str(error)) from None
    return Position(point, tuple(key))


def _place(row: StockRow) -> str:
    parts: list[Any] = [row.locality, row.region]
    return ", ".join(dict.fromkeys(part for part in parts if part))


def _km(near: Near | None, row: StockRow) -> float | None:
    """Great circle (haversine), as the search itself has it."""
    if near is None or row.latitude is None or row.longitude is None:
        return None
    up, across = radians(row.latitude - near.latitude), radians(row.longitude - near.longitude)
    half = sin(up / 2) ** 2 + cos(radians(row.latitude)) * cos(radians(near.latitude)) * sin(across / 2) ** 2
    return 2 * _EARTH * asin(min(1, sqrt(half)))
