"""Who gave no callback gets an e-mail, at the address of who acts for the account."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.utils import timezone

from accounts.models import Account, Membership, User
from accounts.services.memberships import address_of
from inventory.models import Hold, Tariff, WaitlistServing, WaitMode
from inventory.waitlist.entries import Wish
from inventory.waitlist.queue import serve_due
from inventory.waitlist.telling import tell_due
from numbering.recent import forget_everything
from numbering.types import Capability, NumberType
from tests.factories import AccountFactory, NumberFactory, UserFactory
from tests.inventory.waitlist.waiters import LOCAL, waiting

pytestmark = pytest.mark.django_db


def member(account: Account, email: str = "ada@customer.example", **given: bool) -> None:
    Membership.objects.create(user=UserFactory.create(email=email, **given), account=account)


@pytest.fixture
def account() -> Account:
    """Of one person."""
    row: Account = AccountFactory.create()
    member(row)
    return row


def test_a_letter_names_the_numbers_what_they_can_do_their_price_and_until_when(account: Account) -> None:
    forget_everything()
    prices = {"setup_price": Decimal(1), "monthly_price": Decimal("1.15"), "currency": "USD"}
    Tariff.objects.create(country="US", number_type="local", **prices)
    wish = Wish("US", NumberType.LOCAL, area_code="415", capabilities=int(Capability.SMS))
    entry = waiting(wish, account=account, quantity=3)
    first, second = NumberFactory.create_batch(2, area_code="415", capabilities=3)
    serve_due()
    assert tell_due(10) == 1
    [letter] = mail.outbox
    basket = Hold.objects.get(number=first).reservation
    assert (letter.to, letter.subject) == (["ada@customer.example"], "2 numbers that you wait for: held for you now")
    assert letter.body == (
        "You asked for 3 numbers: United States, local, area code 415, with sms.\n\n"
        f"Held for you until {basket.expires_at:%-d %B %Y, %H:%M} UTC (reservation {basket.sid})."
        " What you have not bought by then goes back on sale.\n\n"
        f"- +{first.e164}: voice, sms; 1.15 USD a month, 1.00 USD once\n"
        f"- +{second.e164}: voice, sms; 1.15 USD a month, 1.00 USD once\n\n"
        "You still wait for 1 more.\n\n"
        f"Waitlist entry {entry.sid}, account {account.sid}\n"
        "You get this message because you act for this account and gave no StatusCallback. "
        "Nobody reads answers to it.\n"
    )
    told = WaitlistServing.objects.get()
    assert (told.next_at, told.done_at is None) == (None, False)
    assert letter.extra_headers["Message-ID"].startswith(f"<{told.token}@")
    assert tell_due(10) == 0


def test_who_is_only_told_reads_that_nothing_is_held(account: Account) -> None:
    waiting(LOCAL, account=account, mode=WaitMode.NOTIFY)
    NumberFactory.create()
    serve_due()
    tell_due(10)
    [letter] = mail.outbox
    assert letter.subject == "1 number that you wait for: on sale now"
    assert "held for nobody" in letter.body
    assert "nobody else on the waitlist is told of it.\n" in letter.body
    assert "That is all that you asked for." in letter.body


def test_what_a_customer_wrote_is_text_in_a_letter(account: Account) -> None:
    """And no part of its head."""
    waiting(Wish("US", NumberType.LOCAL, contains="415%"), account=account, mode=WaitMode.NOTIFY)
    NumberFactory.create(area_code="415")
    serve_due()
    tell_due(10)
    assert "like 415%" in mail.outbox[0].body


def test_without_an_address_there_is_no_letter() -> None:
    waiting(LOCAL)
    NumberFactory.create()
    serve_due()
    assert tell_due(10) == 0
    told = WaitlistServing.objects.get()
    assert (told.next_at, told.done_at, mail.outbox) == (None, None, [])


def test_who_lost_the_address_meanwhile_is_given_up(account: Account) -> None:
    waiting(LOCAL, account=account)
    NumberFactory.create()
    serve_due()
    User.objects.filter(memberships__account=account).update(is_active=False)
    for _ in range(3):
        tell_due(10)
        WaitlistServing.objects.exclude(next_at=None).update(next_at=timezone.now() - timedelta(seconds=1))
    told = WaitlistServing.objects.get()
    assert (told.last_error, told.given_up_at is None, mail.outbox) == ("the account has no address", False, [])


def test_a_callback_is_instead_of_a_letter(account: Account) -> None:
    waiting(LOCAL, account=account, status_callback="http://127.0.0.1:9/")
    NumberFactory.create()
    serve_due()
    assert tell_due(10) == 1
    assert mail.outbox == []
    assert WaitlistServing.objects.get().last_error != ""


def test_the_address_is_of_who_has_acted_longest_and_still_may(account: Account) -> None:
    member(account, "bea@customer.example")
    assert address_of(account) == "ada@customer.example"
    User.objects.filter(email="ada@customer.example").update(is_active=False)
    assert address_of(account) == "bea@customer.example"
    below = AccountFactory.create(parent=account)
    assert address_of(below) == "bea@customer.example"
    member(below, "cy@customer.example")
    assert address_of(below) == "cy@customer.example"
    User.objects.filter(memberships__account__in=[account, below]).update(is_active=False)
    member(account, "gone@customer.example", is_active=False)
    assert (address_of(account), address_of(below)) == ("", "")
