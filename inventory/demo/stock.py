"""Carriers, prices and stock targets of the demonstration, from `stock.yaml`."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.nudges import nudge
from inventory.models import Allocation, Provider, StockTarget, SupplyTerms, Tariff
from inventory.shelves import making
from inventory.shelves.making import Shelf, Terms
from numbering.types import Capability

FILE = Path(__file__).with_name("stock.yaml")


class PricedKind(NamedTuple):
    """One kind of number that a carrier of the demonstration sells; the price is for the customer, per month."""

    country: str
    number_type: str
    monthly_price: Decimal

    @property
    def name(self) -> str:
        """As in `quantities` of the file."""
        return f"{self.country} {self.number_type}"


def read() -> dict[str, Any]:
    """The file as plain data."""
    return dict(yaml.safe_load(FILE.read_text(encoding="utf-8")))


def kinds(carrier: dict[str, Any]) -> Iterator[PricedKind]:
    """What this carrier of the file sells."""
    for country, prices in carrier["prices"].items():
        for number_type, price in prices.items():
            yield PricedKind(country, number_type, Decimal(price))


@transaction.atomic
def set_up_stock() -> None:
    """Make the rows. What staff changed since the last time stays as they want it."""
    document = read()
    aging = timedelta(seconds=document["demo_aging_seconds"])
    for carrier in document["carriers"]:
        rests_for = None if carrier.get("is_real_time") else aging
        basics = {"name": carrier["name"], "adapter": "sandbox", "demo_aging": rests_for}
        basics |= {"emergency_tests": True, "heard_by_lab_since": timezone.now()}
        provider, _ = Provider.objects.get_or_create(slug=carrier["slug"], defaults=basics)
        _let_call_back(provider)
        for kind in kinds(carrier):
            _offer(provider, kind, carrier["currency"])
            _aim_at(kind, document["quantities"].get(kind.name, document["quantity"]))
            _keep_on_the_shelf(kind, carrier["currency"])
            _agree(provider, kind, document["terms"] | {"currency": carrier["currency"]})
    _own(document["own_range"])


def _let_call_back(provider: Provider) -> None:
    """At the origin that we have now: another start may have chosen another port."""
    provider.options["callback_url"] = settings.PUBLIC_URL + reverse("provider-callbacks", args=[provider.slug])
    provider.save(update_fields=["options"])


def _aim_at(kind: PricedKind, quantity: int) -> None:
    """Unless somebody does, be it at several providers."""
    anywhere = {"country": kind.country, "number_type": kind.number_type, "area_code": ""}
    if not StockTarget.objects.filter(**anywhere).exists():
        target = StockTarget.objects.create(**anywhere, quantity=quantity)
        nudge("inventory.tasks.source_target", target.pk)


def _keep_on_the_shelf(kind: PricedKind, currency: str) -> None:
    """A SKU beside the target: the nights show what the shelf needs. The target keeps it far above that, so the SKU
    buys nothing before a customer asks for much."""
    making.make([Shelf(kind.country, kind.number_type)], Terms(currency=currency))


def _offer(provider: Provider, kind: PricedKind, currency: str) -> None:
    price = {"setup_price": Decimal(0), "monthly_price": kind.monthly_price, "currency": currency}
    Tariff.objects.get_or_create(country=kind.country, number_type=kind.number_type, provider=provider, defaults=price)


def _agree(provider: Provider, kind: PricedKind, terms: dict[str, Any]) -> None:
    """As a contract would say; its prices are those that the carrier lists."""
    market = {"country": kind.country, "number_type": kind.number_type}
    SupplyTerms.objects.get_or_create(provider=provider, **market, defaults=terms)


def _own(range_: dict[str, Any]) -> None:
    """A range from the regulator, to look at."""
    named = dict(range_)
    basics = {"name": named.pop("name"), "adapter": "own_blocks", "is_active": False}
    provider, _ = Provider.objects.get_or_create(slug=named.pop("slug"), defaults=basics)
    if not Allocation.objects.filter(provider=provider).exists():
        Allocation.objects.create(provider=provider, capabilities=int(Capability.VOICE | Capability.SMS), **named)
