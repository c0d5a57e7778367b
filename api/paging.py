"""Pages of a list: signed keyset tokens, v2010's envelope and the `meta` one of the other APIs.

A token holds the sort key of the row beside the page, so a page stays put while rows come and go, and page 1000 costs
what page 1 costs. It is signed and bound to its list, so it can't be made up or taken elsewhere (21481).
"""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Self, TypedDict
from urllib.parse import urlencode

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db.models import Q, QuerySet
from rest_framework.request import Request

from api.errors import Refusal

DEFAULT_SIZE = 50
MAX_SIZE = 1000
MAX_PAGE = 999_999_999
_CONTROLS = ("Page", "PageSize", "PageToken")
_WHOLE = re.compile(r"-?[0-9]{1,4000}")  # Python reads no longer ones


class Mark(NamedTuple):
    """Where a page starts: just after (or, going back, just before) the row with this sort key (JSON values)."""

    key: list[Any]
    backwards: bool = False


class PageQuery(NamedTuple):
    """What the client asked for. `number` is informational; the mark decides."""

    size: int = DEFAULT_SIZE
    number: int = 0
    mark: Mark | None = None

    @classmethod
    def of(cls, request: Request) -> Self:
        """Read PageSize (1 to 1000), Page and PageToken. Raises Refusal 20007, 20001 or 21481."""
        query = request.query_params
        size = _whole("PageSize", query.get("PageSize", str(DEFAULT_SIZE)), least=1)
        if size > MAX_SIZE:
            raise Refusal(20007, f"PageSize is over the limit of {MAX_SIZE}")
        number = _whole("Page", query.get("Page", "0"), least=0)
        if number > MAX_PAGE:
            raise Refusal(20001, f"Invalid parameter Page: at most {MAX_PAGE}")
        token = query.get("PageToken", "")
        return cls(size, number, _opened(token, request.path_info) if token else None)


class Rows(NamedTuple):
    """One page of rows in their order, and the marks of its neighbours (None: there is none)."""

    items: Sequence[Any]
    following: Mark | None = None
    preceding: Mark | None = None


def _whole(name: str, text: str, *, least: int) -> int:
    if not _WHOLE.fullmatch(text):
        raise Refusal(20001, f"Invalid parameter {name}: expected a whole number")
    if int(text) < least:
        raise Refusal(20001, f"Invalid parameter {name}: at least {least}")
    return int(text)


def _opened(token: str, path: str) -> Mark:
    try:
        key, backwards = Signer(salt=f"page:{path}").unsign_object(token)
    except (BadSignature, ValueError):
        raise Refusal(21481) from None
    return Mark(key, backwards)


def _token(mark: Mark, path: str) -> str:
    return Signer(salt=f"page:{path}").sign_object([mark.key, mark.backwards])


def newest_first(rows: QuerySet[Any], page: PageQuery) -> Rows:
    """A page of rows ordered by descending id: the keyset query of all lists that have no order of their own."""
    backwards = page.mark is not None and page.mark.backwards
    if page.mark:
        rows = rows.filter(**{"id__gt" if backwards else "id__lt": page.mark.key[0]})
    found = list(rows.order_by("id" if backwards else "-id")[: page.size + 1])
    return cut(found, page, key=lambda row: row.pk)


def by_column(rows: QuerySet[Any], page: PageQuery, column: str, *, ascending: bool = False) -> Rows:
    """A page of rows ordered by a column and, where that is equal, by id. NULL comes behind every value.

    The index of the column serves it: PostgreSQL sorts NULL the same way. Raises Refusal 21481 for a token of a list
    in another order.
    """
    backwards = page.mark is not None and page.mark.backwards
    up = ascending != backwards
    if page.mark:
        rows = rows.filter(_beyond(_position(page.mark, column, ascending), column, up))
    order = (column, "id") if up else (f"-{column}", "-id")
    found = list(rows.order_by(*dict.fromkeys(order))[: page.size + 1])

    def key(row: Any) -> list[Any]:
        return [column, ascending, _as_json(getattr(row, column)), row.pk]

    return cut(found, page, key=key)


def _position(mark: Mark, column: str, ascending: bool) -> tuple[Any, int]:
    """The value and the id of the row at a mark."""
    match mark.key:
        case [[of, direction, value, int(pk)]] if (of, direction) == (column, ascending):
            return value, pk
    raise Refusal(21481)


