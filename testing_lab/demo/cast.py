"""Who has the numbers and the papers of a large stock, and what their papers say."""

from typing import Any, NamedTuple

from accounts.models import Membership, User
from accounts.services.credentials import open_account
from compliance.models import Bundle, EndUser

HOLDERS = 300
LARGEST, FILER = "A customer with many numbers", "A customer with many papers"
TRADES = ("Bakery", "Clinic", "Garage", "Hotel", "Law office", "Logistics", "Pharmacy", "School", "Taxi", "Travel")
TOWNS = ("Bremen", "Cork", "Denver", "Graz", "Leeds", "Lyon", "Perth", "Recife", "Utrecht", "Warsaw")


class Cast(NamedTuple):
    """Ids of accounts: those that hold numbers, the one with most of them, the one with most papers."""

    holders: list[int]
    largest: int
    filer: int

    @property
    def everybody(self) -> list[int]:
        """All of them."""
        return [*self.holders, self.largest, self.filer]


def open_accounts(member: str) -> Cast:
    """Open the accounts. The user with the e-mail address `member` becomes a member of the two largest.

    Raises User.DoesNotExist.
    """
    user = User.objects.get(email=member)
    largest, filer = open_account(LARGEST), open_account(FILER)
    for account in (largest, filer):
        Membership.objects.create(user=user, account=account)
    return Cast([open_account(name).pk for name in _names(HOLDERS)], largest.pk, filer.pk)


def texts() -> dict[str, Any]:
    """What is encrypted in bundles and their papers, some texts of each: the statements draw from them."""
    names = _names(len(TRADES) * len(TOWNS))
    bundles = [Bundle(friendly_name=name, email="papers@example.com") for name in names]
    index: Any = Bundle._meta.get_field("friendly_name_index")
    return {
        "pool": len(names),
        "names": [_stored(Bundle, "friendly_name", name) for name in names],
        "indexes": [index.pre_save(bundle, add=True) for bundle in bundles],
        "mails": [_stored(Bundle, "email", bundle.email) for bundle in bundles],
        "people": [_stored(EndUser, "attributes", {"business_name": name}) for name in names],
        "blank": _stored(Bundle, "email", ""),
    }


def _names(count: int) -> list[str]:
    pairs = [f"{trade} {town}" for trade in TRADES for town in TOWNS]
    return [
        pairs[nth % len(pairs)] + (f" {nth // len(pairs) + 1}" if nth >= len(pairs) else "") for nth in range(count)
    ]


def _stored(model: Any, field: str, value: Any) -> str:
    return str(model._meta.get_field(field).get_prep_value(value))
