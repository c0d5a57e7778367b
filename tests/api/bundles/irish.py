"""An Irish business that wants local numbers: the smallest bundle of a real regulation, without a file."""

import datetime as dt
from typing import Any

from django.utils import timezone

from accounts.models import Account
from compliance.lifecycle import BundleState
from compliance.models import Address, Bundle, EndUser, EndUserType, Regulation, SupportingDocument
from numbering.types import NumberType
from tests.factories import (
    AddressFactory,
    BundleFactory,
    DocumentFactory,
    EndUserFactory,
    RegulationFactory,
    RegulationVersionFactory,
)

ATTRIBUTES = {
    "business_name": "Musterfirma Ltd",
    "business_website": "https://www.musterfirma.ie",
    "business_registration_number": "123456",
    "first_name": "Aoife",
    "last_name": "Byrne",
    "email": "aoife@musterfirma.ie",
    "business_identity": "DIRECT_CUSTOMER",
    "is_subassigned": "NO",
}


def irish_regulation() -> Regulation:
    """In force, as the country's file has it."""
    group = {"country": "IE", "number_type": NumberType.LOCAL, "end_user_type": EndUserType.BUSINESS}
    regulation: Regulation = RegulationFactory.create(**group)
    RegulationVersionFactory.create(regulation=regulation)
    return regulation


def irish_end_user(account: Account, **attributes: Any) -> EndUser:
    """With everything that is asked, but for what is given here; None takes an attribute away."""
    kept = {name: value for name, value in (ATTRIBUTES | attributes).items() if value is not None}
    end_user: EndUser = EndUserFactory.create(account=account, attributes=kept)
    return end_user


def irish_address(account: Account, **parts: Any) -> Address:
    """In Dublin, with its Eircode."""
    dublin = {"street": "1 Grafton Street", "city": "Dublin", "postal_code": "D02 X285", "iso_country": "IE"}
    address: Address = AddressFactory.create(account=account, **dublin | parts)
    return address


def irish_paper(account: Account, **fields: Any) -> SupportingDocument:
    """A business address in Dublin."""
    addresses = fields.pop("addresses", None)
    addresses = [irish_address(account)] if addresses is None else addresses
    fields = {"type": "business_address"} | fields
    paper: SupportingDocument = DocumentFactory.create(account=account, addresses=addresses, **fields)
    return paper


def irish_bundle(account: Account, state: BundleState = BundleState.DRAFT, **fields: Any) -> Bundle:
    """A bundle that nothing is missing from."""
    items = fields.pop("items", None)
    items = [irish_end_user(account), irish_paper(account)] if items is None else items
    bundle: Bundle = BundleFactory.create(
        account=account, regulation=irish_regulation(), items=items, state=state, **fields
    )
    return bundle


def running_out(account: Account, **fields: Any) -> Bundle:
    """An approved one whose rules have changed."""
    soon = timezone.now() + dt.timedelta(days=30)
    return irish_bundle(account, BundleState.APPROVED, **{"valid_until": soon} | fields)
