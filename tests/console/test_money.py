"""Amounts in the console: two decimals, up to four where a price has them, and the currency behind."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.test import Client

from console.money import columns, in_words
from inventory.invoices import comparing
from inventory.invoices.importing import import_invoice
from inventory.models import LineState, Misbilling, PriceChange, Provider, ProviderOrder, Tariff
from tests.factories import ProviderFactory

STRANGER = 14155550199


@pytest.mark.parametrize(
    ("amount", "currency", "words"),
    [
        ("0.8000", "USD", "0.80 USD"),
        ("12", "EUR", "12.00 EUR"),
        ("0.0079", "USD", "0.0079 USD"),
        ("0.0150", "USD", "0.015 USD"),
        ("-3.500000", "GBP", "-3.50 GBP"),
        ("1234567.100000", "JPY", "1234567.10 JPY"),
        ("0.0000", "", "0.00"),
    ],
)
def test_an_amount_has_as_many_decimals_as_it_needs(amount: str, currency: str, words: str) -> None:
    assert in_words(Decimal(amount), currency) == words


def test_what_is_not_known_is_a_dash() -> None:
    assert in_words(None, "USD") == "-"


def test_a_currency_stands_beside_its_amount_and_nowhere_else() -> None:
    shown = columns(Tariff, ("country", "monthly_price", "currency"))
    assert shown[0] == "country"
    assert len(shown) == 2
    assert shown[1](Tariff(monthly_price=Decimal("1.1500"), currency="USD")) == "1.15 USD"
    before, after = columns(PriceChange, ("cost_before", "currency_before", "monthly_cost", "currency"))
    change = PriceChange(
        cost_before=Decimal(1), currency_before="USD", monthly_cost=Decimal(2), currency="EUR", numbers=1
    )
    assert (before(change), after(change)) == ("1.00 USD", "2.00 EUR")


@pytest.fixture
def billed(tmp_path: Path) -> Provider:
    """For a number that we never had."""
    provider: Provider = ProviderFactory.create(slug="tern")
    file = tmp_path / "invoice.csv"
    file.write_text(f"number,amount,charge,currency,description\n+{STRANGER},1.25,monthly,USD,\n")
    invoice = import_invoice(file, provider=provider, period=date(2026, 10, 1), actor="user:staff").invoice
    comparing.compare(invoice.pk)
    return provider


@pytest.mark.django_db
def test_a_misbilling_and_its_invoice_say_what_is_at_stake(staff: Client, billed: Provider) -> None:
    found = Misbilling.objects.get()
    listed = staff.get("/console/inventory/misbilling/").content.decode()
    assert "1.25 USD" in listed
    assert "1.250000" not in listed
    page = staff.get(f"/console/inventory/invoice/{found.invoice_id}/change/").content.decode()
    assert "1.25 USD" in page
    assert "1.250000" not in page
    assert "1.250000" not in staff.get(f"/console/inventory/misbilling/{found.pk}/change/").content.decode()


@pytest.mark.django_db
def test_the_home_page_counts_newest_invoices_that_differ(staff: Client, billed: Provider) -> None:
    assert "newest invoice differs from our stock" in staff.get("/console/").content.decode()
    Provider.objects.get(pk=billed.pk).invoices.update(misbilled=0)
    assert "from our stock" not in staff.get("/console/").content.decode()


@pytest.mark.django_db
def test_an_order_says_how_many_and_what_they_cost_in_a_month(staff: Client) -> None:
    order = ProviderOrder.objects.create(
        key="ny-1", provider=ProviderFactory.create(), country="US", number_type="local"
    )
    for place, currency in enumerate(("USD", "USD")):
        order.lines.create(e164=STRANGER + place, capabilities=1, monthly_cost=Decimal("0.80"), currency=currency)
    listed = staff.get("/console/inventory/providerorder/").content.decode()
    assert "1.60 USD" in listed
    order.lines.filter(state=LineState.WANTED, e164=STRANGER).update(currency="EUR")
    assert "1.60" not in staff.get("/console/inventory/providerorder/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(("audited", "shown"), [(None, "-"), (datetime(2026, 10, 1, tzinfo=UTC), "0")])
def test_a_provider_that_was_never_audited_has_no_findings(staff: Client, audited: datetime | None, shown: str) -> None:
    ProviderFactory.create(audited_at=audited)
    listed = staff.get("/console/inventory/provider/").content.decode()
    for column in ("orphans", "ghosts", "overdue"):
        cell = re.search(rf"<td[^>]*field-found_{column}[^>]*>(.*?)</td>", listed, re.S)
        assert cell and re.sub(r"<[^>]+>", "", cell[1]).strip() == shown
