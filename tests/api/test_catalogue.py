"""The catalogue of errors is what we answer with: each code is met over HTTP, here."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import override_settings

from accounts.models import Account, AccountStatus
from accounts.services import credentials, standing, subaccounts
from api import concurrency
from api.errors import CATALOGUE
from numbering.types import Capability
from tests.api.bundles.asked import ASKED as ABOUT_BUNDLES
from tests.api.bundles.twin_asks import ASKED as ABOUT_TWINS
from tests.api.conftest import Caller
from tests.api.regulatory import codes
from tests.api.test_incoming import NUMBERS, bought, refused
from tests.factories import AccountFactory, AddressFactory, BundleFactory, DidFactory, NumberFactory, loaded

pytestmark = pytest.mark.django_db

ACCOUNTS, RESERVATIONS = "/2010-04-01/Accounts", "/inventory/v1/Reservations"
URL = "https://a.example"

#: What can't be asked for: `test_transport` plants the fault and meets the code.
ONLY_BY_A_FAULT = {20500: "a bug of ours", 20503: "a database in trouble"}
#: A purchase with one setting that is refused.
BY_SETTING = {
    20001: {"VoiceReceiveMode": "telex"},
    20002: {"FriendlyName": "x" * 65},
    21402: {"VoiceUrl": "nonsense"},
    21403: {"VoiceMethod": "PUT"},
    21405: {"VoiceFallbackUrl": URL},
    21406: {"SmsFallbackUrl": URL},
    21420: {"SmsApplicationSid": "AP1"},
    22222: {"EmergencyStatus": "Active"},
}
#: A purchase of something that is not to be had: below which list, and the form.
BY_CHOICE = {
    21421: (NUMBERS, {"PhoneNumber": "415"}),
    21422: (NUMBERS, {"PhoneNumber": "+14155559999"}),
    21451: (NUMBERS, {"AreaCode": "12"}),
    21452: (NUMBERS, {"AreaCode": "212"}),
    21457: ("IncomingPhoneNumbers/Local.json", {"AreaCode": "415"}),
}


def account_with(**fields: Any) -> Caller:
    account = AccountFactory.create(**fields)
    return Caller(account.sid, account.auth_token)


def below(account: Account, caller: Caller, status: AccountStatus, **form: str) -> Any:
    """What the caller is told that posts this form to a subaccount in that status."""
    return caller.post(f"{ACCOUNTS}/{AccountFactory.create(parent=account, status=status).sid}.json", form)


def german(caller: Caller, **papers: str) -> Any:
    """What a purchase of a German number with these papers is told."""
    number = NumberFactory.create(country="DE")
    loaded("DE")
    return caller.post(caller.of(NUMBERS), {"PhoneNumber": str(number), **papers})


def an_address_that_the_papers_do_not_show(ada: Caller, account: Account) -> Any:
    address, bundle = AddressFactory.create(account=account), BundleFactory.create(account=account, approved=True)
    return german(ada, AddressSid=address.sid, BundleSid=bundle.sid)


def buying(caller: Caller, **fields: Any) -> Any:
    """What a purchase of a number like this is told, with every setting that needs a capability."""
    number = NumberFactory.create(**fields)
    form = {"PhoneNumber": str(number), "SmsUrl": URL, "VoiceCallerIdLookup": "true"}
    return caller.post(caller.of(NUMBERS), form)


def moved(caller: Caller, to: str) -> Any:
    """What a transfer of a number just bought is told."""
    return caller.post(bought(caller, NumberFactory.create())["uri"], {"AccountSid": to})


def a_second_number_on_trial(ada: Caller, account: Account) -> Any:
    trial = account_with(is_trial=True)
    bought(trial, NumberFactory.create())
    return buying(trial)


def a_released_reservation(ada: Caller, account: Account) -> Any:
    url = ada.post(RESERVATIONS, {"PhoneNumber": str(NumberFactory.create())}).json()["url"]
    ada.delete(url)
    return ada.post(url)


def more_at_once_than_allowed(ada: Caller, account: Account) -> Any:
    with override_settings(CONCURRENT_REQUESTS=1), concurrency.slot(account):
        return ada.get(ada.of("Balance.json"))


def a_key_that_makes_keys(ada: Caller, account: Account) -> Any:
    issued = credentials.issue_key(account)
    return Caller(issued.key.sid, issued.secret).post(ada.of("Keys.json"))


def the_wrong_list(ada: Caller, account: Account) -> Any:
    return ada.post(ada.of("IncomingPhoneNumbers/TollFree.json"), {"PhoneNumber": str(NumberFactory.create())})


def a_child_that_takes_from_its_parent(ada: Caller, account: Account) -> Any:
    child = AccountFactory.create(parent=account)
    return moved(Caller(child.sid, child.auth_token), to=account.sid)


def below_a_suspended_parent(ada: Caller, account: Account) -> Any:
    Account.objects.filter(pk=account.pk).update(status=AccountStatus.SUSPENDED)
    return below(account, ada, AccountStatus.SUSPENDED, Status="active")


def what_the_operator_suspended(ada: Caller, account: Account) -> Any:
    child = AccountFactory.create(parent=account)
    standing.suspend(account=child)
    return ada.post(f"{ACCOUNTS}/{child.sid}.json", {"Status": "active"})


@override_settings(LAB_TESTS_PER_DAY=0)
def a_test_too_many(ada: Caller, account: Account) -> Any:
    return ada.post("/lab/v1/Tests", {"PhoneNumber": str(DidFactory.create(account=account).number)})


def one_subaccount_too_many(ada: Caller, account: Account) -> Any:
    AccountFactory.create_batch(2, parent=account)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subaccounts, "MAX_SUBACCOUNTS", 2)
        return ada.post(f"{ACCOUNTS}.json")


ASKED: dict[int, Callable[[Caller, Account], Any]] = {
    **ABOUT_BUNDLES,
    **ABOUT_TWINS,
    20003: lambda ada, account: Caller(ada.sid, "wrong").get(ada.of(NUMBERS)),
    20004: lambda ada, account: ada.delete(ada.of(NUMBERS)),
    20005: lambda ada, account: account_with(status=AccountStatus.CLOSED).get(f"{ACCOUNTS}.json"),
    20006: a_key_that_makes_keys,
    20007: lambda ada, account: ada.get(ada.of(NUMBERS), {"PageSize": "1001"}),
    20008: lambda ada, account: account_with(is_test=True).get(f"{ACCOUNTS}.json"),
    20404: lambda ada, account: ada.get(ada.of("Nothing.json")),
    20409: a_released_reservation,
    20429: more_at_once_than_allowed,
    21429: a_test_too_many,
    21404: a_second_number_on_trial,
    21407: lambda ada, account: buying(ada, capabilities=int(Capability.VOICE)),
    21409: lambda ada, account: buying(ada, capabilities=int(Capability.SMS)),
    21458: the_wrong_list,
    21615: lambda ada, account: german(ada, AddressSid=AddressFactory.create(account=account, iso_country="FR").sid),
    21631: lambda ada, account: german(ada),
    21649: lambda ada, account: german(ada, AddressSid=AddressFactory.create(account=account).sid),
    21651: an_address_that_the_papers_do_not_show,
    21470: lambda ada, account: moved(ada, to="AC1"),
    21471: lambda ada, account: moved(ada, to="AC" + "0" * 32),
    21472: lambda ada, account: moved(ada, to=AccountFactory.create(parent=account, status=AccountStatus.CLOSED).sid),
    21473: lambda ada, account: moved(ada, to=AccountFactory.create().sid),
    21474: a_child_that_takes_from_its_parent,
    21475: lambda ada, account: below(account, ada, AccountStatus.ACTIVE, Status="dormant"),
    21476: below_a_suspended_parent,
    21477: lambda ada, account: ada.post(f"{ACCOUNTS}/{ada.sid}.json", {"Status": "suspended"}),
    21478: what_the_operator_suspended,
    21479: lambda ada, account: below(account, ada, AccountStatus.CLOSED, Status="active"),
    21480: one_subaccount_too_many,
    21481: lambda ada, account: ada.get(ada.of(NUMBERS), {"PageToken": "made-up"}),
    **codes.ASKED,
}


def answered(code: int, ada: Caller, account: Account) -> Any:
    """The answer to a request that shall meet this code. Raises KeyError when we know of none."""
    if code in BY_SETTING:
        return ada.post(ada.of(NUMBERS), {"PhoneNumber": str(NumberFactory.create()), **BY_SETTING[code]})
    if code in BY_CHOICE:
        path, form = BY_CHOICE[code]
        return ada.post(ada.of(path), form)
    return ASKED[code](ada, account)


@pytest.mark.parametrize("code", sorted(CATALOGUE.keys() - ONLY_BY_A_FAULT))
def test_every_code_of_the_catalogue_is_met_over_http(code: int, ada: Caller, account: Account) -> None:
    refused(answered(code, ada, account), code, CATALOGUE[code].status)
