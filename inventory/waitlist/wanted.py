"""What is waited for most, for those who look after the stock."""

from datetime import datetime
from typing import NamedTuple

from django.db.models import Count, F, Min, Sum
from django.utils import timezone

from inventory.models import WaitlistEntry, WaitState
from numbering.countries import name_of
from numbering.types import NumberType

SHOWN = 12


class WaitedFor(NamedTuple):
    """One kind of number: so many are missing, to so many entries of so many accounts, the first of them since then."""

    country: str
    number_type: str
    area_code: str
    locality: str
    numbers: int
    entries: int
    accounts: int
    since: datetime

    @property
    def in_words(self) -> str:
        """ "United States, local, area code 415"."""
        where = f"area code {self.area_code}" if self.area_code else self.locality
        return ", ".join(filter(None, [name_of(self.country), NumberType(self.number_type).label.lower(), where]))


def waited_for_most(limit: int = SHOWN) -> list[WaitedFor]:
    """By country, type and area code, or town as customers wrote it; most numbers first."""
    waiting = WaitlistEntry.objects.filter(state=WaitState.WAITING, expires_at__gt=timezone.now())
    kinds = waiting.order_by().values_list("country", "number_type", "area_code", "locality")
    counted = kinds.annotate(
        numbers=Sum(F("quantity") - F("served")),
        entries=Count("pk"),
        accounts=Count("account", distinct=True),
        since=Min("created_at"),
    )
    return [WaitedFor(*row) for row in counted.order_by("-numbers", "since")[:limit]]
