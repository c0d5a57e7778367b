"""In which order rows are locked: bundles, then end users, papers, addresses; of each kind by id.

Whoever needs several of them takes them in this order and so never waits in a circle with somebody else. Until the
transaction ends they stay as they are; a change that came first is waited for, and seen by what is read then.
"""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from compliance.models import Address, Bundle, EndUser, SupportingDocument


def in_order(rows: "QuerySet[Any]") -> list[int]:
    """Lock rows of one kind, whatever joins they were found by, and return their ids."""
    chosen = rows.model._default_manager.filter(pk__in=rows.order_by().values("pk")).order_by("pk")
    return list(chosen.select_for_update(no_key=True, of=("self",)).values_list("pk", flat=True))


def content_of(bundle: Bundle) -> None:
    """Lock all that a bundle refers to. The caller has locked the bundle, so nothing comes to be added."""
    live = bundle.items.filter(ended_at=None)
    found: Iterable[QuerySet[Any]] = (
        EndUser.objects.filter(assignments__in=live),
        SupportingDocument.objects.filter(assignments__in=live),
        Address.objects.filter(documents__assignments__in=live),
    )
    for rows in found:
        in_order(rows)
