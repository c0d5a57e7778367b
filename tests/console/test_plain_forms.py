"""What staff type into forms that name a kind of number, and how they are told what is wrong with it."""

from typing import Any

import pytest
from django.contrib import admin
from django.db.models import CheckConstraint
from django.test import Client

from console.plain_form import REFUSALS, PlainForm
from inventory.models import AlphaRelief, Sku, StockTarget, SupplyTerms
from tests.factories import ProviderFactory

pytestmark = pytest.mark.django_db

SKU = {
    **{"country": "US", "number_type": "local", "area_code": "415", "capabilities": ["1", "2"], "is_active": "on"},
    **{"service_class": "default", "cost_limit": "100", "currency": "USD"},
}


def told(staff: Client, model: str, given: dict[str, Any]) -> str:
    """The page that comes back, on which nothing was saved."""
    answer = staff.post(f"/console/inventory/{model}/add/", given)
    assert answer.status_code == 200
    return answer.content.decode()


def test_capabilities_are_boxes_and_kept_as_their_mask(staff: Client) -> None:
    assert 'type="checkbox" name="capabilities"' in staff.get("/console/inventory/sku/add/").content.decode()
    staff.post("/console/inventory/sku/add/", SKU)
    made = Sku.objects.get()
    assert made.capabilities == 3
    page = staff.get(f"/console/inventory/sku/{made.pk}/change/").content.decode()
    assert "voice, sms" in page


def test_a_sku_of_any_capabilities_has_no_box_ticked(staff: Client) -> None:
    staff.post("/console/inventory/sku/add/", SKU | {"capabilities": []})
    assert Sku.objects.get().capabilities == 0


def test_a_country_is_taken_in_small_letters(staff: Client) -> None:
    staff.post("/console/inventory/sku/add/", SKU | {"country": "us"})
    assert Sku.objects.get().country == "US"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"country": "ZZ"}, "ZZ is no country that we know"),
        ({"area_code": "abc"}, "The digits of an area code"),
        ({"area_code": "41"}, "41 is no area code of United States"),
        ({"area_code": "416"}, "416 is no area code of United States"),
        ({"level": "2"}, "From 0.5 to 0.9999"),
        ({"cost_limit": "-5"}, "Not below 0, in a currency"),
        ({"capabilities": ["16"]}, "Select a valid choice"),
    ],
    ids=["no-country", "letters", "too-short", "of-canada", "level", "limit", "capability"],
)
def test_a_sku_that_no_number_can_be_of_is_refused_in_words(staff: Client, wrong: dict[str, Any], words: str) -> None:
    page = told(staff, "sku", SKU | wrong)
    assert words in page
    assert "is violated" not in page
    assert not Sku.objects.exists()


def test_terms_whose_capacity_is_less_than_a_lot_are_refused(staff: Client) -> None:
    given = {"provider": ProviderFactory.create().pk, "country": "US", "number_type": "local", "lot": "10"}
    costs = {"order_cost": "0", "setup_cost": "0", "currency": "USD"}
    assert "Less than a lot of 10" in told(staff, "supplyterms", given | costs | {"capacity": "5"})
    staff.post("/console/inventory/supplyterms/add/", given | costs | {"capacity": "10"})
    assert SupplyTerms.objects.get().capacity == 10


def test_a_relief_beyond_its_bounds_is_told_once(staff: Client) -> None:
    day = {"expires_at_0": "2020-01-01", "expires_at_1": "00:00:00"}
    page = told(staff, "alpharelief", {"country": "US", "number_type": "local", "alpha": "0.5", "reason": "x", **day})
    assert "is violated" not in page
    assert not AlphaRelief.objects.exists()


def test_a_target_for_an_area_code_of_another_country_is_refused(staff: Client) -> None:
    given = {"country": "CA", "number_type": "local", "area_code": "415", "quantity": "3", "is_active": "on"}
    assert "415 is no area code of Canada" in told(staff, "stocktarget", given)
    staff.post("/console/inventory/stocktarget/add/", given | {"area_code": "416"})
    assert StockTarget.objects.get().area_code == "416"


def test_words_name_constraints_and_fields_that_are_there() -> None:
    forms = {model: each.form for model, each in admin.site._registry.items() if issubclass(each.form, PlainForm)}
    fields = {
        str(constraint.name): {field.name for field in model._meta.fields}
        for model in forms
        for constraint in model._meta.constraints
    }
    assert all(at in fields[name] for name, (at, _) in REFUSALS.items())


@pytest.mark.parametrize("model", [AlphaRelief, Sku, StockTarget, SupplyTerms], ids=lambda model: model.__name__)
def test_whatever_somebody_may_type_has_its_words(model: Any) -> None:
    """But for what a form offers as a choice, or does not ask."""
    unasked = ("_type_known", "_class_known", "_by_somebody_for_a_reason", "_ended_by_somebody")
    checks = [str(each.name) for each in model._meta.constraints if isinstance(each, CheckConstraint)]
    assert [name for name in checks if name not in REFUSALS and not name.endswith(unasked)] == []
