"""What customers call the states of bundles and papers, and kinds of numbers."""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from compliance.lifecycle import BundleState
from compliance.models import DocumentStatus, EndUserType, Regulation
from compliance.services import rulebooks
from numbering.types import NumberType
from portal.papers.words import country_name


class Mark(NamedTuple):
    """A state as a badge shows it: `tone` is a class of ours for the colour, `icon` a shape of `papers.svg`."""

    label: str | Promise
    tone: str
    icon: str


STATES = {
    BundleState.DRAFT: Mark(lazy("draft"), "idle", "draft"),
    BundleState.PENDING_REVIEW: Mark(lazy("waiting for review"), "going", "waiting"),
    BundleState.IN_REVIEW: Mark(lazy("being reviewed"), "going", "looking"),
    BundleState.PROVISIONALLY_APPROVED: Mark(lazy("provisionally approved"), "going", "looking"),
    BundleState.APPROVED: Mark(lazy("approved"), "pass", "approved"),
    BundleState.REJECTED: Mark(lazy("to be corrected"), "fail", "rejected"),
}
ENDING = Mark(lazy("approved, needs you"), "stuck", "ending")
TEST = Mark(lazy("test, over"), "idle", "draft")

PAPERS = {
    DocumentStatus.DRAFT: Mark(lazy("not handed in yet"), "idle", "draft"),
    DocumentStatus.PENDING_REVIEW: Mark(lazy("waiting for review"), "going", "waiting"),
    DocumentStatus.REJECTED: Mark(lazy("to be corrected"), "fail", "rejected"),
    DocumentStatus.APPROVED: Mark(lazy("approved"), "pass", "approved"),
    DocumentStatus.EXPIRED: Mark(lazy("expired"), "stuck", "ending"),
    DocumentStatus.PROVISIONALLY_APPROVED: Mark(lazy("provisionally approved"), "going", "looking"),
}

_NUMBERS = {
    NumberType.LOCAL: lazy("local numbers"),
    NumberType.MOBILE: lazy("mobile numbers"),
    NumberType.NATIONAL: lazy("national numbers"),
    NumberType.TOLL_FREE: lazy("toll-free numbers"),
    NumberType.SHARED_COST: lazy("shared cost numbers"),
    NumberType.VOIP: lazy("VoIP numbers"),
    NumberType.MACHINE_TO_MACHINE: lazy("machine to machine numbers"),
}
WHO = {EndUserType.INDIVIDUAL: lazy("a person"), EndUserType.BUSINESS: lazy("a business")}


def kind_of(regulation: Regulation) -> str:
    """ "Germany: local numbers for a business"."""
    return _("%(country)s: %(numbers)s for %(who)s") % {
        "country": country_name(regulation.country),
        "numbers": _NUMBERS[NumberType(regulation.number_type)],
        "who": WHO[EndUserType(regulation.end_user_type)],
    }


def requirement_names(regulation: Regulation) -> dict[str, str]:
    """What the requirements of the rules in force are called, by the names that evaluations and lacks give them."""
    version = rulebooks.in_force(regulation)
    wanted = rulebooks.rules_of(version).of(regulation.number_type).of(regulation.end_user_type) if version else None
    named = {each.requirement_name: _(each.name) for each in wanted.documents} if wanted else {}
    return named | ({wanted.requirement_name: _("Who will use the numbers")} if wanted else {})
