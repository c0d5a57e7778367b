"""On what terms a kind of number is sold: price and address requirement. They belong to (country, type, provider),
never to the number, so they are looked up before and beside the search, not in it."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.utils import timezone

from compliance.models import AddressRequirement, NumberTypeRule
from inventory.models import Tariff
from inventory.search.recent import Recent

SECONDS = 10.0


class Price(NamedTuple):
    """What the customer pays; amounts in `currency` (ISO 4217)."""

    setup: Decimal
    monthly: Decimal
    currency: str


class Terms(NamedTuple):
    """The terms of one (country, type). `prices` by provider id; None is every other provider."""

    address_requirement: str
    prices: dict[int | None, Price]

    def price(self, provider: int | None) -> Price | None:
        """What a number of this provider costs; None where no tariff is set."""
        return self.prices.get(provider) or self.prices.get(None)


def _read(country: str, number_type: str) -> Terms:
    tariffs = Tariff.objects.filter(country=country, number_type=number_type)
    return Terms(
        _address_requirement(country, number_type, timezone.now().date()),
        {tariff.provider_id: Price(tariff.setup_price, tariff.monthly_price, tariff.currency) for tariff in tariffs},
    )


def _address_requirement(country: str, number_type: str, on: date) -> str:
    """The rule in force, also one that nobody confirmed yet (`enforced` False): better told than not.

    Where nothing was read ("unknown", or no rule at all) the answer is "any": a customer who excludes address
    requirements must not be sold a surprise, and one who doesn't is told to have an address ready.
    """
    rules = NumberTypeRule.objects.filter(country=country, number_type=number_type, valid_from__lte=on)
    found = rules.order_by("-valid_from").values_list("address_requirement", flat=True).first()
    return AddressRequirement.ANY if found in (None, AddressRequirement.UNKNOWN) else str(found)


#: terms_of(country, number_type): as they were at most ten seconds ago.
terms_of = Recent(_read, seconds=SECONDS)
