"""How each code of the error catalogue that is about copies and replacements is met."""

from typing import Any

from accounts.models import Account
from compliance.lifecycle import BundleState
from compliance.models import Bundle
from tests.api.bundles.asked import BUNDLES, Ask, at
from tests.api.bundles.irish import irish_address, running_out
from tests.api.bundles.rules import newer_rules
from tests.api.conftest import Caller
from tests.factories import advanced


def replaced(caller: Caller, target: Bundle, source: Bundle) -> Any:
    return caller.post(f"{BUNDLES}/{target.sid}/ReplaceItems", {"FromBundleSid": source.sid})


def copy_of(caller: Caller, bundle: Bundle) -> Bundle:
    """A draft that the API made."""
    return Bundle.objects.get(sid=caller.post(f"{BUNDLES}/{bundle.sid}/Copies").json()["sid"])


def by_a_draft(caller: Caller, account: Account) -> Any:
    original = running_out(account)
    return replaced(caller, original, copy_of(caller, original))


def by_what_is_out_of_force(caller: Caller, account: Account) -> Any:
    original = running_out(account)
    copy = advanced(copy_of(caller, original), BundleState.APPROVED)
    newer_rules(original.regulation)
    return replaced(caller, original, copy)


def by_what_is_elsewhere(caller: Caller, account: Account) -> Any:
    original = running_out(account)
    copy = copy_of(caller, original)
    paper = copy.items.get(end_user=None).document
    assert paper is not None
    paper.addresses.set([irish_address(account, street="2 Grafton Street")])
    return replaced(caller, original, advanced(copy, BundleState.APPROVED))


ASKED: dict[int, Ask] = {
    22223: at(BundleState.APPROVED, "POST", "/Copies"),
    22224: by_a_draft,
    22225: at(BundleState.APPROVED, "POST", "/ReplaceItems", FromBundleSid="BU" + "0" * 32),
    22226: at(BundleState.APPROVED, "POST", "/ReplaceItems", FromBundleSid="ITSELF"),
    22228: by_what_is_out_of_force,
    22229: by_what_is_elsewhere,
}
