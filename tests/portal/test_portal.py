"""The portal: what strangers see, what customers see, and what no customer sees of another."""

import re
from collections.abc import Iterator
from decimal import Decimal
from html import unescape

import pytest
from django.conf import LazySettings
from django.contrib.auth.hashers import make_password
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account, AccountStatus, Membership
from compliance.models import NumberTypeRule
from inventory.models import Tariff
from numbering.recent import forget_everything
from numbering.types import NumberType
from tests.factories import AccountFactory, DidFactory, NumberFactory, UserFactory, loaded

SEARCH = {"country": "US", "type": "local"}


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    yield
    forget_everything()


@pytest.fixture
def account(db: None) -> Account:
    return AccountFactory.create(friendly_name="Ada's shop")


@pytest.fixture
def ada(account: Account) -> Client:
    """Signed in, a member of her own account."""
    user, client = UserFactory.create(email="ada@example.com"), Client()
    Membership.objects.create(user=user, account=account)
    client.force_login(user)
    return client


def test_a_stranger_sees_what_this_is_and_how_much_is_in_stock(client: Client, db: None) -> None:
    NumberFactory.create_batch(3)
    answer = client.get("/")
    shown = answer.content.decode()
    assert answer.status_code == 200
    assert "tested before they are sold" in shown
    assert "3 numbers" in shown


def test_a_stranger_sees_neither_flow_nor_numbers(client: Client, db: None) -> None:
    number = NumberFactory.create()
    shown = client.get("/").content.decode()
    assert str(number.e164) not in shown
    assert "in 24 hours" not in shown
    assert "stuck" not in shown


def test_every_link_of_the_landing_page_leads_somewhere(client: Client, db: None) -> None:
    links = set(re.findall(r'(?:href|src)="(/[^"#]*)', client.get("/").content.decode()))
    assert {"/sign-in", "/docs/openapi.json", "/docs/errors"} <= links
    assert {link: client.get(link).status_code for link in links if not link.startswith("/static/")} == {
        link: 200 for link in links if not link.startswith("/static/")
    }


def test_the_style_sheets_and_pictures_exist() -> None:
    from django.contrib.staticfiles import finders

    for name in ("tokens.css", "components.css", "portal.css", "console.css", "states.svg", "favicon.svg"):
        assert finders.find(f"numberyard/{name}")


