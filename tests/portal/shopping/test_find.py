"""Finding a number: what can be asked, what a row says, and what a stranger's input does."""

import re
from datetime import timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account
from compliance.lifecycle import BundleState
from compliance.models import NumberTypeRule
from inventory.models import PhoneNumber, Tariff
from numbering.recent import forget_everything
from numbering.types import NumberType
from testing_lab.models import Outcome, Passport, Purpose, Result, RunState, SuiteRun
from tests.factories import BundleFactory, DidFactory, NumberFactory, loaded
from tests.portal.shopping.window import US_LOCAL, numbers_on, page, stocked

FINDS: list[tuple[dict[str, str | list[str]], set[int]]] = [
    ({}, {14155550101, 14155558294, 15105550103, 12125550105}),
    ({"can": "SMS"}, {14155550101, 15105550103}),
    ({"can": ["SMS", "FAX"]}, {14155550101}),
    ({"contains": "taxi"}, {14155558294}),
    ({"contains": "5*5*1*3"}, {15105550103}),
    ({"area_code": "415"}, {14155550101, 14155558294}),
    ({"locality": "oakland"}, {15105550103}),
    ({"locality": "Oakland, CA"}, {15105550103}),
    ({"locality": "Oakland", "km": "25"}, {14155550101, 14155558294, 15105550103}),
    ({"region": "new york"}, {12125550105}),
    ({"postal_code": "94607"}, {15105550103}),
    ({"lata": "722", "rate_centre": "SNFC"}, {14155550101, 14155558294}),
]
WRONG: list[tuple[dict[str, str], str]] = [
    ({"contains": "5"}, "That can't be searched for"),
    ({"contains": "<script>"}, "That can't be searched for"),
    ({"contains": "5" * 17}, "at most 16 characters"),
    ({"country": "XX"}, "Select a valid choice"),
    ({"type": "satellite"}, "Select a valid choice"),
    ({"area_code": "abc"}, "An area code is 1 to 8 digits"),
    ({"area_code": "41"}, "three digits, such as 415"),
    ({"can": "PIGEON"}, "Select a valid choice"),
    ({"km": "25"}, "Around which town?"),
    ({"km": "25", "locality": "Atlantis"}, "We know no town of that name here"),
    ({"rate_centre": "SNFC"}, "A rate centre needs its LATA"),
    ({"locality": "x" * 121}, "at most 120 characters"),
]


@pytest.mark.parametrize(("asked", "found"), FINDS, ids=[str(asked) for asked, _ in FINDS])
def test_everything_that_is_asked_must_hold(ada: Client, asked: dict[str, str | list[str]], found: set[int]) -> None:
    stocked()
    assert numbers_on(page(ada, "/find", **US_LOCAL, **asked)) == found


@pytest.mark.parametrize(("asked", "why"), WRONG, ids=[str(asked)[:60] for asked, _ in WRONG])
def test_a_wrong_search_is_explained_beside_its_field(ada: Client, asked: dict[str, str], why: str) -> None:
    stocked()
    shown = page(ada, "/find", **US_LOCAL | asked)
    assert why in shown
    assert 'aria-invalid="true"' in shown
    assert "<script>" not in ada.get("/find", US_LOCAL | asked).content.decode()


def test_the_digits_that_were_asked_for_are_marked(ada: Client) -> None:
    stocked()
    shown = page(ada, "/find", **US_LOCAL, contains="5*0105")
    assert "(212) 55<mark>5</mark>-<mark>0105</mark>" not in shown, "a wildcard is no match"
    assert "(212) 5<mark>5</mark>5-<mark>0105</mark>" in shown
    assert "+121255<mark>5</mark>" not in shown
    assert "+12125<mark>5</mark>5<mark>0105</mark>" in shown


def test_a_word_is_shown_with_its_letters(ada: Client) -> None:
    stocked()
    shown = page(ada, "/find", **US_LOCAL, contains="Taxi")
    assert "(415) 555-<mark>TAXI</mark>" in shown
    assert "+1415555<mark>8294</mark>" in shown


def test_a_trunk_prefix_is_no_match(ada: Client) -> None:
    NumberFactory.create(e164=498912349876, country="DE")
    shown = page(ada, "/find", country="DE", type="local", contains="+4989")
    assert "0<mark>89</mark>" in shown
    assert "+<mark>4989</mark>12349876" in shown


def test_towns_nearby_are_told_with_their_distance(ada: Client) -> None:
    stocked()
    shown = page(ada, "/find", **US_LOCAL, locality="Oakland", km="25")
    assert "Oakland, CA" in shown
    assert "right there" in shown
    assert "14 km away" in shown


