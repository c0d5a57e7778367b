"""May this account have this number with these papers? One question, and every requirement that is not met at once.

Inventory asks it at each purchase, reclaim, change of papers and transfer (`require`), in the transaction that assigns
the number and with the papers' rows locked: a rejection of the bundle and the purchase come one after the other. The
trigger `lawful` on DIDs asks the part of it that SQL can ask once more.

What is not confirmed is never held against the customer: an approved bundle is enough there, since an operator decided.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Protocol

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Account
from compliance.asked import Asked, asked
from compliance.evaluation.addresses import address_findings
from compliance.evaluation.case import Area
from compliance.lifecycle import BundleState
from compliance.models import Address, Bundle
from compliance.rulebook.rules import AddressScope, CountryRules, NumberTypeRules
from compliance.services import rulebooks
from compliance.services.areas import area_of
from compliance.services.evaluations import address_record
from compliance.services.proofs import shown_addresses
from compliance.unmet import (
    AddressMissing,
    AddressNotOnPapers,
    AddressUnfit,
    BundleMissing,
    BundleNotApproved,
    LiesIn,
    NoEmergencyAddress,
    Unmet,
)
from numbering.e164 import E164


class Wanted(Protocol):
    """The number that somebody would have."""

    @property
    def e164(self) -> int: ...
    @property
    def country(self) -> str: ...
    @property
    def number_type(self) -> str: ...


def require(
    account: Account,
    number: Wanted,
    address_sid: str,
    bundle_sid: str,
    emergency_sid: str = "",
    *,
    at: datetime | None = None,
) -> None:
    """Lock the papers until the transaction ends, and check.

    Raises the first Unmet, which knows `all` of them; NoEmergencyAddress for an address that is not for such calls.
    """
    _hold_still(account, bundle_sid, [address_sid, emergency_sid])
    if unmet := check(account, number, address_sid, bundle_sid, at):
        unmet[0].all = unmet
        raise unmet[0]
    if emergency_sid:
        require_emergency_address(account, emergency_sid)


def require_emergency_address(account: Account, sid: str) -> None:
    """Raises NoEmergencyAddress unless it is the account's own and meant for emergency calls."""
    if not Address.objects.of(account).filter(sid=sid, emergency_enabled=True).exists():
        raise NoEmergencyAddress(sid)


def check(
    account: Account, number: Wanted, address_sid: str, bundle_sid: str, at: datetime | None = None
) -> list[Unmet]:
    """Every requirement that is not met at that time (UTC; now, if not given). Blank SIDs: none was given.

    In this order: AddressMissing, AddressUnfit, BundleMissing or BundleNotApproved, AddressNotOnPapers. What is given
    though nobody asks for it must be the account's own, and a bundle one for such numbers. Another account's papers
    and papers that never were take the same way through here. Nothing is locked.
    """
    at = at or timezone.now()
    bundles = Bundle.objects.of(account).select_related("regulation", "approved_under")
    case = _Case(
        account.sid,
        number,
        at,
        asked(number.country, number.number_type, at.date()),
        address_sid,
        Address.objects.of(account).filter(sid=address_sid).first() if address_sid else None,
        bundle_sid,
        bundles.filter(sid=bundle_sid).first() if bundle_sid else None,
    )
    return [*case.about_address(), *case.about_bundle(), *case.about_both()]


# Purchases on one bundle do not wait for each other, only for who changes, rejects or deletes it. In the order of
# `compliance.services.locks`; what is another account's is not touched, so nobody's purchase waits for its owner.
_BUNDLE = "SELECT FROM compliance_bundle WHERE account_id = %s AND sid = %s FOR SHARE"
_ADDRESSES = "SELECT FROM compliance_address WHERE account_id = %s AND sid = ANY(%s) ORDER BY id FOR SHARE"


def _hold_still(account: Account, bundle_sid: str, address_sids: Iterable[str]) -> None:
    addresses = [sid for sid in address_sids if sid]
    with connection.cursor() as cursor:
        if bundle_sid:
            cursor.execute(_BUNDLE, [account.pk, bundle_sid])
        if addresses:
            cursor.execute(_ADDRESSES, [account.pk, addresses])


