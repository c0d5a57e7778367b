"""Passports over HTTP, and the page that prints."""

import json
import re
from base64 import urlsafe_b64decode
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from accounts.models import Account
from inventory.lifecycle import State
from inventory.models import PhoneNumber
from inventory.services import assignments
from inventory.services.testing import retest_due
from testing_lab.findings import failed
from testing_lab.models import Evidence, Passport
from testing_lab.registry import all_tests
from testing_lab.services import customer_tests
from tests.api.conftest import Caller
from tests.api.lab.conftest import Tested, report, run_suite_on
from tests.api.test_incoming import bought, refused
from tests.factories import AccountFactory, HoldFactory, NumberFactory

pytestmark = pytest.mark.django_db


def url(number: object) -> str:
    return f"/lab/v1/Passports/{number}"


def test_a_passport_is_the_last_suite_test_by_test(ada: Caller, tested: Tested) -> None:
    number = tested()
    seen = ada.get(url(number)).json()
    assert (seen["phone_number"], seen["verdict"], seen["type"]) == (str(number), "passed", "local")
    assert [each["code"] for each in seen["tests"]] == [test.code for test in all_tests()]
    mos = next(each for each in seen["tests"] if each["code"] == "V05")
    assert (mos["title"], mos["outcome"], mos["value"], mos["unit"]) == (
        "Estimated quality (MOS)",
        "pass",
        4.31,
        "MOS-CQE",
    )
    assert mos["evidence_sid"] == Evidence.objects.get().sid
    assert mos["date_measured"] == seen["date_issued"]
    assert number.passport_expires_at
    assert seen["date_expires"] == number.passport_expires_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    due = retest_due(number, number.passport_expires_at).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert mos["date_next_due"] == seen["date_next_due"] == due
    assert seen["capabilities"]["tested"]["voice"]
    assert not seen["capabilities"]["observed"]["voice"]


def test_a_failed_suite_is_shown_to_the_holder_and_takes_nothing_from_it(
    ada: Caller, account: Account, tested: Tested
) -> None:
    number = tested()
    bought(ada, number)
    Passport.objects.all().delete()
    customer_tests.order(account=account, number=number)
    run_suite_on(number, report(V06=failed(4.2)))
    seen = ada.get(url(number)).json()
    assert (seen["verdict"], seen["date_expires"], seen["date_next_due"]) == ("failed", None, None)
    assert not seen["capabilities"]["tested"]["voice"]
    assert seen["capabilities"]["declared"]["voice"]


def test_what_is_on_sale_is_shown_to_everybody_and_what_is_held_to_its_holder(
    ada: Caller, mallory: Caller, tested: Tested
) -> None:
    number = tested()
    assert mallory.get(url(number)).status_code == 200
    bought(ada, number)
    assert ada.get(url(number)).status_code == 200
    refused(mallory.get(url(number)), 20404, 404)


@pytest.mark.parametrize(
    "change",
    [
        {"blocked": True},
        {"passport_expires_at": timezone.now() - timedelta(minutes=1)},
        {"state": State.TESTING, "due_at": None},
    ],
)
def test_what_the_search_does_not_show_has_no_passport_for_strangers(
    mallory: Caller, tested: Tested, change: dict[str, object]
) -> None:
    number = tested()
    PhoneNumber.objects.filter(pk=number.pk).update(**change)
    refused(mallory.get(url(number)), 20404, 404)


@pytest.mark.parametrize("number", ["+14155559999", "+1", "14155551234", "+141555512345678", "nonsense", "+1415555%00"])
def test_no_such_number_no_passport(ada: Caller, number: str) -> None:
    refused(ada.get(url(number)), 20404, 404)


def test_a_number_that_was_never_tested_has_none(ada: Caller) -> None:
    refused(ada.get(url(NumberFactory.create())), 20404, 404)