def _beyond(position: tuple[Any, int], column: str, up: bool) -> Q:
    """What lies beside the position: behind it in ascending order, or before it."""
    value, pk = position
    aside = Q(pk__gt=pk) if up else Q(pk__lt=pk)
    if column == "id":
        return aside
    if value is None:
        return Q(**{f"{column}__isnull": True}) & aside | (Q() if up else Q(**{f"{column}__isnull": False}))
    further = Q(**{f"{column}__gt" if up else f"{column}__lt": value}) | Q(**{column: value}) & aside
    return further | Q(**{f"{column}__isnull": True}) if up else further


def _as_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def in_order(keys: Iterable[str], page: PageQuery) -> Rows:
    """A page of a short list, all of which is at hand: of its keys, ascending."""
    if page.mark is None:
        return cut(sorted(keys), page, key=str)
    beside = page.mark.key[0]
    if page.mark.backwards:
        return cut(sorted((key for key in keys if key < beside), reverse=True), page, key=str)
    return cut(sorted(key for key in keys if key > beside), page, key=str)


def cut(found: Sequence[Any], page: PageQuery, *, key: Callable[[Any], Any]) -> Rows:
    """The page that begins what was found beside its mark, in the direction of the mark. More of it: one goes on."""
    backwards = page.mark is not None and page.mark.backwards
    more = len(found) > page.size
    items = found[page.size - 1 :: -1] if backwards else found[: page.size]
    return Rows(
        items,
        following=Mark([key(items[-1])]) if items and (more or backwards) else None,
        preceding=Mark([key(items[0])], backwards=True) if items and page.mark and (more or not backwards) else None,
    )


class V2010Page(TypedDict):
    """A page, beside its rows. No key but these: another one breaks twilio-python."""

    first_page_uri: str
    end: int
    previous_page_uri: str | None
    uri: str
    page_size: int
    start: int
    next_page_uri: str | None
    page: int


class MetaBody(TypedDict):
    """Where a page stands in its list; `key` names its rows."""

    page: int
    page_size: int
    first_page_url: str
    previous_page_url: str | None
    url: str
    next_page_url: str | None
    key: str


def v2010(request: Request, page: PageQuery, name: str, rows: Rows, payload: Callable[[Any], Any]) -> dict[str, Any]:
    """The list envelope of v2010 (`V2010Page` and the rows): relative URIs."""
    start = page.number * page.size
    return {
        "first_page_uri": _uri(request, page, 0, None),
        "end": start + max(len(rows.items) - 1, 0),
        "previous_page_uri": rows.preceding and _uri(request, page, max(page.number - 1, 0), rows.preceding),
        "uri": request._request.get_full_path_info(),
        "page_size": page.size,
        "start": start,
        "next_page_uri": rows.following and _uri(request, page, page.number + 1, rows.following),
        "page": page.number,
        name: [payload(item) for item in rows.items],
    }


def meta(request: Request, page: PageQuery, name: str, rows: Rows, payload: Callable[[Any], Any]) -> dict[str, Any]:
    """The list envelope of the other APIs: absolute URLs on our public origin, never on a Host that a client names."""
    origin = settings.PUBLIC_URL + request._request.path.removesuffix(request.path_info)

    def url(number: int, mark: Mark | None) -> str:
        return origin + _uri(request, page, number, mark)

    about: MetaBody = {
        "page": page.number,
        "page_size": page.size,
        "first_page_url": url(0, None),
        "previous_page_url": rows.preceding and url(max(page.number - 1, 0), rows.preceding),
        "url": origin + request._request.get_full_path_info(),
        "next_page_url": rows.following and url(page.number + 1, rows.following),
        "key": name,
    }
    return {"meta": about, name: [payload(item) for item in rows.items]}


def _uri(request: Request, page: PageQuery, number: int, mark: Mark | None) -> str:
    """The list's path (without a deployment's prefix) with its filters, and the controls of another page."""
    asked = [
        (name, value) for name, values in request.query_params.lists() for value in values if name not in _CONTROLS
    ]
    controls = [("PageSize", str(page.size)), ("Page", str(number))]
    token = [("PageToken", _token(mark, request.path_info))] if mark else []
    return f"{request.path_info}?{urlencode(asked + controls + token)}"
