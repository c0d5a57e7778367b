"""Who waits for what, as staff see it; and what is waited for most, as those see it who restock."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from inventory.models import WaitlistServing, WaitMode, WaitState
from inventory.waitlist.entries import Wish
from inventory.waitlist.queue import serve_due
from inventory.waitlist.wanted import waited_for_most
from numbering.types import NumberType
from tests.factories import AccountFactory, NumberFactory
from tests.inventory.waitlist.waiters import again, in_area, waiting

pytestmark = pytest.mark.django_db
LIST = "/console/inventory/waitlistentry/"


def test_what_is_waited_for_most_stands_above_the_list(staff: Client) -> None:
    account = AccountFactory.create()
    in_area("907", quantity=1)
    for quantity in (2, 5):
        in_area("415", quantity=quantity, account=account)
    waiting(Wish("GB", NumberType.MOBILE, locality="Leeds"), quantity=4)
    over = in_area("212", quantity=90)
    assert staff.post(f"{LIST}{over.pk}/do/cancel/", {"reason": "a mistake"}).status_code == 302
    found = waited_for_most()
    assert [(each.in_words, each.numbers, each.entries, each.accounts) for each in found] == [
        ("United States, local, area code 415", 7, 2, 1),
        ("United Kingdom, mobile, Leeds", 4, 1, 1),
        ("United States, local, area code 907", 1, 1, 1),
    ]
    shown = staff.get(LIST).content.decode()
    assert "Waited for most" in shown
    assert "United Kingdom, mobile, Leeds" in shown


def test_what_was_served_is_missing_no_more() -> None:
    in_area("415", quantity=3)
    NumberFactory.create(area_code="415")
    serve_due()
    assert [each.numbers for each in waited_for_most()] == [2]


def test_staff_cancel_with_a_reason(staff: Client) -> None:
    entry = in_area("415")
    page = f"{LIST}{entry.pk}/do/cancel/"
    assert "waits no longer" in staff.get(page).content.decode()
    staff.post(page, {"reason": ""})
    assert again(entry).state == WaitState.WAITING
    staff.post(page, {"reason": "asked us to"})
    ended = again(entry)
    assert (ended.state, ended.ended_by, ended.reason) == ("cancelled", "user:staff@example.com", "asked us to")
    assert staff.get(page).status_code == 404


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"next_at": timedelta(0)}, "to be told by callback, 0 tries"),
        ({"done_at": timedelta(0), "next_at": None}, "by callback, "),
        (
            {"given_up_at": timedelta(0), "next_at": None, "attempts": 3, "last_error": "answered 410"},
            "given up by callback after 3 tries: answered 410",
        ),
    ],
    ids=["open", "told", "given up"],
)
def test_a_page_says_what_it_was_served_with_and_whether_the_customer_knows(
    changes: dict[str, object], words: str, staff: Client
) -> None:
    entry = in_area("415", status_callback="https://ada:secret@customer.example/told", mode=WaitMode.NOTIFY)
    number = NumberFactory.create(area_code="415")
    serve_due()
    now = timezone.now()
    WaitlistServing.objects.update(
        **{name: now + value if isinstance(value, timedelta) else value for name, value in changes.items()}
    )
    shown = staff.get(f"{LIST}{entry.pk}/change/").content.decode()
    assert f"+{number.e164}" in shown
    assert words in shown
    assert "by callback to customer.example" in shown
    assert "secret" not in shown
    assert "secret" not in staff.get(LIST).content.decode()


def test_who_has_no_address_is_told_nothing(staff: Client) -> None:
    entry = in_area("415")
    NumberFactory.create(area_code="415")
    serve_due()
    assert "has no address" in staff.get(f"{LIST}{entry.pk}/change/").content.decode()