def with_passport(number: PhoneNumber) -> None:
    """Give it a passport of two days ago."""
    run = SuiteRun.objects.create(
        number=number, purpose=Purpose.RETEST, state=RunState.DONE, passed=True, attempt=1, finished_at=timezone.now()
    )
    outcomes = {"V01": Outcome.PASS, "V10": Outcome.PASS, "V13": Outcome.PASS, "F01": Outcome.NOT_APPLICABLE}
    Result.objects.bulk_create(
        [Result(run=run, attempt=1, code=code, outcome=outcome) for code, outcome in outcomes.items()]
        + [Result(run=run, attempt=0, code="V01", outcome=Outcome.INCONCLUSIVE)]
    )
    Passport.objects.create(
        number=number, run=run, declared=15, tested=15, issued_at=timezone.now() - timedelta(days=2),
        expires_at=timezone.now() + timedelta(days=28),
    )  # fmt: skip
    PhoneNumber.objects.filter(pk=number.pk).update(post_dial_delay=1.25, mos=4.31)


def test_a_row_says_what_the_lab_proved_and_leads_to_each_test(ada: Client) -> None:
    number = NumberFactory.create()
    with_passport(number)
    shown = page(ada, "/find", **US_LOCAL)
    for words in ("3 of 3 tests passed", "2 days", "right caller shown", "rings after 1.3 s", "4.3"):
        assert words in shown
    passport = ada.get(f"/find/passport/{number.e164}")
    assert passport.status_code == 302
    assert ada.get(passport["Location"]).status_code == 200


def test_the_passport_of_what_another_account_has_is_not_found(ada: Client) -> None:
    did = DidFactory.create()
    with_passport(did.number)
    assert ada.get(f"/find/passport/{did.number.e164}").status_code == 404
    assert ada.get("/find/passport/99999999999999999999").status_code == 404


def test_a_row_says_what_it_costs(ada: Client) -> None:
    NumberFactory.create()
    assert "price on request" in page(ada, "/find", **US_LOCAL)
    prices = {"setup_price": 1, "monthly_price": Decimal("1.15"), "currency": "USD"}
    Tariff.objects.create(country="US", number_type="local", **prices)
    forget_everything()
    shown = page(ada, "/find", **US_LOCAL).replace("\N{NO-BREAK SPACE}", " ")
    assert "1.15 USD</strong> a month" in shown
    assert "and 1.00 USD once" in shown


def test_what_the_law_asks_is_said_before_anything_is_chosen(ada: Client) -> None:
    NumberFactory.create()
    NumberFactory.create(e164=493012345678, country="DE")
    loaded("DE")
    assert "No papers are asked" in page(ada, "/find", **US_LOCAL)
    shown = page(ada, "/find", country="DE", type="local")
    assert "an address in the country" in shown
    assert "an approved bundle of papers" in shown
    assert "The law asks: papers, and an address" in shown
    assert "not confirmed" not in shown


def test_papers_that_one_has_are_named(ada: Client, account: Account) -> None:
    NumberFactory.create(e164=493012345678, country="DE")
    bundle = BundleFactory.create(account=account, friendly_name="Berlin papers", approved=True)
    assert "You have one: “Berlin papers”" in page(ada, "/find", country="DE", type="local")
    BundleFactory.create(friendly_name="Somebody else's", approved=True)
    assert "Somebody" not in page(ada, "/find", country="DE", type="local")
    assert bundle.state == BundleState.APPROVED


def test_papers_that_wait_are_named(ada: Client, account: Account) -> None:
    NumberFactory.create(e164=493012345678, country="DE")
    loaded("DE")
    BundleFactory.create(account=account, friendly_name="Berlin papers", state=BundleState.PENDING_REVIEW)
    assert "“Berlin papers”, is waiting for its review" in page(ada, "/find", country="DE", type="local")


def test_the_request_that_buys_names_the_papers_that_are_asked_for(ada: Client, account: Account) -> None:
    number = NumberFactory.create()
    NumberFactory.create(e164=493012345678, country="DE")
    loaded("DE")
    papers = ('-d "AddressSid=$ADDRESS_SID"', '-d "BundleSid=$BUNDLE_SID"')
    german, american = page(ada, "/find", country="DE", type="local"), page(ada, "/find", **US_LOCAL)
    assert all(each in german for each in papers)
    assert not any(each in american for each in papers)
    assert f'--data-urlencode "PhoneNumber={number}"' in american
    assert f"/2010-04-01/Accounts/{account.sid}/IncomingPhoneNumbers.json" in american


def test_the_request_goes_to_the_address_of_the_installation(ada: Client, settings: LazySettings) -> None:
    settings.PUBLIC_URL = "https://phones.example"
    NumberFactory.create()
    assert "https://phones.example/2010-04-01/Accounts/" in page(ada, "/find", **US_LOCAL)


def test_nothing_is_offered_of_what_nobody_can_have(ada: Client) -> None:
    NumberFactory.create(country="FR")
    NumberTypeRule.objects.all().delete()
    shown = page(ada, "/find", country="FR", type="local")
    assert "nobody can have one: ask the operator" in shown
    assert "Buy over the API" not in shown


