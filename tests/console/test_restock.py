"""The staff's hands on the restock nights."""

from datetime import timedelta
from decimal import Decimal
from math import ceil

import pytest
from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import formats, timezone

from accounts.models import User
from console.restock import projection
from console.restock.explained import MEANING
from inventory.models import Honesty, Provider, RestockProposal, Sku
from inventory.restock.proposals import TERMS
from inventory.shelves import deciding, nights
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
    assert "restock proposal waits for staff" in staff.get("/console/").content.decode()
    do(staff, waiting, "reject")
    assert "waits for staff" not in staff.get("/console/").content.decode()


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


BOARD = "/console/inventory/restockproposal/decide/"


def board(staff: Client, **given: object) -> str:
    return staff.post(BOARD, {"reason": "the fair in March", **given}, follow=True).content.decode()


def test_a_proposal_explains_each_step_in_words_and_shows_how_the_shelf_runs_down(
    staff: Client, waiting: RestockProposal
) -> None:
    shown = staff.get(f"/console/inventory/restockproposal/{waiting.pk}/change/").content.decode()
    terms = waiting.terms
    assert f"0 on sale + 0 on order - 0 sold ahead + 0.9 x 0 expected from quarantine = {terms['position']:g}" in shown
    assert f"In {100 * terms['level']:.4g} % of cases {terms['s']:g} numbers are enough" in shown
    drawn = projection.projection(waiting)
    assert drawn is not None
    assert (drawn.days[0].without, drawn.reorder_point) == (0, terms["s"])
    arrived = [each.proposed for each in drawn.days if each.day >= DAY + timedelta(days=ceil(terms["L"]))]
    assert arrived[0] > drawn.days[0].proposed
    assert all(formats.date_format(each.day) in shown for each in drawn.days)


def test_one_that_waits_is_decided_by_its_own_button_on_the_list(staff: Client, waiting: RestockProposal) -> None:
    page = "/console/inventory/restockproposal/"
    assert BOARD in staff.get(page).content.decode()
    assert waiting.sentence in staff.get(BOARD).content.decode()
    shown = board(staff, approve=str(waiting.pk))
    waiting.refresh_from_db()
    assert (waiting.status, waiting.allowed, waiting.reason) == ("approved", waiting.quantity, "the fair in March")
    assert "Approve: done for 1 proposal." in shown
    assert "Nothing waits" in shown
    assert BOARD not in staff.get(page).content.decode()
    assert LogEntry.objects.filter(change_message__contains="Approve: the fair in March").count() == 1


def test_a_lower_number_caps_it(staff: Client, waiting: RestockProposal) -> None:
    lot = int(waiting.terms["MOQ"])
    assert waiting.quantity > lot
    refused = board(staff, approve=str(waiting.pk), **{f"units-{waiting.pk}": str(lot + 1)})
    assert "be capped to" in refused
    board(staff, approve=str(waiting.pk), **{f"units-{waiting.pk}": str(lot)})
    waiting.refresh_from_db()
    assert (waiting.status, waiting.allowed) == ("approved", lot)


def test_several_are_decided_after_a_look_at_the_sum(staff: Client, wren: Provider) -> None:
    for code in ("415", "212"):
        make_sku(code, cost_limit=1)
        a_habit(area_code=code)
    nights.run(DAY)
    both = list(RestockProposal.objects.order_by("pk"))
    chosen = [str(each.pk) for each in both]
    asks = board(staff, verb="approve", chosen=chosen)
    expected = sum((each.cost for each in both if each.cost is not None), Decimal(0))
    assert f"{sum(each.quantity for each in both)} numbers for {expected:.2f} USD" in asks
    assert {each.status for each in RestockProposal.objects.all()} == {"proposed"}
    done = board(staff, verb="approve", chosen=chosen, confirmed="yes")
    assert "done for 2 proposals" in done
    assert {each.status for each in RestockProposal.objects.all()} == {"approved"}


def test_what_somebody_else_decided_meanwhile_holds_up_nothing(staff: Client, wren: Provider) -> None:
    for code in ("415", "212"):
        make_sku(code, cost_limit=1)
        a_habit(area_code=code)
    nights.run(DAY)
    first, second = RestockProposal.objects.order_by("pk")
    deciding.reject(first, actor="user:sami", reason="too many")
    board(staff, verb="reject", chosen=[str(first.pk), str(second.pk)], confirmed="yes")
    rows = RestockProposal.objects.order_by("pk").values_list("decided_by", flat=True)
    assert list(rows) == ["user:sami", "user:staff@example.com"]


@pytest.mark.parametrize(
    "given", [{"verb": "approve"}, {"verb": "burn", "chosen": "1"}, {"approve": "x"}, {"approve": "999999"}]
)
def test_a_form_that_chooses_nothing_does_nothing(
    staff: Client, waiting: RestockProposal, given: dict[str, str]
) -> None:
    assert "choose at least one proposal" in board(staff, **given)
    waiting.refresh_from_db()
    assert waiting.status == "proposed"


def test_without_a_reason_nothing_is_decided_and_the_field_says_so(staff: Client, waiting: RestockProposal) -> None:
    answer = staff.post(BOARD, {"approve": str(waiting.pk), "reason": " "})
    assert 'aria-invalid="true"' in answer.content.decode()
    waiting.refresh_from_db()
    assert waiting.status == "proposed"


def test_who_may_only_look_decides_nothing(waiting: RestockProposal) -> None:
    clerk = UserFactory.create(is_staff=True)
    clerk.user_permissions.add(Permission.objects.get(codename="view_restockproposal"))
    client = Client()
    client.force_login(clerk)
    assert client.get(BOARD).status_code == 403
    assert client.post(BOARD, {"approve": str(waiting.pk), "reason": "x"}).status_code == 403
    shown = client.get(f"/console/inventory/restockproposal/{waiting.pk}/change/").content.decode()
    assert waiting.sentence in shown
    assert BOARD not in shown
