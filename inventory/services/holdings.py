"""What `compliance.holdings` asks us: which numbers in service hang on a bundle, which refer to an address."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from django.db.models import Q, QuerySet

from compliance.models import Address
from inventory.models import Did


class DidHoldings:
    """The answer from the DIDs that have not ended."""

    def numbers_on(self, bundle_sids: Collection[str]) -> Mapping[str, Sequence[str]]:
        """E.164 by SID of the bundle."""
        return _by("bundle_sid", bundle_sids)

    def numbers_at(self, address_sids: Collection[str]) -> Mapping[str, Sequence[str]]:
        """E.164 by SID of the address."""
        found = {sid: list(numbers) for sid, numbers in _by("address_sid", address_sids).items()}
        for sid, numbers in self.emergency_numbers_at(address_sids).items():
            found[sid] = sorted({*found.get(sid, ()), *numbers})
        return found

    def emergency_numbers_at(self, address_sids: Collection[str]) -> Mapping[str, Sequence[str]]:
        """E.164 by SID of the address for emergency calls."""
        return _by("emergency_address_sid", address_sids)


def dids_at(address: Address) -> "QuerySet[Did]":
    """The numbers in service that the address's own account has there, be it for emergency calls."""
    here = Q(address_sid=address.sid) | Q(emergency_address_sid=address.sid)
    return Did.objects.filter(here, account=address.account_id, ended_at=None)


def _by(column: str, sids: Collection[str]) -> Mapping[str, Sequence[str]]:
    wanted = {sid for sid in sids if sid}  # a blank one is on every number without
    if not wanted:
        return {}
    # Said of the blank one too: PostgreSQL sees of a hundred at most that the index without blank ones will do.
    rows = Did.objects.filter(~Q(**{column: ""}), **{f"{column}__in": wanted}, ended_at=None).order_by("number__e164")
    found: dict[str, list[str]] = defaultdict(list)
    for sid, e164 in rows.values_list(column, "number__e164"):
        found[sid].append(f"+{e164}")
    return dict(found)
