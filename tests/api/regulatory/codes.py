"""How each code of addresses, end users, documents and regulations is met."""

from collections.abc import Callable
from typing import Any

from accounts.models import Account
from compliance.lifecycle import BundleState
from tests.api.conftest import Caller
from tests.api.regulatory.papers import BASE, DOCUMENTS, END_USERS, document
from tests.factories import AddressFactory, BundleFactory, DocumentFactory, EndUserFactory

ADDRESS = {"CustomerName": "Ada", "Street": "Unter den Linden 77", "City": "Berlin", "Region": "", "IsoCountry": "DE"}


def _address(ada: Caller, **form: str) -> Any:
    return ada.post(ada.of("Addresses.json"), ADDRESS | form)


def _verified(ada: Caller, account: Account) -> Any:
    row = AddressFactory.create(account=account)
    BundleFactory.create(account=account, address=row, state=BundleState.APPROVED)
    return ada.post(ada.of(f"Addresses/{row.sid}.json"), {"City": "Bonn"})


def _deleted(ada: Caller, account: Account, path: str, factory: Any, state: BundleState) -> Any:
    row = factory.create(account=account)
    BundleFactory.create(account=account, items=[row], state=state)
    return ada.delete(f"{path}/{row.sid}")


def _papers(ada: Caller, **form: str) -> Any:
    return ada.post(DOCUMENTS, {"FriendlyName": "Passport", "Type": "passport"} | form)


def _changed(ada: Caller, **form: str) -> Any:
    return ada.post(f"{DOCUMENTS}/{document(ada)['sid']}", form)


ASKED: dict[int, Callable[[Caller, Account], Any]] = {
    21238: lambda ada, account: _address(ada, PostalCode="10117", Street=""),
    21628: lambda ada, account: _address(ada, PostalCode="1"),
    21629: lambda ada, account: _address(ada, PostalCode="10 117", AutoCorrectAddress="false"),
    21630: _verified,
    21644: lambda ada, account: _deleted(ada, account, END_USERS, EndUserFactory, BundleState.DRAFT),
    21645: lambda ada, account: _deleted(ada, account, DOCUMENTS, DocumentFactory, BundleState.DRAFT),
    21646: lambda ada, account: _deleted(ada, account, DOCUMENTS, DocumentFactory, BundleState.PENDING_REVIEW),
    22200: lambda ada, account: ada.post(END_USERS, {"FriendlyName": "Ada", "Type": "company"}),
    22207: lambda ada, account: _papers(ada, Attributes="{"),
    22208: lambda ada, account: _changed(ada, Status="draft", Attributes="{}"),
    22209: lambda ada, account: _changed(ada, Status="approved"),
    22210: lambda ada, account: _papers(ada, Type="papyrus"),
    22211: lambda ada, account: _papers(ada, FriendlyName=""),
    22212: lambda ada, account: ada.get(f"{BASE}/Regulations", {"EndUserType": "company"}),
    22213: lambda ada, account: ada.get(f"{BASE}/Regulations", {"NumberType": "landline"}),
}
