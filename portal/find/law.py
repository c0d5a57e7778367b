"""What the law asks of who would have a kind of number, and how much of it the customer has done."""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from compliance import at_hand
from compliance.asked import Asked
from compliance.models import AddressRequirement, Bundle
from compliance.rulebook.rules import Availability
from inventory.search.terms import terms_of

ADDRESSES = {
    AddressRequirement.ANY: _("an address, anywhere in the world"),
    AddressRequirement.LOCAL: _("an address in the country, for many numbers in their very area"),
    AddressRequirement.FOREIGN: _("an address outside of the country"),
    AddressRequirement.UNKNOWN: _("an address"),
}


class Law(NamedTuple):
    """Of one kind of number. `approved`: the account's bundles that will do, `waiting`: one that is being reviewed."""

    country: str
    number_type: str
    asked: Asked
    approved: list[Bundle]
    waiting: Bundle | None

    @property
    def is_none(self) -> bool:
        """Whether anybody may have such a number at once."""
        return self.asked.is_known and not (self.asked.needs_address or self.asked.needs_bundle)

    @property
    def address(self) -> str | Promise:
        """Which address is asked for."""
        return ADDRESSES.get(AddressRequirement(self.asked.address_requirement), ADDRESSES[AddressRequirement.UNKNOWN])

    @property
    def shut_out(self) -> list[str]:
        """The kinds of end user that get no such number: individual, business."""
        return [each.end_user_type for each in self.asked.regulations if each.available == Availability.NO]

    @property
    def short(self) -> str | Promise:
        """In a few words, for a row of a list."""
        if not self.asked.is_known:
            return _("not known: ask the operator")
        if self.asked.needs_bundle:
            return _("papers, and an address") if self.asked.needs_address else _("papers")
        return _("an address") if self.asked.needs_address else _("no papers")


def law_of(country: str, number_type: str, account: Account | None) -> Law:
    """What is asked, at most ten seconds old, and what the account has of it now."""
    asked = terms_of(country, number_type).asked
    if account is None or not asked.needs_bundle or not asked.is_known:
        return Law(country, number_type, asked, [], None)
    approved = at_hand.approved(account, country, number_type)
    waiting = None if approved else at_hand.waiting(account, country, number_type)
    return Law(country, number_type, asked, approved, waiting)
