"""How many queries each request costs, pinned: a list that starts to ask once per row fails here.

REFRESH_QUERY_COUNTS=1 writes the file anew; the reviewer reads the difference.
"""

import json
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Account
from accounts.services import credentials
from inventory.models import Did, UnwantedKind, WaitlistEntry, WaitlistServing
from inventory.quarantine import reports
from inventory.search.kinds import size_of
from inventory.search.offered import offered
from inventory.search.terms import terms_of
from inventory.search.whereabouts import spellings_of
from inventory.services import assignments
from inventory.services.transition import record_birth
from testing_lab.models import Evidence, Outcome, Passport, Purpose, Result, RunState, SuiteRun
from tests.api.available.window import OAKLAND
from tests.api.conftest import Caller
from tests.api.regulatory.papers import BASE, DOCUMENTS, END_USERS
from tests.api.test_addresses import BERLIN
from tests.factories import (
    AddressFactory,
    DidFactory,
    DocumentFactory,
    EndUserFactory,
    HoldFactory,
    NumberFactory,
    ProviderFactory,
    RegulationVersionFactory,
)

PINNED = Path(__file__).resolve().parents[1] / "query_counts.json"

TESTED: dict[str, Any] = {"passed_tests": 1, "tested_at": timezone.now()}
SID, TEST = "PN" + "5" * 32, "LT" + "5" * 32
ADDRESS, END_USER, DOCUMENT = "AD" + "5" * 32, "IT" + "5" * 32, "RD" + "5" * 32

Request = Callable[[Caller], object]


def _buy(ada: Caller) -> object:
    return ada.post(ada.of("IncomingPhoneNumbers.json"), {"PhoneNumber": "+14155551234"})


def _search(**query: str) -> Request:
    return lambda ada: ada.get(ada.of("AvailablePhoneNumbers/US/Local.json"), query)


REQUESTS: dict[str, Request] = {
    "GET Addresses": lambda ada: ada.get(ada.of("Addresses.json")),
    "GET Addresses/{sid}/DependentPhoneNumbers": lambda ada: ada.get(
        ada.of(f"Addresses/{ADDRESS}/DependentPhoneNumbers.json")
    ),
    "POST Addresses": lambda ada: ada.post(ada.of("Addresses.json"), BERLIN),
    "POST Addresses/{sid}": lambda ada: ada.post(ada.of(f"Addresses/{ADDRESS}.json"), {"Street": "Linden 1"}),
    "DELETE Addresses/{sid}": lambda ada: ada.delete(ada.of(f"Addresses/{ADDRESS}.json")),
    "GET EndUsers": lambda ada: ada.get(END_USERS),
    "POST EndUsers": lambda ada: ada.post(END_USERS, {"FriendlyName": "Ada", "Type": "individual"}),
    "POST EndUsers/{sid}": lambda ada: ada.post(f"{END_USERS}/{END_USER}", {"Attributes": "{}"}),
    "DELETE EndUsers/{sid}": lambda ada: ada.delete(f"{END_USERS}/{END_USER}"),
    "GET SupportingDocuments": lambda ada: ada.get(DOCUMENTS),
    "POST SupportingDocuments": lambda ada: ada.post(DOCUMENTS, {"FriendlyName": "Ada", "Type": "passport"}),
    "POST SupportingDocuments/{sid}": lambda ada: ada.post(f"{DOCUMENTS}/{DOCUMENT}", {"Attributes": "{}"}),
    "DELETE SupportingDocuments/{sid}": lambda ada: ada.delete(f"{DOCUMENTS}/{DOCUMENT}"),
    "GET SupportingDocumentTypes": lambda ada: ada.get(f"{BASE}/SupportingDocumentTypes"),
    "GET Regulations": lambda ada: ada.get(f"{BASE}/Regulations", {"IncludeConstraints": "true"}),
    "GET Accounts": lambda ada: ada.get("/2010-04-01/Accounts.json"),
    "GET Keys": lambda ada: ada.get(ada.of("Keys.json")),
    "GET IncomingPhoneNumbers": lambda ada: ada.get(ada.of("IncomingPhoneNumbers.json")),
    "GET IncomingPhoneNumbers/{sid}": lambda ada: ada.get(ada.of(f"IncomingPhoneNumbers/{SID}.json")),
    "POST IncomingPhoneNumbers": _buy,
    "POST IncomingPhoneNumbers by AreaCode": lambda ada: ada.post(
        ada.of("IncomingPhoneNumbers.json"), {"AreaCode": "415"}
    ),
    "POST IncomingPhoneNumbers/{sid}": lambda ada: ada.post(
        ada.of(f"IncomingPhoneNumbers/{SID}.json"), {"FriendlyName": "Desk"}
    ),
    "DELETE IncomingPhoneNumbers/{sid}": lambda ada: ada.delete(ada.of(f"IncomingPhoneNumbers/{SID}.json")),
    "GET AvailablePhoneNumbers": lambda ada: ada.get(ada.of("AvailablePhoneNumbers.json")),
    "GET AvailablePhoneNumbers/{country}": lambda ada: ada.get(ada.of("AvailablePhoneNumbers/US.json")),
    "GET AvailablePhoneNumbers/{country}/Local": _search(),
    "GET AvailablePhoneNumbers/{country}/Local by AreaCode": _search(AreaCode="415"),
    "GET AvailablePhoneNumbers/{country}/Local by Quantity": _search(AreaCode="415", Quantity="500"),
    "GET AvailablePhoneNumbers/{country}/Local by MustPass": _search(MustPass="V01", TestedWithin="7"),
    "GET AvailablePhoneNumbers/{country}/Local by Contains": _search(Contains="415***1234"),
    "GET AvailablePhoneNumbers/{country}/Local by InLocality": _search(InLocality="Oakland"),
    "GET AvailablePhoneNumbers/{country}/Local by InRegion": _search(InRegion="CA"),
    "GET AvailablePhoneNumbers/{country}/Local by NearLatLong": _search(NearLatLong="37.8,-122.3"),
    "GET Passports/{number}": lambda ada: ada.get("/lab/v1/Passports/+14155551234"),
    "GET Tests": lambda ada: ada.get("/lab/v1/Tests"),
    "GET Tests/{sid}": lambda ada: ada.get(f"/lab/v1/Tests/{TEST}"),
    "POST Tests": lambda ada: ada.post("/lab/v1/Tests", {"PhoneNumber": "+14155550001"}),
    "GET Numbers/{number}": lambda ada: ada.get("/inventory/v1/Numbers/+14155550002"),
    "GET Numbers/{number}/UnwantedTraffic": lambda ada: ada.get("/inventory/v1/Numbers/+14155550002/UnwantedTraffic"),
    "POST Numbers/{number}/UnwantedTraffic": lambda ada: ada.post(
        "/inventory/v1/Numbers/+14155550001/UnwantedTraffic", {"Kind": "calls", "PerDay": "3"}
    ),
    "GET StockLevels": lambda ada: ada.get("/inventory/v1/StockLevels"),
    "GET Waitlist": lambda ada: ada.get("/inventory/v1/Waitlist"),
    "POST Waitlist": lambda ada: ada.post("/inventory/v1/Waitlist", {"IsoCountry": "US", "AreaCode": "907"}),
    "GET Reservations": lambda ada: ada.get("/inventory/v1/Reservations"),
    "POST Reservations": lambda ada: ada.post("/inventory/v1/Reservations", {"PhoneNumber": "+14155551234"}),
}


