"""Another account's SIDs, on every route: the answer of a SID that never was, at the same price."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account
from tests.api.conftest import Caller, Part
from tests.api.regulatory.papers import DOCUMENTS, END_USERS, png
from tests.api.test_incoming import refused
from tests.factories import AccountFactory, AddressFactory, DocumentFactory, EndUserFactory

pytestmark = pytest.mark.django_db

Ask = Callable[[Caller, str], Any]
OF_ADDRESSES: dict[str, Ask] = {
    "read": lambda who, sid: who.get(who.of(f"Addresses/{sid}.json")),
    "change": lambda who, sid: who.post(who.of(f"Addresses/{sid}.json"), {"City": "Bonn"}),
    "delete": lambda who, sid: who.delete(who.of(f"Addresses/{sid}.json")),
    "numbers": lambda who, sid: who.get(who.of(f"Addresses/{sid}/DependentPhoneNumbers.json")),
}
OF_END_USERS: dict[str, Ask] = {
    "read": lambda who, sid: who.get(f"{END_USERS}/{sid}"),
    "change": lambda who, sid: who.post(f"{END_USERS}/{sid}", {"Attributes": "{}"}),
    "delete": lambda who, sid: who.delete(f"{END_USERS}/{sid}"),
}
OF_DOCUMENTS: dict[str, Ask] = {
    "read": lambda who, sid: who.get(f"{DOCUMENTS}/{sid}"),
    "change": lambda who, sid: who.post(f"{DOCUMENTS}/{sid}", {"Attributes": "{}"}),
    "upload": lambda who, sid: who.upload(f"/numbers-upload{DOCUMENTS}/{sid}", {}, Part(png())),
    "delete": lambda who, sid: who.delete(f"{DOCUMENTS}/{sid}"),
}
ROUTES = [
    pytest.param(factory, prefix, ask, id=f"{prefix} {verb}")
    for factory, prefix, asks in [
        (AddressFactory, "AD", OF_ADDRESSES),
        (EndUserFactory, "IT", OF_END_USERS),
        (DocumentFactory, "RD", OF_DOCUMENTS),
    ]
    for verb, ask in asks.items()
]


def told(ask: Ask, who: Caller, sid: str) -> tuple[str, int]:
    """What the caller hears, but for the SID in it, and how many queries that took."""
    with CaptureQueriesContext(connection) as captured:
        answer = ask(who, sid)
    refused(answer, 20404, 404)
    return answer.content.decode().replace(sid, "SID"), len(captured)


@pytest.mark.parametrize(("factory", "prefix", "ask"), ROUTES)
def test_a_foreign_sid_is_an_unknown_one(
    account: Account, mallory: Caller, factory: Any, prefix: str, ask: Ask
) -> None:
    theirs = factory.create(account=account)
    assert told(ask, mallory, theirs.sid) == told(ask, mallory, prefix + "0" * 32)
    untouched = type(theirs).objects.get(pk=theirs.pk)
    assert (untouched.revision, untouched.deleted_at) == (1, None)


@pytest.mark.parametrize("malformed", ["AD1", "IT" + "G" * 32, "RD" + "0" * 33, "%00", "RN" + "0" * 32])
def test_a_malformed_sid_is_an_unknown_one(mallory: Caller, malformed: str) -> None:
    for path in (END_USERS, DOCUMENTS, mallory.of("Addresses")):
        suffix = ".json" if path.startswith("/2010") else ""
        refused(mallory.get(f"{path}/{malformed}{suffix}"), 20404, 404)


def test_lists_hold_ones_own(account: Account, mallory: Caller) -> None:
    for factory in (AddressFactory, EndUserFactory, DocumentFactory):
        factory.create(account=account)
    assert mallory.get(END_USERS).json()["results"] == mallory.get(DOCUMENTS).json()["results"] == []
    assert mallory.get(mallory.of("Addresses.json")).json()["addresses"] == []


@pytest.mark.parametrize("path", [END_USERS, DOCUMENTS, "/v2/RegulatoryCompliance/Regulations"])
def test_test_credentials_see_none_of_this(signed: Callable[[Account], Caller], db: None, path: str) -> None:
    refused(signed(AccountFactory.create(is_test=True)).get(path), 20008, 403)
