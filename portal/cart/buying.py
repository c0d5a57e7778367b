"""Buying what is in the cart: each number for itself, and an outcome for each."""

from collections.abc import Iterable
from typing import NamedTuple

from django.utils.translation import gettext as _

from accounts.models import Account
from compliance import refusals as of_compliance
from inventory import refusals as of_inventory
from inventory.models import Did
from inventory.services import assignments
from numbering.e164 import E164
from portal.cart.forms import LineForm
from portal.refusing import in_words


class Outcome(NamedTuple):
    """What became of one purchase: a DID, or why there is none."""

    number: str
    did: Did | None
    why: str = ""


def buy_each(account: Account, wanted: Iterable[tuple[int, LineForm]]) -> list[Outcome]:
    """Buy each number by itself: one that is refused takes none of the others with it. A number that the account has
    already is bought no second time, so the same request may come twice."""
    return [_buy(account, e164, form) for e164, form in wanted]


def _buy(account: Account, e164: int, form: LineForm) -> Outcome:
    shown = E164.from_int(e164).national_format
    if not form.is_valid():
        return Outcome(shown, None, " ".join(str(error) for errors in form.errors.values() for error in errors))
    try:
        return Outcome(shown, assignments.buy(account=account, e164=e164, settings=form.given_settings()))
    except of_inventory.TrialLimit:
        return Outcome(shown, None, _("A trial account may have one number. Have the limit lifted, and buy it then."))
    except (of_inventory.Refused, of_compliance.Refused) as refusal:
        return Outcome(shown, None, in_words(refusal))
