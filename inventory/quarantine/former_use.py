"""What the last user of a number was, as far as the aging laws tell apart: from the papers that it was held on."""

from compliance.models import Bundle, EndUserType, PreviousUse
from inventory.models import Did, LifecycleEntry, PhoneNumber

#: An individual's number is a residential one; 47 CFR 52.15(f)(1)(ii) has other limits for it than for a business's.
_USE = {EndUserType.INDIVIDUAL: PreviousUse.RESIDENTIAL, EndUserType.BUSINESS: PreviousUse.BUSINESS}


def last_did(number: PhoneNumber) -> Did | None:
    """Under which its last holder had it, by the ledger of the release; None if nobody ever gave it back."""
    released = LifecycleEntry.objects.filter(number=number, verb="release").order_by("-at", "-pk").first()
    return Did.objects.filter(sid=released.data.get("did", "")).first() if released else None


def use_of(did: Did | None) -> str:
    """Residential, business, or blank: it had no bundle, so nobody asked who uses it."""
    if did is None or not did.bundle_sid:
        return ""
    user = Bundle.objects.filter(sid=did.bundle_sid).values_list("regulation__end_user_type", flat=True).first()
    return _USE[EndUserType(user)] if user else ""
