"""What every provider can do for us, and the three ways in which it may fail.

A provider is one folder beside this file and one line in settings.PROVIDER_ADAPTERS.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Protocol, runtime_checkable

from numbering.e164 import E164
from numbering.types import Capability, NumberType


class ProviderError(Exception):
    """Something went wrong at the provider; the message is fit to be shown to staff."""


class ProviderRefused(ProviderError):
    """Permanent: it understood, and will say no again. Nothing happened there.

    `not_there` says that its catalogue was wrong: what it listed is not for sale, or not as listed. Every other refusal
    is about us: papers, money, rules.
    """

    def __init__(self, message: str, *, not_there: bool = False) -> None:
        super().__init__(message)
        self.not_there = not_there


class ProviderUnavailable(ProviderError):
    """Temporary: nothing happened there, try again, no earlier than in `retry_after` seconds if it said so.

    A question that got no readable answer is this too: asking never changes anything.
    """

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ProviderUncertain(ProviderError):
    """Ambiguous: the request may have been carried out. Ask by key before anything else."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A kind of number; a blank area code means anywhere in the country."""

    country: str
    number_type: NumberType
    area_code: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """One number that the provider says it can sell. `monthly_cost` is what it charges us."""

    number: E164
    country: str
    number_type: NumberType
    capabilities: Capability
    locality: str
    region: str
    monthly_cost: Decimal
    currency: str


class LineStatus(StrEnum):
    """What has become of one number of an order, at the provider."""

    PENDING = "pending"
    FILLED = "filled"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One number of an order; `reason` says why it was refused, and `not_there` that its catalogue was wrong."""

    number: E164
    status: LineStatus
    reason: str = ""
    not_there: bool = False


@dataclass(frozen=True, slots=True)
class OrderStatus:
    """An order as the provider sees it. `reference` is its name for the order, `key` is ours.

    `settled` says that nothing more will come of it, whatever its lines look like.
    """

    reference: str
    key: str
    settled: bool
    lines: tuple[OrderLine, ...]


class ProviderAdapter(Protocol):
    """The contract. Every method may raise ProviderUnavailable; only `order` and `release` raise the other two.

    `one_order_per_key`: the vendor itself heeds our key, so what it says of a key is all that will ever come of it. Of
    others a request that was never answered may be listed late, and its numbers are refused to us meanwhile.
    """

    @property
    def one_order_per_key(self) -> bool:
        """See above."""

    def offers(self, wanted: Wanted) -> Iterator[Offer]:
        """Numbers of this kind that it sells now, read page by page as they are taken."""

    def order(self, numbers: Sequence[E164], *, key: str) -> OrderStatus:
        """Order these numbers. The same key and numbers again is the same order: a retry never buys twice."""

    def order_status(self, key: str) -> OrderStatus | None:
        """The order that was placed under our key, None when there is none.

        Asked by our key, since a crash may have lost the provider's reference.
        """

    def release(self, number: E164, *, key: str) -> None:
        """Ask it to take the number back. A "yes" is no proof: see `holding`."""

    def holding(self, number: E164) -> bool:
        """Whether it bills us for this number now."""

    def holdings(self) -> Iterator[E164]:
        """Every number that it bills us for."""

    def verify_callback(self, headers: Mapping[str, str], body: bytes) -> str | None:
        """The key of the order that a genuine callback is about; None for a forged or unreadable one.

        A callback is only a nudge to ask: what it says of the order is never believed.
        """


@dataclass(frozen=True, slots=True)
class CivicAddress:
    """Where an emergency service would be sent to, as a person writes it; `unit` is a flat, floor or room."""

    street: str
    locality: str
    postal_code: str
    country: str
    unit: str = ""
    region: str = ""

    def __str__(self) -> str:
        parts = (self.street, self.unit, self.locality, self.region, self.postal_code, self.country)
        return ", ".join(filter(None, parts))


@runtime_checkable
class EmergencyAddresses(Protocol):
    """What an adapter adds whose provider registers an address for the emergency calls from a number.

    Every method may raise each kind of ProviderError; all may be repeated.
    """

    def emergency_address(self, number: E164) -> CivicAddress | None:
        """What is registered, None when nothing is."""

    def register_emergency_address(self, number: E164, address: CivicAddress) -> None:
        """Register it, in the place of what was."""

    def withdraw_emergency_address(self, number: E164) -> None:
        """Leave nothing registered."""


@runtime_checkable
class WholeCatalogue(Protocol):
    """What an adapter adds that can read everything its provider sells of a kind, not only some of it.

    Only then does a number that is missing mean that it is not sold any more (docs/catalogue.md).
    """

    def all_offers(self, wanted: Wanted) -> Iterator[Offer]:
        """Like `offers`, but it ends only where the provider's list ends.

        Raises ProviderUnavailable where the list breaks off, or comes to no end.
        """


@runtime_checkable
class OfferVerification(Protocol):
    """What an adapter adds whose provider can be asked whether single numbers are for sale, better than by its list:
    by reserving them, say, and giving them back."""

    def verify(self, numbers: Sequence[E164]) -> set[E164]:
        """Those that could be bought now. Buys nothing, and leaves nothing reserved. Raises ProviderUnavailable."""


@runtime_checkable
class OwnRanges(Protocol):
    """What an adapter adds that knows, without asking anybody, which kinds of number there can be at all."""

    def may_have(self, wanted: Wanted) -> bool:
        """Whether there may ever be one of this kind, sold out or not. The area code does not matter."""
