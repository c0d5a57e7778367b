"""What `compliance.tenures` asks us: which numbers ever hung on a bundle or referred to an address, and when."""

from collections.abc import Collection, Iterator
from datetime import datetime

from django.db.models import Q

from compliance.tenures import Tenure
from inventory.lifecycle import State
from inventory.models import Assignment, Did


class AssignmentTenures:
    """The answer from the assignments of the DIDs, ended ones too."""

    def of(self, bundle_sids: Collection[str], address_sids: Collection[str]) -> Iterator[Tenure]:
        """In the order in which the numbers were first assigned to their DIDs."""
        asked = {"bundle_sid": bundle_sids, "address_sid": address_sids, "emergency_address_sid": address_sids}
        dids = {did for column, sids in asked.items() for did in _dids(column, set(sids))}
        rows = Assignment.objects.filter(did__in=dids).select_related("did", "number", "account").order_by("pk")
        for row in rows:
            yield Tenure(
                number=f"+{row.number.e164}",
                account_sid=row.account.sid,
                bundle_sid=row.did.bundle_sid,
                address_sid=row.did.address_sid or row.did.emergency_address_sid,
                since=row.valid.lower,
                until=row.valid.upper,
                reclaimable_until=_reclaimable_until(row),
            )


def _dids(column: str, sids: set[str]) -> Iterator[int]:
    """Ended ones and those in service lie in two indexes, which leave out the many that name no papers."""
    named = Did.objects.filter(~Q(**{column: ""}), **{f"{column}__in": sids})
    for is_over in (True, False):
        yield from named.filter(ended_at__isnull=not is_over).values_list("pk", flat=True)


def _reclaimable_until(row: Assignment) -> datetime | None:
    """Only the last holder of a released number may have it back."""
    if row.number.state != State.RELEASED or row.did.ended_at is None:
        return None
    newer = Assignment.objects.filter(number=row.number, valid__startswith__gt=row.valid.lower)
    return None if newer.exists() else row.number.due_at
