"""Which numbers in service hang on a customer's papers: a question to the room above, which answers through this port.

`compliance` doesn't know numbers; `inventory` does, and registers its answer when it starts (`inventory.apps`).
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol


class Holdings(Protocol):
    """Who knows the numbers. A SID without numbers is absent from the answer; numbers are E.164 with the plus sign."""

    def numbers_on(self, bundle_sids: Collection[str]) -> Mapping[str, Sequence[str]]:
        """Numbers in service that hang on each of these bundles."""

    def numbers_at(self, address_sids: Collection[str]) -> Mapping[str, Sequence[str]]:
        """Numbers in service that refer to each of these addresses, be it for emergency calls."""

    def emergency_numbers_at(self, address_sids: Collection[str]) -> Mapping[str, Sequence[str]]:
        """Numbers in service whose emergency calls are sent to each of these addresses."""


_held: list[Holdings] = []


def answered_by(holdings: Holdings) -> None:
    """From now on these are asked."""
    _held[:] = [holdings]


def numbers_on(bundle_sids: Collection[str]) -> Mapping[str, Sequence[str]]:
    """Numbers in service by the SID of the bundle that they hang on.

    The answer is as of now. Who acts on "none" (deleting a bundle) locks the bundle's row first, as does who hangs a
    number on it.
    """
    return _holdings().numbers_on(bundle_sids)


def numbers_at(address_sids: Collection[str]) -> Mapping[str, Sequence[str]]:
    """Numbers in service by the SID of the address that they refer to; for locks see `numbers_on`."""
    return _holdings().numbers_at(address_sids)


def emergency_numbers_at(address_sids: Collection[str]) -> Mapping[str, Sequence[str]]:
    """Numbers in service by the SID of the address for their emergency calls; for locks see `numbers_on`."""
    return _holdings().emergency_numbers_at(address_sids)


def _holdings() -> Holdings:
    """Never "nobody knows, so there are none": something would be deleted that a number hangs on."""
    if not _held:
        raise RuntimeError("Nobody answers for the numbers: compliance.holdings.answered_by was not called")
    return _held[0]
