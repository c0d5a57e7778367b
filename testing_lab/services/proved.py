"""What the lab has proved of numbers, in a line: for lists, where a passport test by test would be too long."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from django.db.models import Count, F, Q

from inventory.lifecycle import State
from testing_lab.models import Outcome, Passport

CALLER_ID_IN, CALLER_ID_OUT, DELAY = "V10", "V13", "V07"
#: Tests that say nothing of the number are no part of "24 of 24".
_UNSAID = (Outcome.NOT_APPLICABLE, Outcome.NOT_PERFORMED)


class Proved(NamedTuple):
    """Of the last full suite: how many tests passed of those that were judged, and whether the right caller was shown,
    inwards or outwards, wherever that was tested (None: nowhere)."""

    at: datetime
    passed: int
    judged: int
    caller_id: bool | None


def in_short(e164s: Collection[int]) -> dict[int, Proved]:
    """By E.164 digits, for those of these numbers that have a passport, in the life that they have now. One query."""
    decisive = Q(run__results__attempt=F("run__attempt"))
    judged = decisive & ~Q(run__results__outcome__in=_UNSAID)
    caller_id = judged & Q(run__results__code__in=(CALLER_ID_IN, CALLER_ID_OUT))
    passed = Q(run__results__outcome=Outcome.PASS)
    live = ~Q(number__state=State.RETURNED)  # and by that their index
    rows = Passport.objects.filter(live, number__e164__in=e164s).annotate(
        judged=Count("run__results", filter=judged),
        passed=Count("run__results", filter=judged & passed),
        callers=Count("run__results", filter=caller_id),
        right_callers=Count("run__results", filter=caller_id & passed),
    )
    columns = rows.values_list("number__e164", "issued_at", "passed", "judged", "callers", "right_callers")
    return {
        e164: Proved(at, passed, judged, right == callers if callers else None)
        for e164, at, passed, judged, callers, right in columns
    }
