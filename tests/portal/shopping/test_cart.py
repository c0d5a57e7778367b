"""The cart: holding, its clock, what a number still needs, and buying once."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account, AccountStatus
from compliance.lifecycle import BundleState
from compliance.models import Address, Bundle
from inventory.lifecycle import State
from inventory.models import Did, Hold, PhoneNumber, Reservation, Tariff
from inventory.services import assignments, reservations
from numbering import places
from numbering.models import Place, PlacePrefix
from portal.templatetags.moments import day
from tests.factories import (
    AccountFactory,
    AddressFactory,
    BundleFactory,
    DocumentFactory,
    HoldFactory,
    NumberFactory,
    loaded,
)
from tests.portal.shopping.window import page, said

BERLIN = 493012345678
PREFIXES = {49: "Hamburg", 4930: "Berlin"}  # the shortest stands for numbers of which no more is known


@pytest.fixture
def berlin(db: None) -> PhoneNumber:
    """A number whose prefix serves Berlin, with the rules in force."""
    places.forget_prefixes()
    loaded("DE")
    for prefix, town in PREFIXES.items():
        known = {"country": "DE", "granularity": "locality", "source": "libphonenumber"}
        place = Place.objects.create(id=prefix, name=town, normalised_name=town.lower(), **known)
        PlacePrefix.objects.create(prefix=prefix, country="DE", place=place)
    return NumberFactory.create(e164=BERLIN, country="DE")


def papers_for_berlin(account: Account, name: str = "Berlin papers") -> Bundle:
    """An approved bundle that shows an address there."""
    address = AddressFactory.create(account=account)
    paper = DocumentFactory.create(account=account, type="commercial_registrar_excerpt", addresses=[address])
    return BundleFactory.create(account=account, friendly_name=name, items=[paper], approved=True)


def reserved(client: Client, number: PhoneNumber) -> None:
    client.post("/cart/reserve", {"number": str(number.e164), "search": "country=US&type=local"})


def queries_of_the_cart(client: Client) -> int:
    client.get("/cart")
    with CaptureQueriesContext(connection) as seen:
        client.get("/cart")
    return len(seen)


def bought_now(client: Client, *numbers: PhoneNumber, **more: str) -> str:
    return said(client.post("/cart/buy", {"number": [str(number.e164) for number in numbers], **more}, follow=True))


def test_a_reserved_number_is_in_the_cart_with_its_clock(ada: Client, account: Account) -> None:
    number = NumberFactory.create()
    answer = ada.post("/cart/reserve", {"number": str(number.e164)})
    assert answer["Location"] == "/cart"
    hold = Hold.objects.get(number=number, ended="")
    assert hold.reservation.account == account
    shown = page(ada, "/cart")
    for words in (number.number.national_format, str(number), "is held for you", "14 minutes left", "Buy 1 number"):
        assert words in shown.replace("\N{NO-BREAK SPACE}", " ")
    assert hold.reservation.expires_at.strftime("until %H:%M UTC") in shown


def test_the_cart_is_counted_on_every_page_without_a_query(
    ada: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    assert "ny-count-badge" not in page(ada, "/find")
    reserved(ada, NumberFactory.create())
    reserved(ada, NumberFactory.create())
    assert re.search(r'ny-count-badge">2<', page(ada, "/find"))
    ada.get("/find/waitlist")
    with django_assert_num_queries(4):  # session, user, accounts, the waitlist
        ada.get("/find/waitlist")


def test_what_has_run_out_is_counted_no_more(ada: Client, account: Account) -> None:
    HoldFactory.create(reservation__account=account, reservation__expires_at=timezone.now() + timedelta(seconds=2))
    ada.get("/cart")
    session = ada.session
    session["held"] = {account.sid: [timezone.now().timestamp() - 1]}
    session.save()
    assert "ny-count-badge" not in page(ada, "/find")


def test_with_htmx_the_row_says_that_it_is_held(ada: Client) -> None:
    number = NumberFactory.create()
    answer = ada.post("/cart/reserve", {"number": str(number.e164)}, headers={"HX-Request": "true"})
    shown = said(answer)
    assert answer.status_code == 200
    assert "held for you" in shown
    assert "<html" not in shown
    assert 'id="cart-link"' in shown
    assert shown.count('hx-swap-oob="true"') == 2


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["plain", "htmx"])
def test_who_comes_second_is_told_so(ada: Client, headers: dict[str, str]) -> None:
    taken = HoldFactory.create().number
    shown = said(ada.post("/cart/reserve", {"number": str(taken.e164)}, headers=headers, follow=True))
    assert "has just been taken: somebody was quicker" in shown
    assert Hold.objects.filter(ended="").count() == 1


@pytest.mark.parametrize("number", ["", "abc", "1", "99999999999999999999", "14155550123; DROP TABLE"])
def test_what_is_no_number_is_not_reserved(ada: Client, number: str) -> None:
    answer = ada.post("/cart/reserve", {"number": number}, follow=True)
    assert answer.status_code == 200
    assert not Reservation.objects.exists()


def test_holding_longer_adds_a_quarter_of_an_hour_and_never_shortens(ada: Client, account: Account) -> None:
    number = NumberFactory.create()
    held = reservations.reserve(account=account, numbers=[number.e164], lasting=timedelta(hours=1))
    ada.post(f"/cart/{held.sid}/extend")
    extended = Reservation.objects.get(pk=held.pk)
    assert timedelta(minutes=14) < extended.expires_at - held.expires_at < timedelta(minutes=16)


def test_two_hours_are_the_most(ada: Client, account: Account) -> None:
    number = NumberFactory.create()
    held = reservations.reserve(account=account, numbers=[number.e164], lasting=timedelta(minutes=115))
    ada.post(f"/cart/{held.sid}/extend")
    extended = Reservation.objects.get(pk=held.pk)
    assert extended.expires_at <= extended.created_at + timedelta(hours=2)
    assert extended.expires_at > held.expires_at
    assert "Two hours are the most" in page(ada, "/cart")


def test_putting_back_puts_it_on_sale(ada: Client) -> None:
    number = NumberFactory.create()
    reserved(ada, number)
    shown = said(ada.post(f"/cart/{Reservation.objects.get().sid}/put-back", follow=True))
    assert "it is on sale again" in shown
    assert "The cart is empty" in shown
    assert PhoneNumber.objects.get(pk=number.pk).state == State.AVAILABLE


@pytest.mark.parametrize("verb", ["extend", "put-back"])
def test_anothers_reservation_is_not_found(ada: Client, verb: str) -> None:
    hold = HoldFactory.create()
    before = hold.reservation.expires_at
    assert ada.post(f"/cart/{hold.reservation.sid}/{verb}").status_code == 404
    hold.refresh_from_db()
    assert (hold.ended, hold.reservation.expires_at) == ("", before)


@pytest.mark.parametrize("path", ["/cart/reserve", "/cart/buy", "/cart/RVx/extend", "/cart/RVx/put-back"])
def test_what_changes_something_is_no_link(ada: Client, path: str) -> None:
    assert ada.get(path)["Location"] == "/cart", "where who had to sign in first finds the way back"
    unguarded = Client(enforce_csrf_checks=True)
    unguarded.cookies = ada.cookies
    assert unguarded.post(path).status_code == 403


def test_what_ran_out_is_said_and_can_be_had_again(ada: Client, account: Account) -> None:
    past = timezone.now() - timedelta(minutes=5)
    free = HoldFactory.create(reservation__account=account)
    gone = HoldFactory.create(reservation__account=account)
    for hold in (free, gone):
        Reservation.objects.filter(pk=hold.reservation.pk).update(
            created_at=past - timedelta(minutes=15), expires_at=past
        )
        PhoneNumber.objects.filter(pk=hold.number.pk).update(due_at=past)
    assignments.buy(account=AccountFactory.create(), e164=gone.number.e164, settings={})
    shown = page(ada, "/cart")
    assert "The time ran out for these" in shown
    assert re.search(rf"{re.escape(free.number.number.national_format)}.*Reserve again", shown)
    assert "not on sale any more" in shown
    reserved(ada, free.number)
    assert "Reserve again" not in page(ada, "/cart")


def test_buying_tells_what_the_number_can_do_now(ada: Client, account: Account) -> None:
    number = NumberFactory.create()
    reserved(ada, number)
    shown = bought_now(ada, number, **{f"n{number.e164}-friendly_name": "Front desk"})
    did = Did.objects.get(number=number, ended_at=None)
    assert (did.account, did.friendly_name) == (account, "Front desk")
    for words in ("The number is yours", number.number.national_format, "Messages (SMS)", did.sid, "Front desk"):
        assert words in shown
    assert Hold.objects.get(number=number).ended == "bought"
    assert "The cart is empty" in page(ada, "/cart")


def test_a_double_click_buys_once(ada: Client) -> None:
    number = NumberFactory.create()
    reserved(ada, number)
    bought_now(ada, number)
    assert "The number is yours" in bought_now(ada, number)
    assert Did.objects.filter(number=number).count() == 1


def test_all_are_bought_or_each_says_why_not(ada: Client) -> None:
    first, second = NumberFactory.create_batch(2)
    taken = HoldFactory.create().number
    reserved(ada, first)
    reserved(ada, second)
    shown = bought_now(ada, first, second, taken)
    assert "2 numbers are yours" in shown
    assert "1 number was not bought" in shown
    assert "Nothing of these was changed" in shown
    assert Did.objects.count() == 2


def test_one_of_several_can_be_bought_alone(ada: Client) -> None:
    first, second = NumberFactory.create_batch(2)
    reserved(ada, first)
    reserved(ada, second)
    bought_now(ada, first, second, only=str(second.e164))
    assert [did.number for did in Did.objects.all()] == [second]


def test_prices_are_added_up_by_currency(ada: Client) -> None:
    for country, currency, monthly in (("US", "USD", "1.15"), ("DE", "EUR", "2")):
        prices = {"setup_price": 1, "monthly_price": Decimal(monthly), "currency": currency}
        Tariff.objects.create(country=country, number_type="local", **prices)
    for number in (*NumberFactory.create_batch(2), NumberFactory.create(e164=BERLIN, country="DE")):
        reserved(ada, number)
    shown = page(ada, "/cart").replace("\N{NO-BREAK SPACE}", " ")
    assert "2.30 USD</strong> a month" in shown
    assert "and 2.00 USD once" in shown
    assert "2.00 EUR</strong> a month" in shown


def test_what_needs_papers_leads_to_them_and_is_not_offered_for_sale(ada: Client) -> None:
    number = NumberFactory.create(e164=BERLIN, country="DE")
    loaded("DE")
    reserved(ada, number)
    shown = page(ada, "/cart")
    assert "It can't be bought yet" in shown
    assert "approved bundle of papers" in shown
    assert "Buy this one" not in shown
    assert "Have a bundle approved" in bought_now(ada, number)
    assert not Did.objects.exists()


def test_with_papers_that_fit_it_is_bought_with_them(ada: Client, account: Account, berlin: PhoneNumber) -> None:
    bundle = papers_for_berlin(account)
    AddressFactory.create(account=account, street="Another street 1")
    reserved(ada, berlin)
    shown = page(ada, "/cart")
    assert "Berlin papers, Unter den Linden 77, Berlin" in shown
    assert "Another street" not in shown, "the papers do not show it"
    bought_now(ada, berlin)
    did = Did.objects.get(number=berlin)
    assert did.bundle_sid == bundle.sid
    assert Address.objects.get(sid=did.address_sid).street == "Unter den Linden 77"


def test_one_chooses_among_papers_that_fit(ada: Client, account: Account, berlin: PhoneNumber) -> None:
    first, second = papers_for_berlin(account, "First"), papers_for_berlin(account, "Second")
    reserved(ada, berlin)
    choices = dict(re.findall(r'<option value="([^"]*)"[^>]*>(First|Second)', page(ada, "/cart")))
    assert sorted(choices.values()) == ["First", "Second"]
    [chosen] = [key for key, name in choices.items() if name == "First"]
    bought_now(ada, berlin, **{f"n{BERLIN}-papers": chosen})
    assert Did.objects.get(number=berlin).bundle_sid == first.sid != second.sid


def test_anothers_papers_buy_nothing(ada: Client, account: Account, berlin: PhoneNumber) -> None:
    bundle = papers_for_berlin(AccountFactory.create(), "Another's")
    papers_for_berlin(account)
    reserved(ada, berlin)
    assert "Another's" not in page(ada, "/cart")
    shown = bought_now(ada, berlin, **{f"n{BERLIN}-papers": f"{bundle.sid}-{bundle.account.addresses.get().sid}"})
    assert "Select a valid choice" in shown
    assert not Did.objects.exists()


def test_a_suspended_account_holds_and_buys_nothing(ada: Client, account: Account) -> None:
    number = NumberFactory.create()
    Account.objects.filter(pk=account.pk).update(status=AccountStatus.SUSPENDED)
    assert ada.post("/cart/reserve", {"number": str(number.e164)}).status_code == 403
    assert ada.post("/cart/buy", {"number": str(number.e164)}).status_code == 403
    assert not Hold.objects.exists()


def test_test_credentials_hold_and_buy_nothing(ada: Client, account: Account) -> None:
    number = NumberFactory.create()
    Account.objects.filter(pk=account.pk).update(is_test=True)
    assert "it can hold and buy nothing" in said(ada.post("/cart/reserve", {"number": str(number.e164)}, follow=True))
    assert "it can hold and buy nothing" in said(ada.post("/cart/buy", {"number": str(number.e164)}))
    assert not Hold.objects.exists()
    assert not Did.objects.exists()


def test_names_that_a_customer_gave_are_shown_as_text(ada: Client, account: Account, berlin: PhoneNumber) -> None:
    papers_for_berlin(account, "<script>alert(1)</script>")
    reserved(ada, berlin)
    shown = ada.get("/cart").content.decode()
    assert "&lt;script&gt;alert(1)" in shown
    assert "<script>alert" not in shown


def test_the_cart_takes_as_many_queries_for_ten_numbers_as_for_one(
    ada: Client, account: Account, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    reserved(ada, NumberFactory.create())
    ada.get("/cart")
    with django_assert_num_queries(6):  # session, user, accounts, what is held, newest reservations, what ran out
        ada.get("/cart")
    for number in NumberFactory.create_batch(9):
        reserved(ada, number)
    ada.get("/cart")
    with django_assert_num_queries(6):
        ada.get("/cart")


def test_papers_are_looked_up_once_for_each_kind_and_area(ada: Client, account: Account, berlin: PhoneNumber) -> None:
    papers_for_berlin(account)

    reserved(ada, berlin)
    for_one = queries_of_the_cart(ada)
    for e164 in range(BERLIN + 1, BERLIN + 5):
        reserved(ada, NumberFactory.create(e164=e164, country="DE"))
    assert queries_of_the_cart(ada) == for_one


def test_who_has_no_papers_has_the_law_looked_up_once_for_each_kind(ada: Client, berlin: PhoneNumber) -> None:
    loaded("DE")
    reserved(ada, berlin)
    for_one = queries_of_the_cart(ada)
    for area, e164 in {"40": 494012345678, "89": 498912345678, "69": 496912345678}.items():
        reserved(ada, NumberFactory.create(e164=e164, country="DE", area_code=area))
    assert (
        queries_of_the_cart(ada) == for_one + 3 * 2
    )  # where the address must lie, of each area: the gate reads the rule


def test_a_trial_account_is_told_before_it_buys_too_much(ada: Client, account: Account) -> None:
    Account.objects.filter(pk=account.pk).update(is_trial=True)
    first, second = NumberFactory.create_batch(2)
    reserved(ada, first)
    assert "trial account" not in page(ada, "/cart"), "its one number is allowed"
    reserved(ada, second)
    shown = page(ada, "/cart")
    assert "This is a trial account: it can buy one of these." in shown
    assert f'href="mailto:{settings.SUPPORT_EMAIL}"' in shown
    shown = bought_now(ada, first, second)
    assert "A trial account may have one number. Have the limit lifted, and buy it then." in shown
    assert account.sid not in shown.partition("number was not bought")[2].partition("</section>")[0]
    assert "This is a trial account, and it has its one number." in page(ada, "/cart")


def test_papers_that_wait_say_until_when_and_what_if_the_hold_ends_before(ada: Client, account: Account) -> None:
    loaded("DE")
    waiting = BundleFactory.create(account=account, state=BundleState.PENDING_REVIEW, friendly_name="Ours")
    due = timezone.now() + timedelta(days=3)
    Bundle.objects.filter(pk=waiting.pk).update(due_at=due)
    reserved(ada, NumberFactory.create(e164=BERLIN, country="DE"))
    shown = page(ada, "/cart")
    assert f"Your papers “Ours” wait for their review. A decision is due by {day(due)}." in shown
    assert f'href="/papers/{waiting.sid}">See how it stands' in shown
    assert "if this one is gone by then, take another one like it" in shown
    assert "stays in the cart as long as it is held" in shown
