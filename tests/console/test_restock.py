"""The staff's hands on the restock nights."""

from decimal import Decimal

import pytest
from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from accounts.models import User
from console.admin.restock import MEANING
from inventory.models import Honesty, Provider, RestockProposal, Sku
from inventory.restock.proposals import TERMS
from inventory.shelves import nights
from tests.factories import NumberFactory, ProviderFactory, UserFactory
from tests.inventory.shelves.conftest import DAY, a_habit, make_sku, with_terms

pytestmark = pytest.mark.django_db
MAKING = {"held": "3", "asked": "5", "service_class": "A", "is_listed": "on", "cost_limit": "9", "currency": "EUR"}


@pytest.fixture
def wren() -> Provider:
    """Sells lots of ten at a dollar a month."""
    return with_terms(ProviderFactory.create(slug="wren", name="Wren", options={"carrier": "nobody"}))


@pytest.fixture
def waiting(wren: Provider) -> RestockProposal:
    """An order that costs more than its SKU's limit, of a provider whose list was judged."""
    day = timezone.now().date()
    Honesty.objects.create(provider=wren, country="US", day=day, source="sample", listed=50, purchasable=45)
    make_sku(cost_limit=1)
    a_habit()
    nights.run(DAY)
    return RestockProposal.objects.get()


def do(staff: Client, proposal: RestockProposal, verb: str, **given: str) -> RestockProposal:
    page = f"/console/inventory/restockproposal/{proposal.pk}/do/{verb}/"
    assert staff.get(page).status_code == 200
    staff.post(page, {"reason": "the fair in March", **given})
    return RestockProposal.objects.get(pk=proposal.pk)


def test_a_proposal_shows_why_and_every_term_with_its_meaning(staff: Client, waiting: RestockProposal) -> None:
    shown = staff.get(f"/console/inventory/restockproposal/{waiting.pk}/change/").content.decode()
    assert waiting.sentence in shown
    assert waiting.approval in shown
    assert set(MEANING) == set(TERMS)
    assert all(f"<th>{name}</th>" in shown for name in TERMS)


def test_the_yard_says_that_it_waits_until_somebody_decides(staff: Client, waiting: RestockProposal) -> None:
    assert "restock proposals wait for staff" in staff.get("/console/").content.decode()
    do(staff, waiting, "reject")
    assert "restock proposals wait for staff" not in staff.get("/console/").content.decode()


def test_staff_approve(staff: Client, waiting: RestockProposal) -> None:
    row = do(staff, waiting, "approve")
    assert (row.status, row.allowed, row.reason) == ("approved", row.quantity, "the fair in March")
    assert row.decided_by == "user:staff@example.com"
    assert staff.get(f"/console/inventory/restockproposal/{row.pk}/do/approve/").status_code == 404


def test_staff_say_what_it_may_cost_and_are_told_where_they_must(staff: Client, waiting: RestockProposal) -> None:
    RestockProposal.objects.update(cost=None)
    assert do(staff, waiting, "approve").status == "proposed"
    page = f"/console/inventory/restockproposal/{waiting.pk}/do/approve/"
    refused = staff.post(page, {"reason": "the fair in March"}, follow=True).content.decode()
    assert "say how much it may cost at most" in refused
    assert do(staff, waiting, "approve", budget="12.50").budget == Decimal("12.50")


def test_a_proposal_says_why_less_was_ordered(staff: Client, waiting: RestockProposal) -> None:
    RestockProposal.objects.update(outcome="3 such numbers are on offer")
    shown = staff.get(f"/console/inventory/restockproposal/{waiting.pk}/change/").content.decode()
    assert "3 such numbers are on offer" in shown


def test_staff_approve_fewer_and_are_told_what_is_no_lot(staff: Client, waiting: RestockProposal) -> None:
    assert do(staff, waiting, "cap", units="7").status == "proposed"
    assert do(staff, waiting, "cap", units="10").allowed == 10


def test_staff_reject(staff: Client, waiting: RestockProposal) -> None:
    assert do(staff, waiting, "reject").status == "rejected"


def test_a_sku_says_what_the_last_night_made_of_it(staff: Client, waiting: RestockProposal) -> None:
    sku = Sku.objects.get()
    for page in ("", f"{sku.pk}/change/"):
        assert waiting.sentence in staff.get(f"/console/inventory/sku/{page}").content.decode()


def test_staff_count_and_make_skus_from_stock_and_demand(staff: Client, staff_user: User) -> None:
    make = "/console/inventory/sku/make/"
    for n in range(3):
        NumberFactory.create(e164=14155550100 + n)
    assert make in staff.get("/console/inventory/sku/").content.decode()
    assert "1 SKU to make" in staff.get(make).content.decode()
    assert "2 SKUs to make" in staff.get(make, MAKING).content.decode()
    assert not Sku.objects.exists(), "looking makes none"
    done = staff.post(make, MAKING, follow=True)
    assert "2 SKUs made" in done.content.decode()
    assert set(Sku.objects.values_list("area_code", "service_class", "currency")) == {
        ("", "A", "EUR"),
        ("415", "A", "EUR"),
    }
    assert LogEntry.objects.filter(user=staff_user, action_flag=ADDITION).count() == 2
    assert "0 SKUs to make" in staff.get(make, MAKING).content.decode()


def test_what_is_no_limit_makes_nothing(staff: Client) -> None:
    NumberFactory.create()
    answer = staff.post("/console/inventory/sku/make/", MAKING | {"currency": "euro"})
    assert "Enter a valid value" in answer.content.decode()
    assert not Sku.objects.exists()


def test_who_may_not_add_skus_makes_none(client: Client) -> None:
    looker = UserFactory.create(is_staff=True)
    looker.user_permissions.add(Permission.objects.get(codename="view_sku"))
    client.force_login(looker)
    assert "sku/make/" not in client.get("/console/inventory/sku/").content.decode()
    assert client.post("/console/inventory/sku/make/", MAKING).status_code == 403


def test_staff_make_a_sku_and_change_all_but_its_kind(staff: Client, wren: Provider) -> None:
    given = {"country": "US", "number_type": "local", "area_code": "212", "is_active": "on"}
    limits = {"service_class": "A", "cost_limit": "50", "currency": "USD", "is_listed": "on"}
    staff.post("/console/inventory/sku/add/", given | limits)
    made = Sku.objects.get()
    assert (made.code, made.service_class) == ("US-local-212", "A")
    staff.post(f"/console/inventory/sku/{made.pk}/change/", given | limits | {"area_code": "415", "floor": "9"})
    made.refresh_from_db()
    assert (made.area_code, made.floor) == ("212", 9)
