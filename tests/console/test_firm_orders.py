"""Staff sell ahead of the shelf: the quote comes first, and nothing is changed afterwards."""

from typing import Any

import pytest
from django.test import Client

from inventory.models import FirmOrder, Provider, Sku
from inventory.shelves import selling_ahead
from tests.factories import AccountFactory, ProviderFactory
from tests.inventory.shelves.conftest import make_sku, with_terms

pytestmark = pytest.mark.django_db
LIST = "/console/inventory/firmorder/"


@pytest.fixture
def sku() -> Sku:
    return make_sku()


@pytest.fixture
def wren() -> Provider:
    """Five days."""
    return with_terms(ProviderFactory.create(slug="wren", name="Wren", options={"carrier": "nobody"}))


def form(sku: Sku, **but: Any) -> dict[str, Any]:
    return {"sku": sku.pk, "quantity": "500", "account": "", "reference": "PO 7", "wanted_by": "", "note": "", **but}


def test_saving_says_the_quote_first_and_then_keeps_it(staff: Client, sku: Sku, wren: Provider) -> None:
    assert staff.get(f"{LIST}add/").status_code == 200
    said = staff.post(f"{LIST}add/", form(sku)).content.decode()
    assert "wren: 5 days in the mean, in 9 cases of 10 within 8." in said
    assert not FirmOrder.objects.exists()
    staff.post(f"{LIST}add/", form(sku, told="on", wanted_by="2030-01-05"))
    made = FirmOrder.objects.get()
    assert (made.quantity, made.reference, made.made_by) == (500, "PO 7", "user:staff@example.com")
    assert made.quote.startswith("wren: 5 days")
    assert made.quote[:40] in staff.get(f"{LIST}{made.pk}/change/").content.decode()


def test_for_an_account_instead_of_a_reference_but_for_somebody(staff: Client, sku: Sku, wren: Provider) -> None:
    said = staff.post(f"{LIST}add/", form(sku, told="on", reference="")).content.decode()
    assert "Name an account, or a reference" in said
    account = AccountFactory.create()
    staff.post(f"{LIST}add/", form(sku, told="on", reference="", account=account.pk))
    assert FirmOrder.objects.get().account == account


@pytest.mark.parametrize(
    "but", [{"quantity": "0"}, {"quantity": "-5"}, {"quantity": "2000000"}, {"sku": "999"}], ids=str
)
def test_what_the_database_would_refuse_is_said_in_the_form(
    staff: Client, sku: Sku, wren: Provider, but: dict[str, str]
) -> None:
    assert staff.post(f"{LIST}add/", form(sku, told="on") | but).status_code == 200
    assert not FirmOrder.objects.exists()


def test_a_shelf_that_was_switched_off_takes_none(staff: Client, sku: Sku, wren: Provider) -> None:
    Sku.objects.update(is_active=False)
    assert "switched off" in staff.post(f"{LIST}add/", form(sku, told="on")).content.decode()
    assert not FirmOrder.objects.exists()


def test_staff_record_deliveries_and_close(staff: Client, sku: Sku, wren: Provider) -> None:
    made = selling_ahead.take(sku=sku, quantity=500, reference="PO 7", actor="user:ada")
    page = f"{LIST}{made.pk}/do/"
    assert staff.get(f"{page}record_delivery/").status_code == 200
    staff.post(f"{page}record_delivery/", {"units": "120", "reason": "the first lot"})
    staff.post(f"{page}record_delivery/", {"units": "381", "reason": "too many"})
    made.refresh_from_db()
    assert made.due == 380
    staff.post(f"{page}close/", {"reason": "they went elsewhere"})
    made.refresh_from_db()
    assert (made.due, made.closed_by, made.closed_note) == (0, "user:staff@example.com", "they went elsewhere")
    assert staff.get(f"{page}close/").status_code == 404


def test_an_account_s_order_is_delivered_by_its_purchases_only(staff: Client, sku: Sku, wren: Provider) -> None:
    made = selling_ahead.take(sku=sku, quantity=5, account=AccountFactory.create(), actor="user:ada")
    assert staff.get(f"{LIST}{made.pk}/do/record_delivery/").status_code == 404
