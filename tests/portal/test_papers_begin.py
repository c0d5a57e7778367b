"""Step 1 of the papers: what is asked is told before anything is written, and a draft begins once."""

from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account
from compliance.lifecycle import BundleState
from compliance.models import Bundle
from numbering.recent import forget_everything
from tests.factories import BundleFactory, UserFactory, loaded
from tests.portal.papers_world import customer

pytestmark = pytest.mark.django_db
GERMAN = {"country": "DE", "type": "local", "who": "business"}


@pytest.fixture(autouse=True)
def _rules() -> Iterator[None]:
    loaded("DE", "US", "GB")
    forget_everything()
    yield
    forget_everything()


@pytest.fixture
def world() -> tuple[Client, Account]:
    return customer()


def shown(client: Client, query: dict[str, Any]) -> str:
    answer = client.get("/papers/new", query)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def test_strangers_sign_in_first(client: Client) -> None:
    assert client.get("/papers/new")["Location"].startswith("/sign-in?next=/papers/new")


def test_who_belongs_to_no_account_begins_nothing(client: Client) -> None:
    client.force_login(UserFactory.create())
    assert client.post("/papers/new", GERMAN).status_code == 403
    assert not Bundle.objects.exists()


def test_it_begins_with_the_countries_that_have_rules(world: tuple[Client, Account]) -> None:
    page = shown(world[0], {})
    for country in ("Germany", "United Kingdom", "United States"):
        assert f">{country}</option>" in page
    assert "France" not in page


def test_what_is_asked_is_told_at_once(world: tuple[Client, Account]) -> None:
    page = shown(world[0], GERMAN)
    for words in (
        "Name of the business",
        "Registration number",
        "Proof of business identity",
        "Proof of registration",
        "It must lie in Germany, in the area that the number belongs to.",
        "A post office box will not do.",
        "usually 2 to 3 working days",
        "Twilio Germany regulatory guidelines",
        "(version 1)",
    ):
        assert words in page


def test_to_whom_such_numbers_are_not_sold_is_said(world: tuple[Client, Account]) -> None:
    page = shown(world[0], {"country": "DE", "type": "local"})
    assert 'value="individual"' not in page
    assert "not sold to this kind of customer" in page
    answer = world[0].post("/papers/new", {**GERMAN, "who": "individual"})
    assert answer.status_code == 200
    assert not Bundle.objects.exists()


def test_where_nothing_is_asked_the_way_leads_back_to_the_shop(world: tuple[Client, Account]) -> None:
    page = shown(world[0], {"country": "US", "type": "local"})
    assert "No papers are asked for here." in page
    assert 'href="/find?country=US&type=local"' in page


def test_rules_that_nobody_confirmed_are_called_so(world: tuple[Client, Account]) -> None:
    assert "Nobody has confirmed yet" in shown(world[0], {"country": "DE", "type": "voip", "who": "business"})


def test_a_country_without_rules_is_no_dead_end(world: tuple[Client, Account]) -> None:
    assert "Nobody has written down the rules" in shown(world[0], {"country": "FR", "type": "local"})


def test_begin_makes_a_draft_and_leads_to_the_next_step(world: tuple[Client, Account]) -> None:
    client, account = world
    answer = client.post("/papers/new", {**GERMAN, "number": "+4930901820"})
    bundle = Bundle.objects.get()
    assert answer["Location"] == f"/papers/{bundle.sid}/you"
    assert (bundle.account, bundle.state, bundle.for_number) == (account, BundleState.DRAFT, 4930901820)
    assert bundle.friendly_name == "Germany: local, a business"


def test_to_press_twice_makes_one_draft(world: tuple[Client, Account]) -> None:
    first, second = (world[0].post("/papers/new", GERMAN)["Location"] for _ in range(2))
    assert first == second
    assert Bundle.objects.count() == 1


@pytest.mark.parametrize("number", ["4930901820", "+4930901820", " 4930901820"])
def test_a_number_names_its_country(world: tuple[Client, Account], number: str) -> None:
    page = shown(world[0], {"number": number, "type": "local", "who": "business"})
    assert '<option value="DE" selected>' in page
    assert "+49 30 901820" in page


@pytest.mark.parametrize("number", ["12", "+44 20 7946 0000", "<script>alert(1)</script>", "9" * 20], ids=range(4))
def test_a_number_of_elsewhere_or_none_is_not_kept(world: tuple[Client, Account], number: str) -> None:
    answer = world[0].get("/papers/new", {**GERMAN, "number": number}).content.decode()
    assert "<script>alert" not in answer
    assert "its area is compared" not in answer
    world[0].post("/papers/new", {**GERMAN, "number": number[:20]})
    assert {each.for_number for each in Bundle.objects.all()} <= {None}


def test_drafts_and_approved_papers_for_the_same_are_pointed_out(world: tuple[Client, Account]) -> None:
    client, account = world
    begun = BundleFactory.create(account=account, friendly_name="Begun in May")
    BundleFactory.create(account=account, friendly_name="Good ones", approved=True)
    BundleFactory.create(friendly_name="Somebody else's")
    page = shown(client, GERMAN)
    assert f'href="/papers/{begun.sid}/you"' in page
    assert "Begun in May" in page
    assert "“Good ones”" in page
    assert "Somebody else's" not in page


@pytest.mark.parametrize("step", ["where", "you", "addresses", "documents", "check"])
def test_somebody_elses_draft_does_not_exist(world: tuple[Client, Account], step: str) -> None:
    other = BundleFactory.create()
    assert world[0].get(f"/papers/{other.sid}/{step}").status_code == 404
    assert world[0].post(f"/papers/{other.sid}/{step}").status_code == 404


def test_what_was_handed_in_is_not_written_in_but_may_be_taken_back(world: tuple[Client, Account]) -> None:
    client, account = world
    bundle = BundleFactory.create(account=account, state=BundleState.PENDING_REVIEW)
    assert "Take them back" in client.get(f"/papers/{bundle.sid}/where").content.decode()
    assert client.post(f"/papers/{bundle.sid}/where").status_code == 409
    assert client.post(f"/papers/{bundle.sid}/take-back")["Location"] == f"/papers/{bundle.sid}/check"
    bundle.refresh_from_db()
    assert bundle.state == BundleState.DRAFT
    assert client.post(f"/papers/{bundle.sid}/take-back").status_code == 409, "it is a draft already"


def test_what_a_reviewer_reads_is_not_taken_back(world: tuple[Client, Account]) -> None:
    client, account = world
    bundle = BundleFactory.create(account=account, state=BundleState.IN_REVIEW)
    page = client.get(f"/papers/{bundle.sid}/where").content.decode()
    assert "A reviewer is reading" in page
    assert "Take them back" not in page
    assert client.post(f"/papers/{bundle.sid}/take-back").status_code == 409
