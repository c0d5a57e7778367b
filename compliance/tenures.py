"""Which numbers ever hung on a customer's papers: asked of the room above, which answers through this port.

`compliance.holdings` says which do now. Here is the past as well: retention counts from the last release, erasure waits
until nobody may reclaim a number, and a person is told which numbers were theirs.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple, Protocol


class Tenure(NamedTuple):
    """One time that a number of an account hung on these papers: until it was put on others, or was no longer the
    account's. `until` None: it still does."""

    number: str
    account_sid: str
    bundle_sid: str
    address_sid: str
    since: datetime
    until: datetime | None
    reclaimable_until: datetime | None = None

    def is_over(self, at: datetime) -> bool:
        """Whether the number is neither in service nor to be had back by its last holder."""
        return self.until is not None and (self.reclaimable_until is None or self.reclaimable_until <= at)


class Tenures(Protocol):
    """Who knows the numbers' past."""

    def of(self, bundle_sids: Collection[str], address_sids: Collection[str]) -> Iterable[Tenure]:
        """Every time that a number hung on one of the bundles or referred to one of the addresses."""


_known: list[Tenures] = []


def answered_by(tenures: Tenures) -> None:
    """From now on these are asked."""
    _known[:] = [tenures]


def of(bundle_sids: Collection[str], address_sids: Collection[str]) -> list[Tenure]:
    """Every time that a number hung on one of the bundles or referred to one of the addresses, former ones too."""
    if not _known:  # never "nobody knows, so there are none": something would be erased that a number hangs on
        raise RuntimeError("Nobody answers for the numbers: compliance.tenures.answered_by was not called")
    return list(_known[0].of(bundle_sids, address_sids)) if bundle_sids or address_sids else []
