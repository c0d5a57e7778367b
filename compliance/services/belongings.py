"""What belongs to a person: the bundles, papers and addresses of an end user, and what of it others need too.

Asked by erasure (locked), by retention and by export.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast

from django.db import transaction
from django.db.models import QuerySet

from compliance.models import Address, Bundle, EndUser, ItemAssignment, SupportingDocument
from compliance.services import locks

Paper = EndUser | SupportingDocument | Address | Bundle


@dataclass(frozen=True)
class Belongings:
    """`shared`: SIDs of papers and addresses of theirs that belong to somebody else as well."""

    end_users: list[EndUser] = field(default_factory=list)
    documents: list[SupportingDocument] = field(default_factory=list)
    addresses: list[Address] = field(default_factory=list)
    bundles: list[Bundle] = field(default_factory=list)
    shared: list[str] = field(default_factory=list)

    def __iter__(self) -> Iterator[Paper]:
        for kind in (self.bundles, self.end_users, self.documents, self.addresses):
            yield from cast("list[Paper]", kind)

    @property
    def sids(self) -> list[str]:
        """Of all of it."""
        return [paper.sid for paper in self]


def of(paper: Paper) -> Belongings:
    """An end user with everything that is only theirs; any other paper by itself."""
    return _found(paper, lock=False)


def held(paper: Paper) -> Belongings:
    """The same, locked until the transaction ends, in the order of `compliance.services.locks`.

    Bundles come first; what was put into one more of them before the papers were locked, is begun anew.
    """
    while True:
        start = transaction.savepoint()
        bundles = locks.in_order(_bundles_with(paper))
        found = _found(paper, lock=True)
        if not _bundles_with(paper).exclude(pk__in=bundles).exists():
            return found
        transaction.savepoint_rollback(start)  # lets go of all that was locked since


def _bundles_with(paper: Paper) -> QuerySet[Bundle]:
    """That hold it, or held it."""
    match paper:
        case EndUser():
            return Bundle.objects.filter(items__end_user=paper)
        case SupportingDocument():
            return Bundle.objects.filter(items__document=paper)
        case Address():
            return Bundle.objects.filter(items__document__addresses=paper)
        case Bundle():
            return Bundle.objects.filter(pk=paper.pk)


def _found(paper: Paper, *, lock: bool) -> Belongings:
    match paper:
        case EndUser():
            return _of_end_user(paper, lock)
        case SupportingDocument():
            return Belongings(documents=_rows(SupportingDocument.objects.filter(pk=paper.pk), lock))
        case Address():
            return Belongings(addresses=_rows(Address.objects.filter(pk=paper.pk), lock))
        case Bundle():
            return Belongings(bundles=_rows(Bundle.objects.filter(pk=paper.pk), lock))


def _of_end_user(end_user: EndUser, lock: bool) -> Belongings:
    bundles = _bundles_of(end_user)
    end_users = _rows(EndUser.objects.filter(pk=end_user.pk), lock)
    papers = SupportingDocument.objects.filter(assignments__bundle__in=bundles)
    elsewhere = ItemAssignment.objects.filter(ended_at=None, bundle__deleted_at=None).exclude(bundle__in=bundles)
    documents, shared_papers = _parted(papers, papers.filter(assignments__in=elsewhere), lock)
    places = Address.objects.filter(documents__in=papers)
    others = SupportingDocument.objects.filter(erased_at=None, deleted_at=None).exclude(
        pk__in=[d.pk for d in documents]
    )
    addresses, shared_places = _parted(places, places.filter(documents__in=others), lock)
    return Belongings(
        end_users=end_users,
        documents=documents,
        addresses=addresses,
        bundles=_rows(bundles, lock),
        shared=shared_papers + shared_places,
    )


def _bundles_of(end_user: EndUser) -> QuerySet[Bundle]:
    """Those that have, or last had, this end user; not those that hold somebody else now."""
    somebody_else = ItemAssignment.objects.filter(ended_at=None, end_user__isnull=False).exclude(end_user=end_user)
    return Bundle.objects.filter(items__end_user=end_user).exclude(items__in=somebody_else)


def _parted(mine: "QuerySet[Any]", shared: "QuerySet[Any]", lock: bool) -> tuple[list[Any], list[str]]:
    """What is only theirs, and the SIDs of the rest."""
    kept = {row.pk: row.sid for row in shared}
    return _rows(mine.exclude(pk__in=kept), lock), sorted(set(kept.values()))


def _rows(rows: "QuerySet[Any]", lock: bool) -> list[Any]:
    """In the order of their ids, each once: two that lock the same rows wait for each other and for nothing else."""
    model = rows.model._default_manager
    chosen = model.filter(pk__in=rows.values("pk"), erased_at=None).order_by("pk").select_related("account")
    return list(chosen.select_for_update(no_key=True, of=("self",)) if lock else chosen)
