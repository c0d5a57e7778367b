"""Who waits for what, in the tests of the waitlist."""

from typing import Any

from inventory.models import WaitlistEntry, WaitlistOffer, WaitMode
from inventory.waitlist.entries import Wish, wait
from numbering.types import NumberType
from tests.factories import AccountFactory

LOCAL = Wish("US", NumberType.LOCAL)


def waiting(wish: Wish = LOCAL, **given: Any) -> WaitlistEntry:
    return wait(**{"account": AccountFactory.create(), "mode": WaitMode.RESERVE, **given}, wish=wish)


def in_area(area_code: str, **given: Any) -> WaitlistEntry:
    return waiting(Wish("US", NumberType.LOCAL, area_code=area_code), **given)


def told(entry: WaitlistEntry) -> set[int]:
    """The numbers that it was served with."""
    return set(WaitlistOffer.objects.filter(serving__entry=entry).values_list("number__e164", flat=True))


def again(entry: WaitlistEntry) -> WaitlistEntry:
    return WaitlistEntry.objects.get(pk=entry.pk)
