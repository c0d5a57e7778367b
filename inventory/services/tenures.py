"""What `compliance.tenures` asks us: which numbers ever hung on a bundle or referred to an address, and when."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import NamedTuple

from django.db.models import Q

from compliance.tenures import Tenure
from inventory.lifecycle import State
from inventory.models import Assignment, Did, PastPapers


class _Papers(NamedTuple):
    """On which papers an assignment hung from an instant to another; `until` None: it still does."""

    bundle_sid: str
    addresses: tuple[str, ...]
    since: datetime
    until: datetime | None
    were_last: bool  # when the assignment ended, or now


class AssignmentTenures:
    """The answer from the assignments of the DIDs, ended ones too, and from the papers that they hung on before.

    The address for emergency calls is known of the present alone: triggers do not keep what it was.
    """

    def of(self, bundle_sids: Collection[str], address_sids: Collection[str]) -> Iterator[Tenure]:
        """In the order in which the numbers were assigned, and then in that of the papers."""
        bundles, addresses = set(bundle_sids), set(address_sids)
        dids = _dids(bundles, addresses)
        past = _past(dids)
        rows = Assignment.objects.filter(did__in=dids).select_related("did", "number", "account").order_by("pk")
        for row in rows:
            for papers in _papers(row, past[row.did_id, row.account_id]):
                if papers.bundle_sid in bundles or not addresses.isdisjoint(papers.addresses):
                    yield _tenure(row, papers)


def _tenure(row: Assignment, papers: _Papers) -> Tenure:
    return Tenure(
        number=f"+{row.number.e164}",
        account_sid=row.account.sid,
        bundle_sid=papers.bundle_sid,
        address_sid=next(filter(None, papers.addresses), ""),
        since=papers.since,
        until=papers.until,
        reclaimable_until=_reclaimable_until(row) if papers.were_last else None,
    )


def _papers(row: Assignment, past: list[PastPapers]) -> Iterator[_Papers]:
    """From change to change: the papers of an instant are those of the first row that ended after it, else the DID's.

    `past`: the rows of the assignment's DID and account, so that a transfer shows nobody the papers of another.
    """
    since, until = row.valid.lower, row.valid.upper
    for each in past:
        if each.until <= since:
            continue
        is_last = until is not None and each.until >= until
        end = until if is_last else each.until
        yield _Papers(each.bundle_sid, (each.address_sid,), since, end, is_last)
        if is_last:
            return
        since = each.until
    did = row.did
    if did.account_id == row.account_id:
        yield _Papers(did.bundle_sid, (did.address_sid, did.emergency_address_sid), since, until, were_last=True)


def _past(dids: Collection[int]) -> dict[tuple[int, int], list[PastPapers]]:
    found: dict[tuple[int, int], list[PastPapers]] = defaultdict(list)
    for row in PastPapers.objects.filter(did__in=dids).order_by("until", "pk"):
        found[row.did_id, row.account_id].append(row)
    return found


def _dids(bundles: set[str], addresses: set[str]) -> set[int]:
    """Those that hang, or ever hung, on one of these."""
    asked = {"bundle_sid": bundles, "address_sid": addresses, "emergency_address_sid": addresses}
    found = {did for column, sids in asked.items() for did in _named(column, sids)}
    for column in ("bundle_sid", "address_sid"):
        named = PastPapers.objects.filter(~Q(**{column: ""}), **{f"{column}__in": asked[column]})
        found.update(named.values_list("did_id", flat=True))
    return found


def _named(column: str, sids: set[str]) -> Iterator[int]:
    """Ended ones and those in service lie in two indexes, which leave out the many that name no papers."""
    named = Did.objects.filter(~Q(**{column: ""}), **{f"{column}__in": sids})
    for is_over in (True, False):
        yield from named.filter(ended_at__isnull=not is_over).values_list("pk", flat=True)


def _reclaimable_until(row: Assignment) -> datetime | None:
    """Only the last holder of a released number may have it back."""
    if row.number.state != State.RELEASED or row.did.ended_at is None:
        return None
    newer = Assignment.objects.of_number(row.number_id).filter(valid__startswith__gt=row.valid.lower)
    return None if newer.exists() else row.number.due_at