@pytest.mark.parametrize("path", ["/", "/sign-in", "/find"])
def test_the_browser_runs_our_scripts_only(ada: Client, client: Client, path: str) -> None:
    for visitor in (ada, client):
        policy = visitor.get(path)["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "script-src 'self';" in policy


def test_a_customer_signs_in_and_out(client: Client, account: Account) -> None:
    user = UserFactory.create(email="ada@example.com", password="correct horse")
    Membership.objects.create(user=user, account=account)
    assert client.post("/sign-in", {"login": "ada@example.com", "password": "wrong"}).status_code == 200
    signed_in = client.post("/sign-in", {"login": "ada@example.com", "password": "correct horse"})
    assert signed_in["Location"] == "/"
    assert account.sid in client.get("/").content.decode()
    assert client.get("/sign-out").status_code == 405
    client.post("/sign-out")
    assert account.sid not in client.get("/").content.decode()


def test_countries_are_chosen_by_name_in_the_order_of_the_names(ada: Client) -> None:
    for e164, country in ((41441234567, "CH"), (14155550123, "US"), (4312345678, "AT")):
        NumberFactory.create(e164=e164, country=country)
    shown = ada.get("/find").content.decode()
    options = re.findall(r'<option value="([A-Z]{2})"[^>]*>([^<]+)', shown)
    assert options == [("AT", "Austria"), ("CH", "Switzerland"), ("US", "United States")]


def test_nobody_is_sent_to_another_site_after_signing_in(client: Client, db: None) -> None:
    UserFactory.create(email="ada@example.com")
    form = {"login": "ada@example.com", "password": "password", "next": "https://evil.example/"}
    assert client.post("/sign-in", form)["Location"] == "/"


def test_a_customer_sees_the_account_and_its_numbers_and_no_secret(ada: Client, account: Account) -> None:
    did = DidFactory.create(account=account, friendly_name="Front desk")
    shown = ada.get("/").content.decode()
    for words in (account.sid, did.number.number.national_format, "Front desk", "in service"):
        assert words in shown
    assert account.auth_token not in shown
    assert make_password("password")[:10] not in shown


def test_a_customer_sees_nothing_of_anothers(ada: Client) -> None:
    other = DidFactory.create()
    shown = ada.get("/").content.decode()
    assert str(other.number) not in shown
    assert other.account.sid not in shown
    assert ada.post("/act-for", {"account": other.account.sid}).status_code == 404
    assert other.account.sid not in ada.get("/").content.decode()


def test_who_has_two_accounts_acts_for_one_of_them(ada: Client, account: Account) -> None:
    other = DidFactory.create(friendly_name="Elsewhere")
    Membership.objects.create(user=Membership.objects.get(account=account).user, account=other.account)
    assert "Elsewhere" not in ada.get("/").content.decode()
    assert ada.post("/act-for", {"account": other.account.sid, "next": "//evil.example/"})["Location"] == "/"
    assert "Elsewhere" in ada.get("/").content.decode()
    Membership.objects.create(user=UserFactory.create(), account=other.account)
    Membership.objects.get(account=other.account, user__email="ada@example.com").delete()
    assert account.sid in ada.get("/").content.decode(), "who is no member any more acts for the first that is left"


def test_a_suspended_account_may_look_only(ada: Client, account: Account) -> None:
    Account.objects.filter(pk=account.pk).update(status=AccountStatus.SUSPENDED)
    assert ada.get("/find", SEARCH).status_code == 200


def test_pages_speak_the_browsers_language_and_the_api_does_not(ada: Client, account: Account) -> None:
    german = {"Accept-Language": "de"}
    assert '<html lang="de">' in ada.get("/", headers=german).content.decode()
    assert ada.get("/", headers=german)["Content-Language"] == "de"
    assert '<html lang="en-gb">' in ada.get("/").content.decode(), "nor does the next visitor of the thread"
    assert "Content-Language" not in ada.get("/docs/openapi.json", headers=german)
    ada.post("/language", {"language": "de", "next": "/"})
    assert '<html lang="de">' in ada.get("/").content.decode()


def test_a_user_without_an_account_is_told_so(db: None, client: Client) -> None:
    client.force_login(UserFactory.create())
    assert "belong to no account" in client.get("/").content.decode()
    assert client.get("/find", SEARCH).status_code == 403


def test_strangers_are_asked_to_sign_in_before_they_search(client: Client, db: None) -> None:
    assert client.get("/find", SEARCH)["Location"].startswith("/sign-in?next=")


def test_a_search_says_what_such_a_number_takes(ada: Client) -> None:
    NumberFactory.create()
    NumberFactory.create(country="DE")
    loaded("DE")
    assert "No papers are asked" in client_text(ada, SEARCH)
    page = client_text(ada, {"country": "DE", "type": "local"})
    assert "takes an address (local) and an approved bundle of papers" in page
    assert "not confirmed" not in page
    nothing = client_text(ada, {"country": "DE", "type": "local", "contains": "99999999"})
    assert "Nothing on sale matches" in nothing
    assert "takes an address (local) and an approved bundle of papers" in nothing


def test_the_request_that_buys_names_the_papers_that_are_asked_for(ada: Client) -> None:
    NumberFactory.create()
    NumberFactory.create(country="DE")
    loaded("DE")
    papers = ('-d "AddressSid=$ADDRESS_SID"', '-d "BundleSid=$BUNDLE_SID"')
    german = unescape(client_text(ada, {"country": "DE", "type": "local"}))
    assert all(each in german for each in papers)
    american = unescape(client_text(ada, SEARCH))
    assert not any(each in american for each in papers)


def test_no_request_is_shown_for_numbers_that_nobody_can_have(ada: Client) -> None:
    NumberFactory.create(country="FR")
    NumberTypeRule.objects.all().delete()
    shown = client_text(ada, {"country": "FR", "type": "local"})
    assert "nobody can have one: ask the operator" in shown
    assert "Buy over the API" not in shown


def client_text(client: Client, query: dict[str, str]) -> str:
    return client.get("/find", query).content.decode()


def test_a_search_shows_number_place_price(ada: Client) -> None:
    number = NumberFactory.create()
    Tariff.objects.create(
        country="US", number_type="local", setup_price=0, monthly_price=Decimal("1.15"), currency="USD"
    )
    shown = ada.get("/find", SEARCH).content.decode()
    for words in (str(number), number.number.national_format, "1.15 USD a month", "voice, sms, mms, fax"):
        assert words in shown


def test_a_page_of_results_shows_how_to_buy_its_first_number_over_the_api(
    ada: Client, account: Account, settings: LazySettings
) -> None:
    settings.PUBLIC_URL = "https://phones.example"
    number = NumberFactory.create()
    shown = unescape(ada.get("/find", SEARCH).content.decode())
    assert f"https://phones.example/2010-04-01/Accounts/{account.sid}/IncomingPhoneNumbers.json" in shown
    assert f'curl -u "{account.sid}:$AUTH_TOKEN"' in shown
    assert f'--data-urlencode "PhoneNumber={number}"' in shown


def test_a_type_that_is_not_sold_is_told_the_ones_that_are(ada: Client) -> None:
    NumberFactory.create()
    NumberFactory.create(e164=18005550100, number_type=NumberType.TOLL_FREE, area_code="800")
    shown = ada.get("/find", SEARCH | {"type": "mobile"}).content.decode()
    assert "Mobile numbers are not sold in United States; sold are: Local, Toll-free." in shown
    assert "Take one filter away" not in shown


def test_pages_follow_each_other_without_repeating(ada: Client) -> None:
    NumberFactory.create_batch(45)
    seen: list[str] = []
    link: str | None = "/find?country=US&type=local"
    while link:
        shown = ada.get(link).content.decode()
        seen += re.findall(r"ny-e164[^>]*>(\+1\d{10})", shown)
        following = re.search(r'href="(\?[^"]*page=[^"]*)"', shown)
        link = "/find" + following[1].replace("&amp;", "&") if following else None
    assert len(seen) == len(set(seen)) == 45


def test_no_result_is_an_answer(ada: Client) -> None:
    NumberFactory.create()
    assert "Nothing on sale matches" in ada.get("/find", {**SEARCH, "contains": "9999999"}).content.decode()


@pytest.mark.parametrize(
    "asked",
    [
        {"contains": "5"},
        {"contains": "<script>"},
        {"country": "XX"},
        {"type": "satellite"},
        {"area_code": "abc"},
        {"carries": "PIGEON"},
        {"contains": "5" * 17},
    ],
)
def test_a_wrong_search_is_explained(ada: Client, asked: dict[str, str]) -> None:
    NumberFactory.create()
    shown = ada.get("/find", SEARCH | asked).content.decode()
    assert "errorlist" in shown
    assert "<script>" not in shown


@pytest.mark.parametrize("token", ["x", "x:y:z", "%00", "1" * 5000])
def test_a_forged_page_starts_the_search_anew(ada: Client, token: str) -> None:
    NumberFactory.create()
    assert ada.get("/find", {**SEARCH, "page": token})["Location"] == "/find"


def test_a_search_page_takes_few_queries(ada: Client, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    NumberFactory.create_batch(30)
    ada.get("/find", SEARCH)
    with django_assert_max_num_queries(6):
        ada.get("/find", SEARCH)


def test_the_account_page_takes_as_many_queries_for_thirty_numbers_as_for_one(
    ada: Client, account: Account, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    DidFactory.create_batch(30, account=account)
    ada.get("/")
    with django_assert_num_queries(12):  # session, user, accounts; counts; four of needs, three of news; first steps
        ada.get("/")


def test_an_unknown_page_says_so_in_our_own_words(client: Client, db: None) -> None:
    answer = client.get("/no-such-page")
    assert answer.status_code == 404
    assert "There is no such page" in answer.content.decode()
