"""A page of search results in the customer's words, and the link to the next one."""

from typing import Any, NamedTuple

from django.core import signing

from accounts.models import Account
from compliance.asked import Asked
from inventory.search import stock
from inventory.search.criteria import Criteria
from inventory.search.offered import offered
from inventory.search.stock import Position, StockRow
from inventory.search.terms import Price, terms_of
from numbering.countries import name_of
from numbering.e164 import E164
from numbering.types import capability_names

PAGE = 20
_SALT = "portal.search"


class Found(NamedTuple):
    """One number on sale."""

    number: E164
    place: str
    carries: list[str]
    price: Price | None


class Results(NamedTuple):
    """`asked`: what is asked of the buyer, `in_words` too. `following` is a token for the next page, empty on the last
    one; `not_sold` says so, where the kind is not."""

    rows: list[Found]
    asked: Asked
    in_words: str
    following: str
    not_sold: str


class BadToken(ValueError):
    """The token was not ours, or belongs to another search."""


def find(criteria: Criteria, *, account: Account, token: str = "") -> Results:
    """The page that `token` names, the first without one. Raises BadToken."""
    terms = terms_of(criteria.country, criteria.number_type)
    try:
        page = stock.search(criteria, account=account, size=PAGE, after=_position(token))
    except stock.BadPosition as error:
        raise BadToken(str(error)) from None
    rows = [
        Found(E164(row.e164), _place(row), capability_names(row.capabilities), terms.price(row.provider))
        for row in page.rows
    ]
    following = signing.dumps(page.following, salt=_SALT, compress=True) if page.following else ""
    return Results(rows, terms.asked, in_words(terms.asked), following, "" if rows else _not_sold(criteria))


def in_words(asked: Asked) -> str:
    """What a customer must have before such a number is assigned."""
    if not asked.is_known:
        return "What is asked for this kind of number is not known yet, so nobody can have one: ask the operator."
    address = f"an address ({asked.address_requirement})" if asked.needs_address else ""
    bundle = "an approved bundle of papers" if asked.needs_bundle else ""
    needed = " and ".join(filter(None, (address, bundle)))
    if not needed:
        return "No papers are asked for this kind of number."
    unsure = "" if asked.confirmed else " The rule is not confirmed: an operator decides on your papers."
    return f"This kind of number takes {needed}. To hold it takes neither.{unsure}"


def _not_sold(criteria: Criteria) -> str:
    """As the API says it; nothing where the kind is sold and only the filters let none through."""
    sold = offered().get(criteria.country, ())
    if criteria.number_type in sold:
        return ""
    others = ", ".join(str(each.label) for each in sold)
    return f"{criteria.number_type.label} numbers are not sold in {name_of(criteria.country)}; sold are: {others}."


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
    return ", ".join(part for part in parts if part)