def test_a_kind_that_is_not_sold_is_told_the_ones_that_are(ada: Client) -> None:
    NumberFactory.create()
    NumberFactory.create(e164=18005550100, number_type=NumberType.TOLL_FREE, area_code="800")
    shown = page(ada, "/find", country="US", type="mobile")
    assert "Mobile numbers are not sold in United States; sold are: Local, Toll-free." in shown


def test_pages_follow_each_other_without_repeating(ada: Client) -> None:
    NumberFactory.create_batch(45)
    seen: list[int] = []
    link: str | None = "/find?country=US&type=local"
    while link:
        shown = ada.get(link).content.decode()
        seen += numbers_on(shown)
        following = re.search(r'href="(\?[^"]*page=[^"]*)"', shown)
        link = "/find" + unescape(following[1]) if following else None
    assert len(seen) == len(set(seen)) == 45


def test_with_htmx_a_further_page_is_rows_only(ada: Client) -> None:
    NumberFactory.create_batch(25)
    following = re.search(r'hx-get="([^"]*page=[^"]*)"', ada.get("/find", US_LOCAL).content.decode())
    assert following
    answer = ada.get(unescape(following[1]), headers={"HX-Request": "true"})
    assert len(numbers_on(answer.content.decode())) == 5
    assert "<html" not in answer.content.decode()


@pytest.mark.parametrize("token", ["x", "x:y:z", "%00", "1" * 5000])
def test_a_forged_page_starts_the_search_anew(ada: Client, token: str) -> None:
    NumberFactory.create()
    assert ada.get("/find", {**US_LOCAL, "page": token})["Location"] == "/find"


def test_towns_are_suggested_those_with_numbers_first(ada: Client) -> None:
    numbers = stocked()
    assert re.findall(r'value="([^"]*)"', page(ada, "/find/towns", **US_LOCAL, locality="new")) == ["New York"]
    assert "nothing on sale" not in page(ada, "/find/towns", **US_LOCAL, locality="OAK")
    PhoneNumber.objects.filter(pk=numbers[15105550103].pk).update(blocked=True)
    assert "nothing on sale" in page(ada, "/find/towns", **US_LOCAL, locality="OAK")
    assert page(ada, "/find/towns", **US_LOCAL, locality="").strip() == ""


def test_what_was_typed_comes_back_as_text(ada: Client) -> None:
    stocked()
    evil = '"><script>alert(1)</script>'
    for name in ("locality", "region", "postal_code", "contains", "page", "anything"):
        shown = ada.get("/find", US_LOCAL | {name: evil[:120]}).content.decode()
        assert "<script>alert" not in shown


def test_a_search_page_takes_a_fixed_number_of_queries(
    ada: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in NumberFactory.create_batch(30):
        with_passport(number)
    ada.get("/find", US_LOCAL)
    with django_assert_num_queries(5):  # session, user, accounts, the search, what the lab proved
        ada.get("/find", US_LOCAL)


def test_strangers_may_look_and_are_asked_to_sign_in_to_reserve(client: Client, db: None) -> None:
    numbers = stocked()
    with_passport(numbers[15105550103])
    shown = page(client, "/find", **US_LOCAL, locality="Oakland")
    assert numbers_on(shown) == {15105550103}
    assert "No papers are asked" in shown
    assert "/sign-in?next=%2Ffind%3Fcountry%3DUS%26type%3Dlocal%26locality%3DOakland" in shown
    for words in ("Reserve", "Buy over the API", "Your waitlist", "Cart"):
        assert words not in shown
    assert client.get("/find/passport/15105550103").status_code == 302
    for path in ("/find/map", "/find/map?country=US", "/find/towns?country=US&locality=oak"):
        assert client.get(path).status_code == 200


def test_strangers_are_helped_too_when_nothing_is_found(client: Client, db: None) -> None:
    stocked()
    shown = page(client, "/find", **US_LOCAL, locality="Oakland", contains="taxi")
    assert "Without the town" in shown
    assert "Sign in to wait for it" in shown
    assert "Put me on the waitlist" not in shown


@pytest.mark.parametrize("path", ["/cart", "/find/waitlist", "/cart/bought"])
def test_what_belongs_to_an_account_asks_strangers_to_sign_in(client: Client, db: None, path: str) -> None:
    assert client.get(path)["Location"] == f"/sign-in?next={path}"


@pytest.mark.parametrize("path", ["/cart/reserve", "/cart/buy", "/find/waitlist", "/find/waitlist/WLx/cancel"])
def test_strangers_change_nothing(client: Client, db: None, path: str) -> None:
    number = NumberFactory.create()
    assert client.post(path, {"number": str(number.e164), **US_LOCAL})["Location"].startswith("/sign-in?next=")
    number.refresh_from_db()
    assert number.state == "AVAILABLE"