def _a_test_of(account: Account) -> SuiteRun:
    """The last of three that the account has ordered; it has three results."""
    for mine in Did.objects.filter(account=account).exclude(number__e164=14155550001)[:3]:
        run = SuiteRun.objects.create(number=mine.number, purpose=Purpose.CUSTOMER, asked_by=account)
    SuiteRun.objects.filter(pk=run.pk).update(
        sid=TEST, state=RunState.DONE, passed=True, attempt=1, finished_at=timezone.now()
    )
    for code in ("V01", "V02", "V03"):
        evidence = Evidence.objects.create(run=run, attempt=1, exchange=code)
        Result.objects.create(run=run, attempt=1, code=code, outcome=Outcome.PASS, evidence=evidence)
    return run


def _served(account: Account) -> None:
    """An entry of the waitlist that was served twice."""
    later = timezone.now() + timedelta(days=1)
    of = {"account": account, "country": "US", "number_type": "mobile", "mode": "notify"}
    entry = WaitlistEntry.objects.create(**of, quantity=3, expires_at=later)
    for _ in range(2):
        serving = WaitlistServing.objects.create(entry=entry)
        serving.offers.create(number=NumberFactory.create(testing=True))


def _papers_of(account: Account) -> None:
    """Three of each, with addresses; one of each is in nobody's way. And the rules of the addresses' country."""
    RegulationVersionFactory.create()
    for factory in (AddressFactory, EndUserFactory, DocumentFactory):
        factory.create_batch(3, account=account)
    AddressFactory.create(account=account, sid=ADDRESS)
    EndUserFactory.create(account=account, sid=END_USER)
    DocumentFactory.create(account=account, sid=DOCUMENT)


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(REQUESTS))
def test_query_count_is_as_pinned(name: str, ada: Caller, account: Account) -> None:
    DidFactory.create_batch(5, account=account)
    DidFactory.create(account=account, sid=SID)
    DidFactory.create(account=account, number__e164=14155550001)
    record_birth([NumberFactory.create(e164=14155550002)], actor="import:test", reason="")
    reported = assignments.buy(account=account, e164=14155550002, settings={})
    reports.report(did=reported, kind=UnwantedKind.CALLS, a_day=3)
    done = _a_test_of(account)
    HoldFactory.create_batch(3, reservation__account=account)
    OAKLAND.save()
    bought = {"e164": 14155551234, "provider": ProviderFactory.create()}  # a purchase asks for its stops of sale
    number = NumberFactory.create(**bought, area_code="415", spread=1.0, place=OAKLAND, region="CA", **TESTED)
    Passport.objects.create(number=number, run=done, declared=3, tested=3, issued_at=timezone.now())
    for _ in range(3):
        credentials.issue_key(account)
        _served(account)
    _papers_of(account)
    ada.get(f"{BASE}/Regulations")
    ada.get(ada.of("Balance.json"))  # warm what a process remembers
    for memory in (terms_of, size_of):
        memory("US", "local")
    offered()
    spellings_of("US")
    with CaptureQueriesContext(connection) as captured:
        answer = REQUESTS[name](ada)
    assert getattr(answer, "status_code", 0) < 300
    compare(name, sum(1 for query in captured if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))))


def compare(name: str, count: int) -> None:
    """The count is the pinned one, or becomes it when the file is refreshed."""
    pinned = json.loads(PINNED.read_text())
    if os.environ.get("REFRESH_QUERY_COUNTS"):
        PINNED.write_text(json.dumps(pinned | {name: count}, indent=2, sort_keys=True) + "\n")
        return
    assert count == pinned.get(name), f"{name} costs {count} queries, pinned are {pinned.get(name)}"
