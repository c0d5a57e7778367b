"""The overview: what needs the customer, what the account has and costs, what happened, and the first steps."""

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account, Membership
from accounts.services.credentials import issue_key
from compliance.lifecycle import BundleState
from compliance.models import ExpiryWarning, SupportingDocument
from inventory.models import Tariff, WaitlistEntry, WaitlistServing
from inventory.services import assignments
from numbering.types import NumberType
from tests.factories import (
    AccountFactory,
    BundleFactory,
    DidFactory,
    HoldFactory,
    NumberFactory,
    ReservationFactory,
    UserFactory,
)

Text = Callable[..., str]


def test_an_account_with_nothing_to_do_is_told_so(text_of: Text) -> None:
    page = text_of("/")
    assert "no paper is missing, and nothing runs out" in page
    assert "You have no number yet" in page
    assert "as long as you have no number" in page
    assert "Nothing has happened yet" in page


def test_numbers_are_counted_by_country_and_state(text_of: Text, account: Account) -> None:
    DidFactory.create_batch(2, account=account)
    DidFactory.create(account=account, number__e164=442079460123)
    assignments.release(did=DidFactory.create(account=account), actor="user:1")
    HoldFactory.create(reservation=ReservationFactory.create(account=account))
    DidFactory.create()
    rows = re.findall(r"country=(\w\w)\">[^<]+</a></td>\s*<td[^>]*>(\d+)</td>\s*<td[^>]*>(\d*)</td>", text_of("/"))
    assert rows == [("GB", "1", ""), ("US", "2", "1")]
    assert '?country=US&amp;state=RELEASED">1</a>' in text_of("/")


def test_the_cost_is_added_up_in_each_currency(text_of: Text, account: Account) -> None:
    for country, price, currency in (("US", "1.15", "USD"), ("GB", "2.50", "EUR")):
        Tariff.objects.create(
            country=country, number_type="local", setup_price=0, monthly_price=Decimal(price), currency=currency
        )
    DidFactory.create_batch(2, account=account)
    DidFactory.create(account=account, number__e164=442079460123)
    DidFactory.create(account=account, number__number_type=NumberType.MOBILE)
    page = unescape(text_of("/"))
    assert re.findall(r"ny-amount ny-digits\">([\d.]+) <span>(\w+)<", page) == [("2.50", "EUR"), ("2.30", "USD")]
    assert "1 of them is priced as agreed" in page


def test_whatever_needs_the_customer_is_said_the_pressing_first(text_of: Text, account: Account) -> None:
    BundleFactory.create(account=account, friendly_name="Half written")
    BundleFactory.create(account=account, friendly_name="Sent back", state=BundleState.REJECTED)
    ending = timezone.now() + timedelta(days=12)
    approved = BundleFactory.create(account=account, friendly_name="Old rules", approved=True, valid_until=ending)
    DidFactory.create(account=account, bundle_sid=approved.sid)
    document = SupportingDocument.objects.get(assignments__bundle=approved)
    ExpiryWarning.objects.create(bundle=approved, document=document, revision=document.revision)
    assignments.release(did=DidFactory.create(account=account), actor="user:1")
    HoldFactory.create(reservation=ReservationFactory.create(account=account))
    entry = _served(account)
    assert "1 number hangs on it" in text_of("/")
    said = re.findall(r"<li( class=\"ny-pressing\")?>\s*<div><strong>(?:<a[^>]*>)?([^<]+)<", text_of("/"))
    assert [what for pressing, what in said if pressing] == [
        "Numbers are held for you in your cart",
        "An approval ends: Old rules",
        "Papers were rejected: Sent back",
        "A paper expires within a month: Old rules",
        f"What you waited for is there: {entry.served} number",
    ]
    assert [what for pressing, what in said if not pressing] == [
        "Numbers that you gave back may still be taken back",
        "Papers are not handed in yet: Half written",
    ]


def _served(account: Account) -> WaitlistEntry:
    """One of two numbers that were waited for, held since a minute ago."""
    entry = WaitlistEntry.objects.create(
        account=account,
        country="US",
        number_type="local",
        quantity=2,
        served=1,
        mode="notify",
        expires_at=timezone.now() + timedelta(days=9),
    )
    WaitlistServing.objects.create(entry=entry)
    return entry


def test_what_needs_others_is_not_said(text_of: Text, account: Account) -> None:
    other = AccountFactory.create()
    BundleFactory.create(account=other, friendly_name="Sent back", state=BundleState.REJECTED)
    assignments.release(did=DidFactory.create(account=other), actor="user:1")
    HoldFactory.create()
    _served(other)
    page = text_of("/")
    assert "no paper is missing, and nothing runs out" in page
    assert "Nothing has happened yet" in page


def test_the_newest_events_come_first(text_of: Text, account: Account) -> None:
    assignments.buy(account=account, e164=NumberFactory.create().e164, settings={"friendly_name": "First"})
    gone = assignments.buy(account=account, e164=NumberFactory.create().e164, settings={"friendly_name": "Gone"})
    assignments.release(did=gone, actor="user:1")
    BundleFactory.create(account=account, friendly_name="For Berlin", approved=True)
    news = re.findall(r"<p><strong>([^<]+)</strong>", text_of("/"))
    assert news == ["Papers approved", "Papers handed in", "Number given back", "Number bought"]


def test_first_steps_go_away_when_they_are_done(ada: Client, text_of: Text, account: Account) -> None:
    assert "First steps" in text_of("/")
    DidFactory.create(account=account)
    BundleFactory.create(account=account)
    issue_key(account, "for the shop")
    assert text_of("/").count('class="ny-done"') == 2, "papers are brought when they are approved"
    BundleFactory.create(account=account, approved=True)
    assert text_of("/").count('class="ny-done"') == 3
    Membership.objects.create(user=UserFactory.create(), account=account)
    assert "First steps" not in text_of("/")


@pytest.mark.parametrize("name", ["<img src=x onerror=alert(1)>", '"><script>alert(1)</script>'])
def test_names_are_shown_as_they_are_written(text_of: Text, account: Account, name: str) -> None:
    Account.objects.filter(pk=account.pk).update(friendly_name=name[:64])
    assignments.buy(account=account, e164=NumberFactory.create().e164, settings={"friendly_name": name})
    BundleFactory.create(account=account, friendly_name=name, state=BundleState.REJECTED)
    page = text_of("/")
    assert "<img src=x" not in page
    assert "<script>alert" not in page
