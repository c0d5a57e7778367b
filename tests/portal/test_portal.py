"""The portal: what strangers see, what customers see, and what no customer sees of another."""

import re
from collections.abc import Iterator

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account, AccountStatus, Membership
from numbering.recent import forget_everything
from tests.factories import AccountFactory, DidFactory, NumberFactory, UserFactory

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
