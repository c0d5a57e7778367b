"""Pages of a list, the newest first: `?before=` is the SID of the last row of the page before."""

from typing import Any, Generic, NamedTuple, TypeVar

from django.db.models import Model, QuerySet
from django.shortcuts import get_object_or_404

from portal.acting import CustomerRequest

SIZE = 20
Row = TypeVar("Row", bound=Model)


class Page(NamedTuple, Generic[Row]):
    """`before` leads to the next page; blank on the last one."""

    rows: list[Row]
    before: str


def page_of(request: CustomerRequest, rows: "QuerySet[Any]") -> "Page[Any]":
    """The page that the address names, of rows that are the account's. Raises Http404 for a SID that is not among
    them."""
    found = rows.order_by("-pk")
    if sid := request.GET.get("before"):
        found = found.filter(pk__lt=get_object_or_404(rows.values_list("pk", flat=True), sid=sid))
    page = list(found[: SIZE + 1])
    return Page(page[:SIZE], page[SIZE - 1].sid if len(page) > SIZE else "")
