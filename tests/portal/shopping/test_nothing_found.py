"""A search that finds nothing is no dead end."""

import re

from django.test import Client

from accounts.models import Account
from inventory.models import WaitlistEntry, WaitMode, WaitState
from numbering.types import NumberType
from tests.factories import NumberFactory
from tests.portal.shopping.window import US_LOCAL, numbers_on, page, said, stocked

NONE = US_LOCAL | {"locality": "Oakland", "contains": "taxi"}


def test_the_filter_that_stands_in_the_way_is_named_with_what_there_is_without_it(ada: Client) -> None:
    stocked()
    shown = page(ada, "/find", **NONE)
    assert "Nothing on sale matches" in shown
    assert re.search(r"Without the town</a> there is 1\b", shown)
    assert re.search(r"Without the digits</a> there is 1\b", shown)
    link = re.search(r'href="(\?[^"]*)">Without the town', shown)
    assert link
    assert numbers_on(ada.get("/find" + link[1]).content.decode()) == {14155558294}


def test_each_capability_is_a_filter_of_its_own(ada: Client) -> None:
    stocked()
    shown = page(ada, "/find", **US_LOCAL, can=["SMS", "FAX"], area_code="212")
    assert "Without “Messages (SMS)”</a> there is 1" in shown
    assert "Without “Fax”" not in shown
    assert "Without the area code</a> there is 1" in shown


def test_where_no_single_filter_is_to_blame_all_are_left_out(ada: Client) -> None:
    stocked()
    shown = page(ada, "/find", **US_LOCAL, locality="Oakland", contains="9999", area_code="212")
    assert "No single one of your 3 filters is to blame" in shown
    assert "Without any of these</a> there are 4" in shown


def test_the_nearest_towns_with_numbers_are_told(ada: Client) -> None:
    stocked()
    shown = page(ada, "/find", **NONE)
    assert re.search(r"Oakland, CA</a> right there.*San Francisco, CA</a> 14 km away", shown)
    assert "New York, NY</a>" not in shown, "4,000 km are not near"


def test_a_town_that_nobody_knows_is_said_to_be_unknown(ada: Client) -> None:
    stocked()
    assert "We know no town called “Atlantis”" in page(ada, "/find", **US_LOCAL, locality="Atlantis")
    assert "We know no town" not in page(ada, "/find", **NONE)


def test_other_kinds_of_the_country_are_told(ada: Client) -> None:
    stocked()
    NumberFactory.create_batch(11, number_type=NumberType.MOBILE)
    assert "Mobile</a> 10 or more on sale" in page(ada, "/find", **NONE)


def test_one_waits_for_what_was_searched(ada: Client, account: Account) -> None:
    stocked()
    shown = page(ada, "/find", **NONE, can="SMS")
    hidden = dict(re.findall(r'type="hidden" name="(country|type|locality|contains|can)" value="([^"]*)"', shown))
    answer = ada.post("/find/waitlist", hidden | {"quantity": "2", "mode": "reserve"}, follow=True)
    entry = WaitlistEntry.objects.get()
    assert entry.account == account
    wish = (entry.country, entry.number_type, entry.locality, entry.contains, entry.capabilities)
    assert wish == ("US", "local", "Oakland", "taxi", 2)
    assert (entry.quantity, entry.mode) == (2, WaitMode.RESERVE)
    assert "Local, United States, Oakland, with taxi in it, Messages (SMS)" in said(answer)


def test_a_wrong_quantity_is_explained_and_nothing_is_waited_for(ada: Client) -> None:
    stocked()
    answer = ada.post("/find/waitlist", NONE | {"quantity": "0", "mode": "notify"}, follow=True)
    assert "say how many numbers, 1 to 100" in said(answer)
    assert "Nothing on sale matches" in said(answer)
    assert not WaitlistEntry.objects.exists()


def test_what_can_never_come_is_refused_in_words(ada: Client) -> None:
    stocked()
    answer = ada.post("/find/waitlist", US_LOCAL | {"area_code": "416", "quantity": "1", "mode": "notify"})
    assert answer.status_code == 409
    assert "Invalid area code 416" in said(answer)


def test_one_waits_no_longer(ada: Client, eve: Client) -> None:
    stocked()
    ada.post("/find/waitlist", NONE | {"quantity": "1", "mode": "notify"})
    entry = WaitlistEntry.objects.get()
    assert eve.post(f"/find/waitlist/{entry.sid}/cancel").status_code == 404
    assert "Oakland" not in page(eve, "/find/waitlist")
    assert "You wait for it no longer" in said(ada.post(f"/find/waitlist/{entry.sid}/cancel", follow=True))
    entry.refresh_from_db()
    assert entry.state == WaitState.CANCELLED


def test_an_empty_waitlist_says_how_to_get_on_it(ada: Client) -> None:
    assert "You wait for nothing" in page(ada, "/find/waitlist")