@dataclass(frozen=True)
class _Case:
    """Who would have what, what is asked for it, what was given and what there is of that."""

    account_sid: str
    number: Wanted
    at: datetime
    asked: Asked
    address_sid: str
    address: Address | None
    bundle_sid: str
    bundle: Bundle | None

    def about_address(self) -> Iterator[Unmet]:
        if self.address_sid and self.address is None:
            yield self._address_missing(f"There is no address {self.address_sid} in account {self.account_sid}")
        elif self.lies_in and self.address is None:
            yield self._address_missing("Phone Number Requires an Address but the 'AddressSid' parameter was empty.")
        elif self.lies_in and self.address and self.country:
            yield from self._address_unfit(self.address, self.country, self.lies_in)

    def about_bundle(self) -> Iterator[Unmet]:
        if not self.asked.is_known:
            unknown = f"What is asked for country: [{self.number.country}] and numberType: [{self.type}] is not known"
            hint = _("Nobody can have such a number before the operator has added its rules to the country's file.")
            yield BundleMissing(unknown, hint, self.asked)
        elif self.bundle:
            yield from self._bundle_unfit(self.bundle)
        elif self.bundle_sid:
            yield self._bundle_missing(f"There is no bundle {self.bundle_sid} in account {self.account_sid}")
        elif self.asked.needs_bundle:
            kind = f"country: [{self.number.country}] and numberType: [{self.type}]"
            yield self._bundle_missing(f"Bundle required and not provided for {kind}")

    def about_both(self) -> Iterator[Unmet]:
        if self.address and self.bundle and _is_for(self.bundle, self.number):
            shown = shown_addresses(self.bundle)
            if shown is not None and self.address_sid not in shown:
                sentence = f"AddressSid [{self.address_sid}] is not shown by the papers in bundle [{self.bundle_sid}]"
                hint = _("Give the address that they prove: %(addresses)s.") % {
                    "addresses": ", ".join(sorted(shown)) or _("they prove none")
                }
                yield AddressNotOnPapers(sentence, hint, self.asked)

    @property
    def type(self) -> str:
        """The number's type as the sentences have it: TOLL-FREE."""
        return self.number.number_type.upper().replace("_", "-")

    @cached_property
    def country(self) -> CountryRules | None:
        """The rules of the number's country."""
        return rulebooks.current(self.number.country, self.at.date())

    @cached_property
    def lies_in(self) -> LiesIn | None:
        """Where the address must lie; None: no address is asked for."""
        if not self.asked.needs_address:
            return None
        scope = self.rules.address_scope
        return LiesIn(scope, self.number.country, self.area.towns if self.area else ())

    @property
    def rules(self) -> NumberTypeRules:
        """Those of the number's type."""
        kind = self.number.number_type
        return self.country.of(kind) if self.country else NumberTypeRules(kind)

    @cached_property
    def area(self) -> Area | None:
        """What the number's prefix serves, where that matters."""
        if self.rules.address_scope != AddressScope.AREA_CODE:
            return None
        return area_of(E164.from_int(self.number.e164))

    def _address_missing(self, sentence: str) -> Unmet:
        hint = _("Give an address of this account.")
        if self.lies_in:
            hint = _("Give an address of this account. It must lie in: %(where)s.") % {"where": self.lies_in.words}
        return AddressMissing(sentence, hint, self.asked, self.lies_in)

    def _address_unfit(self, address: Address, country: CountryRules, lies_in: LiesIn) -> Iterator[Unmet]:
        failures = address_findings(country, self.rules, address_record(address), self.area).failures
        if failures:
            said = dict.fromkeys(part for failure in failures for part in (failure.sentence, failure.hint))
            yield AddressUnfit(f"No valid address created for: {lies_in.words}", " ".join(said), self.asked, lies_in)

    def _bundle_missing(self, sentence: str) -> Unmet:
        hint = _("Have a bundle approved for one of the regulations, and give it.")
        return BundleMissing(sentence, hint, self.asked)

    def _bundle_unfit(self, bundle: Bundle) -> Iterator[Unmet]:
        about = bundle.regulation
        if not _is_for(bundle, self.number):
            kinds = (
                f"[{about.country}] [{about.number_type}], not for [{self.number.country}] [{self.number.number_type}]"
            )
            yield BundleNotApproved(
                f"Bundle [{bundle.sid}] is for {kinds}", _("Give a bundle for such numbers."), self.asked
            )
        elif bundle.is_test or bundle.state != BundleState.APPROVED:
            hint = _("Submit it, and wait for its approval.")
            if bundle.is_test:
                hint = _("A test bundle is never approved.")
            sentence = f"Bundle [{bundle.sid}] status is not {{}}"
            yield BundleNotApproved(sentence, hint, self.asked, states=[BundleState.APPROVED])
        elif bundle.valid_until and bundle.valid_until <= self.at:
            hint = _("Copy it, complete the copy, and replace its items once the copy is approved.")
            yield BundleNotApproved(f"The approval of bundle [{bundle.sid}] has run out", hint, self.asked)


def _is_for(bundle: Bundle, number: Wanted) -> bool:
    about = bundle.regulation
    return (about.country, about.number_type) == (number.country, number.number_type)
