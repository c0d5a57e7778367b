"""`manage.py demo`: repeatable, and its credentials open the doors."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from django.conf import LazySettings
from django.core.management import call_command
from django.urls import resolve
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from accounts.models import Account, ApiKey, Membership, User
from accounts.services.credentials import authenticate
from config.celery import app
from inventory.demo import credentials_file, stock
from inventory.demo.logins import set_up_logins
from inventory.demo.stock import set_up_stock
from inventory.management.commands import demo
from inventory.models import (
    Allocation,
    ProposalStatus,
    Provider,
    ProviderOrder,
    RestockProposal,
    Sku,
    SkuState,
    StockTarget,
    SupplyTerms,
    Tariff,
)
from inventory.models.quarantine import QuarantineSource
from inventory.quarantine.limits import limits
from inventory.services import settling, sourcing
from inventory.shelves import nights
from inventory.shelves.stock import Market
from numbering.types import NumberType
from tests.factories import NumberFactory
from tests.inventory.conftest import Seller, until

CATALOGUE = Path(__file__).parents[3] / "sandbox" / "data" / "carriers.yaml"


def password_works(credentials: dict[str, str], who: str) -> bool:
    return User.objects.get(email=credentials[f"{who}_USER"]).check_password(credentials[f"{who}_PASSWORD"])


def all_work(credentials: dict[str, str]) -> bool:
    """Whether every credential opens its door."""
    account = Account.objects.get(sid=credentials["ACCOUNT_SID"])
    return (
        authenticate(account.sid, credentials["AUTH_TOKEN"]) == account
        and authenticate(credentials["API_KEY_SID"], credentials["API_KEY_SECRET"]) == account
        and authenticate(credentials["TEST_ACCOUNT_SID"], credentials["TEST_AUTH_TOKEN"]) is not None
        and password_works(credentials, "STAFF")
        and password_works(credentials, "CUSTOMER")
    )


@pytest.mark.django_db
def test_the_command_writes_working_credentials_that_only_the_owner_may_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "load_places", lambda: None)  # 290,000 rows that tests/numbering loads
    path = tmp_path / "new" / "credentials.env"
    call_command("demo", credentials=path)
    assert path.stat().st_mode & 0o777 == 0o600
    written = credentials_file.read(path)
    assert all_work(written)
    assert written["NUMBERYARD_URL"].startswith("http")
    assert [file.name for file in path.parent.iterdir()] == ["credentials.env"]


@pytest.mark.django_db
def test_a_second_run_keeps_every_credential_and_adds_nothing() -> None:
    first = set_up_logins({})
    set_up_stock()
    made = (User, Account, ApiKey, Membership, Provider, StockTarget, Tariff, Sku, SupplyTerms, Allocation)
    counts = [model.objects.count() for model in made]
    assert set_up_logins(first) == first
    set_up_stock()
    assert counts == [model.objects.count() for model in made]


@pytest.mark.django_db
def test_a_lost_file_costs_new_passwords_and_no_new_account() -> None:
    first = set_up_logins({})
    again = set_up_logins({})
    assert all_work(again)
    assert (again["ACCOUNT_SID"], again["AUTH_TOKEN"]) == (first["ACCOUNT_SID"], first["AUTH_TOKEN"])
    assert again["STAFF_PASSWORD"] != first["STAFF_PASSWORD"]
    assert authenticate(first["API_KEY_SID"], first["API_KEY_SECRET"]) is None


@pytest.mark.django_db
def test_staff_are_staff_and_customers_are_not() -> None:
    logins = set_up_logins({})
    assert User.objects.get(email=logins["STAFF_USER"]).is_staff
    customer = User.objects.get(email=logins["CUSTOMER_USER"])
    assert not customer.is_staff
    assert customer.memberships.get().account.sid == logins["ACCOUNT_SID"]
    assert Account.objects.get(sid=logins["TEST_ACCOUNT_SID"]).is_test


@pytest.mark.django_db
def test_targets_ask_for_three_hundred_united_states_local_numbers_and_twenty_of_each_other_kind() -> None:
    set_up_stock()
    assert StockTarget.objects.get(country="US", number_type="local").quantity >= 300
    assert all(target.quantity >= 20 for target in StockTarget.objects.all())
    assert Provider.objects.filter(adapter="sandbox", demo_aging__isnull=False).count() == 4


@pytest.mark.django_db
def test_one_carriers_numbers_rest_for_days_as_everybodys_do() -> None:
    set_up_stock()
    heron = Provider.objects.get(adapter="sandbox", demo_aging=None)
    assert heron.slug == "heron"
    number = NumberFactory.create(e164=32455501234, country="BE", number_type="mobile", provider=heron)
    found = limits(number, QuarantineSource.ONBOARDED_NEW, timezone.now())
    assert found.minimum >= timedelta(days=7)
    assert not found.rule.startswith("demo:")


@pytest.mark.django_db
def test_each_kind_has_terms_and_a_range_of_ours_is_there_to_look_at_and_sells_nothing() -> None:
    for _ in range(2):
        set_up_stock()
    agreed = SupplyTerms.objects.values_list("provider__slug", "country", "number_type", "currency")
    carriers = stock.read()["carriers"]
    kinds = [(each["slug"], *kind[:2], each["currency"]) for each in carriers for kind in stock.kinds(each)]
    assert sorted(agreed) == sorted(kinds)
    own = Allocation.objects.get()
    assert (own.first, own.end, own.provider.is_active) == (19845550000, 19845551000, False)
    assert own.provider not in sourcing.sellers(None, own.country)


@pytest.mark.django_db
def test_terms_that_staff_changed_stay_changed() -> None:
    set_up_stock()
    SupplyTerms.objects.update(lot=50)
    set_up_stock()
    assert set(SupplyTerms.objects.values_list("lot", flat=True)) == {50}


@pytest.mark.django_db
def test_each_kind_has_a_shelf_that_a_night_finds_full_enough_and_hands_nothing_back_of() -> None:
    for _ in range(2):
        set_up_stock()
    wanted = StockTarget.objects.values_list("country", "number_type")
    assert sorted(Sku.objects.values_list("country", "number_type")) == sorted(wanted)
    for n in range(StockTarget.objects.get(country="GB", number_type="mobile").quantity):
        NumberFactory.create(e164=447700900100 + n, country="GB", number_type="mobile", provider=_petrel())
    nights.close(Market("GB", "mobile"), nights.closed_day(timezone.now()))
    state = SkuState.objects.get()
    assert (state.terms["available"], state.sku.currency) == (22, "EUR")
    assert state.sentence.endswith("no order.")
    assert not RestockProposal.objects.exists()


@pytest.mark.django_db
def test_a_night_that_comes_before_the_first_order_buys_nothing_of_itself() -> None:
    set_up_stock()
    nights.run(nights.closed_day(timezone.now()))
    assert set(RestockProposal.objects.values_list("status", flat=True)) == {ProposalStatus.PROPOSED}


def _petrel() -> Provider:
    return Provider.objects.get(slug="petrel")


@pytest.mark.django_db(transaction=True)
def test_a_first_start_orders_at_once_and_first_what_the_readme_buys(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[Any, ...]] = []
    monkeypatch.setattr(app, "send_task", lambda name, args, **_: sent.append((name, *args)))
    for _ in range(2):
        set_up_stock()
    targets = list(StockTarget.objects.order_by("pk"))
    assert sent == [("inventory.tasks.source_target", target.pk) for target in targets]
    assert (targets[0].country, targets[0].number_type) == ("US", NumberType.LOCAL)


@pytest.mark.django_db
def test_what_staff_changed_stays_changed() -> None:
    set_up_stock()
    StockTarget.objects.update(quantity=1)
    set_up_stock()
    assert set(StockTarget.objects.values_list("quantity", flat=True)) == {1}


@pytest.mark.django_db
def test_a_kind_that_staff_split_between_two_providers_stays_split() -> None:
    set_up_stock()
    tern, plover = Provider.objects.order_by("pk")[:2]
    StockTarget.objects.filter(country="US", number_type="local").update(provider=tern)
    StockTarget.objects.create(country="US", number_type="local", quantity=7, provider=plover)
    count = StockTarget.objects.count()
    set_up_stock()
    assert StockTarget.objects.count() == count


@pytest.mark.django_db
def test_the_carriers_call_back_at_the_origin_of_this_start(settings: LazySettings) -> None:
    set_up_stock()
    settings.PUBLIC_URL = "http://127.0.0.1:8001"
    set_up_stock()
    for provider in Provider.objects.filter(adapter="sandbox"):
        url = provider.options["callback_url"]
        assert url == f"http://127.0.0.1:8001/inventory/v1/ProviderCallbacks/{provider.slug}"
        assert resolve(urlsplit(url).path).kwargs == {"slug": provider.slug}


@pytest.mark.django_db(transaction=True)
def test_a_callback_arrives_twice_when_the_carrier_sends_it_twice(
    seller: Seller, settings: LazySettings, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[Any, ...]] = []
    monkeypatch.setattr(app, "send_task", lambda name, args, **_: sent.append((name, *args)))
    settings.PUBLIC_URL = live_server.url
    set_up_stock()
    seller.strike("duplicate_callback")
    sourcing.ask(country="US", number_type=NumberType.LOCAL, quantity=1, provider=Provider.objects.get(slug="tern"))
    settling.settle_due(10)
    key = ProviderOrder.objects.get().key
    until(lambda: sent.count(("inventory.tasks.hear_callback", key)) == 2)


def test_the_demo_aims_at_every_kind_that_the_sandbox_sells_at_more_than_it_costs() -> None:
    carriers = yaml.safe_load(CATALOGUE.read_text())["carriers"]
    sold = {
        (carrier["slug"], carrier["currency"], product["country"], product["type"]): float(product["monthly_cost"])
        for carrier in carriers
        for product in carrier["products"]
    }
    aimed_at = {
        (carrier["slug"], carrier["currency"], kind.country, kind.number_type): float(kind.monthly_price)
        for carrier in stock.read()["carriers"]
        for kind in stock.kinds(carrier)
    }
    assert aimed_at.keys() == sold.keys()
    assert all(aimed_at[kind] > cost for kind, cost in sold.items())
