"""On what terms a kind of number is sold: its price, and what is asked of the buyer. They belong to (country, type,
provider), never to the number, so they are looked up before and beside the search, not in it."""

from decimal import Decimal
from typing import NamedTuple

from compliance.asked import Asked, asked
from compliance.models import AddressRequirement
from inventory.models import Tariff
from numbering.recent import Recent

SECONDS = 10.0


class Price(NamedTuple):
    """What the customer pays; amounts in `currency` (ISO 4217)."""

    setup: Decimal
    monthly: Decimal
    currency: str


class Terms(NamedTuple):
    """The terms of one (country, type). `prices` by provider id; None is every other provider."""

    asked: Asked
    prices: dict[int | None, Price]

    @property
    def address_requirement(self) -> str:
        """The rule in force, also one that nobody confirmed yet: better told than not.

        Where nothing was read ("unknown", or no rule at all) it is "any": a customer who excludes address requirements
        must not be sold a surprise, and one who doesn't is told to have an address ready.
        """
        known = self.asked.address_requirement
        return AddressRequirement.ANY if known == AddressRequirement.UNKNOWN else known

    def price(self, provider: int | None) -> Price | None:
        """What a number of this provider costs; None where no tariff is set."""
        return self.prices.get(provider) or self.prices.get(None)


def _read(country: str, number_type: str) -> Terms:
    tariffs = Tariff.objects.filter(country=country, number_type=number_type)
    return Terms(
        asked(country, number_type),
        {tariff.provider_id: Price(tariff.setup_price, tariff.monthly_price, tariff.currency) for tariff in tariffs},
    )


#: terms_of(country, number_type): as they were at most ten seconds ago.
terms_of = Recent(_read, seconds=SECONDS)