def test_a_basket_hides_the_passport_from_the_others(
    ada: Caller, mallory: Caller, account: Account, tested: Tested
) -> None:
    number = tested()
    hold = HoldFactory.create(reservation__account=account)
    Passport.objects.update(number=hold.number)
    assert ada.get(url(hold.number)).status_code == 200
    refused(mallory.get(url(hold.number)), 20404, 404)
    refused(mallory.get(url(number)), 20404, 404)


def page_of(caller: Caller, number: PhoneNumber) -> str:
    link: str = caller.get(url(number)).json()["page_url"]
    assert link.startswith("http://127.0.0.1:8000/passports/")
    return link.removeprefix("http://127.0.0.1:8000")


def test_the_page_needs_the_link_and_nothing_else(ada: Caller, tested: Tested) -> None:
    number = tested()
    answer = Client().get(page_of(ada, number))
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert answer["Content-Security-Policy"].startswith("default-src 'none'")
    page = answer.content.decode()
    assert "(415) 555-1234" in page
    assert "4.31" in page
    for test in all_tests():
        assert f'<td class="code">{test.code}</td>' in page
    assert Evidence.objects.get().sid in page
    assert "INVITE" not in page, "what the far end said stays with the staff"
    assert re.search(r"@page \{ size: A4", page)


def test_a_link_ends_with_its_time(ada: Caller, tested: Tested, settings: LazySettings) -> None:
    link = page_of(ada, tested())
    settings.PASSPORT_LINK_LIFETIME = timedelta(0)
    assert Client().get(link).status_code == 404


def test_a_link_ends_when_the_number_changes_hands(ada: Caller, tested: Tested) -> None:
    number = tested()
    from_the_shop = page_of(ada, number)
    did = bought(ada, number)
    assert Client().get(from_the_shop).status_code == 404
    of_the_holder = page_of(ada, number)
    assert Client().get(of_the_holder).status_code == 200
    ada.delete(ada.of(f"IncomingPhoneNumbers/{did['sid']}.json"))
    assert Client().get(of_the_holder).status_code == 404
    refused(ada.get(url(number)), 20404, 404)


@pytest.mark.parametrize("link", ["x", "W1tdXQ:1:2", "..", "a" * 500])
def test_a_made_up_link_opens_nothing(link: str) -> None:
    assert Client().get(f"/passports/{link}").status_code == 404


def test_a_link_that_has_ended_says_what_to_do_and_no_more_than_a_made_up_one(ada: Caller, tested: Tested) -> None:
    number = tested()
    from_the_shop = page_of(ada, number)
    bought(ada, number)
    ended, made_up = (Client().get(link) for link in (from_the_shop, "/passports/W1tdXQ:1:2"))
    assert "ends when the number changes hands: ask whoever sent it to you" in ended.content.decode()
    assert "no-store" in ended["Cache-Control"]
    assert (ended.status_code, ended.content, ended.headers) == (404, made_up.content, made_up.headers)


def test_a_link_of_one_number_is_none_of_another(ada: Caller, tested: Tested) -> None:
    """The signature covers the number and its holder."""
    link = page_of(ada, tested())
    payload, _, rest = link.partition(":")
    assert Client().get(f"{payload[:-2]}xx:{rest}").status_code == 404
    assert Client().post(link).status_code == 405


def test_a_transfer_revokes_the_link_too(ada: Caller, account: Account, tested: Tested) -> None:
    number, child = tested(), AccountFactory.create(parent=account)
    did = assignments.buy(account=account, e164=number.e164, settings={})
    link = page_of(ada, number)
    assignments.transfer(did=did, to=child, by=account)
    assert Client().get(link).status_code == 404
    refused(ada.get(url(number)), 20404, 404)


def test_a_link_tells_nothing_of_who_has_the_number(ada: Caller, account: Account, tested: Tested) -> None:
    number = tested()
    assignments.buy(account=account, e164=number.e164, settings={})
    payload = page_of(ada, number).removeprefix("/passports/").partition(":")[0]
    shown = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert shown[0] == number.e164
    assert not {number.pk, account.pk} & set(shown)
