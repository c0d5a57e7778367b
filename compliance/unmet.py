"""What stands between an account and a number: one exception for each kind of unmet requirement.

Each knows all that are unmet with it, so that a customer who hears of the first hears of the others too.
"""

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from django.utils.translation import gettext as _

from compliance.asked import Asked
from compliance.evaluation.towns import some_of
from compliance.lifecycle import BundleState
from compliance.refusals import Refused
from compliance.rulebook.rules import AddressScope
from numbering.countries import called

_TOWNS_NAMED = 12


class LiesIn(NamedTuple):
    """Where an address must lie, seen from the number's country; in one of `towns` where those are known."""

    scope: AddressScope
    country: str
    towns: Sequence[str] = ()

    @property
    def words(self) -> str:
        """ "Cork, Youghal and 3 more", "Germany"."""
        if self.towns:
            return some_of(self.towns, _TOWNS_NAMED)
        if self.scope in (AddressScope.COUNTRY, AddressScope.AREA_CODE):
            return called(self.country)
        if self.scope == AddressScope.NOT_IN_COUNTRY:
            return _("any country but %(country)s") % {"country": called(self.country)}
        return _("any country")


class Unmet(Refused):
    """A requirement that is not met. `requirement`: address or bundle; `hint`: what to do about it."""

    requirement: ClassVar[str]

    def __init__(
        self, sentence: str, hint: str, asked: Asked, lies_in: LiesIn | None = None, states: Sequence[BundleState] = ()
    ) -> None:
        super().__init__(sentence, *states)
        self.hint, self.asked, self.lies_in = hint, asked, lies_in
        self.all: Sequence[Unmet] = [self]


class AddressMissing(Unmet):
    """The number goes to an address only, and none of this account was given."""

    requirement = "address"


class AddressUnfit(Unmet):
    """The address does not lie where it must, or is not written as it must be."""

    requirement = "address"


class BundleMissing(Unmet):
    """The number goes to who has given papers for it, and no bundle of this account was given."""

    requirement = "bundle"


class BundleNotApproved(Unmet):
    """The bundle is not approved, not any more, or for other numbers."""

    requirement = "bundle"


class AddressNotOnPapers(Unmet):
    """The address is not the one that the bundle's papers show."""

    requirement = "bundle"


class NoEmergencyAddress(Refused):
    """The address for emergency calls is not one of this account's, or not meant for them."""

    def __init__(self, sid: str) -> None:
        super().__init__(
            f"Invalid parameter EmergencyAddressSid: {sid} is no address of this account for emergency calls"
        )
