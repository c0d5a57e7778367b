"""Bulk runs: which numbers a list asks for, and what the page of a run shows before, while and after it runs."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Count
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from console.number_list import FILTERS, wanted
from console.searching import MOST, found
from inventory.bulk import runs
from inventory.bulk.deeds import DEEDS
from inventory.lifecycle import State
from inventory.models import BulkOutcome, BulkRun, BulkState, BulkVerb, PhoneNumber
from inventory.yard import listing
from inventory.yard.reading import late_ids

SEARCH = "q"
#: What is on record of a list without any filter.
EVERYTHING = {"everything": "yes"}


class Group(NamedTuple):
    """So many numbers that have this in common."""

    numbers: int
    state: str
    country: str
    provider: str


def asked_for(given: Mapping[str, str]) -> dict[str, str]:
    """What of these parameters makes the list, for the record of the run."""
    return {name: given[name] for name in (*FILTERS, SEARCH) if given.get(name)} or EVERYTHING


def ids_of(asked: Mapping[str, str]) -> list[int]:
    """The numbers that the list shows on all its pages: one more than a run takes, at most.

    Raises IncorrectLookupParameters for what is no list.
    """
    what, most = wanted(asked), runs.MOST + 1
    narrow = [found(asked[SEARCH])] if asked.get(SEARCH) else []
    narrow += [late_ids(timezone.now(), MOST)] if asked.get("late") else []
    if not narrow:
        return listing.page(what, limit=most)
    ids = set(narrow[0]).intersection(*narrow)
    rows = PhoneNumber.objects.filter(listing.matching(what), pk__in=ids).order_by("-pk")
    return list(rows.values_list("pk", flat=True)[:most])


def context(run: BulkRun) -> dict[str, Any]:
    """Everything for `console/bulk/run.html`."""
    deed = DEEDS[BulkVerb(run.verb)]
    return {
        "run": run,
        "consequence": deed.consequence,
        "groups": groups(run),
        "alone": settings.BULK_RELEASES_ALONE,
        "asks_for_two": run.state == BulkState.DRAFT and runs.asks_for_two(run),
        "is_old": run.state == BulkState.DRAFT and run.created_at < timezone.now() - runs.DRAFT_LIFETIME,
        "undone_by": BulkRun.objects.filter(undoes=run).first(),
        "list_url": list_url(run),
        **progress(run),
    }


def progress(run: BulkRun) -> dict[str, Any]:
    """How far it is: the counts, and why numbers were left."""
    counted = run.items.values_list("outcome").annotate(numbers=Count("pk")).order_by()
    counts = dict.fromkeys(BulkOutcome.values, 0) | dict(counted)
    left = run.items.filter(outcome__in=(BulkOutcome.LEFT, BulkOutcome.FAILED))
    whys = left.values("outcome", "why").annotate(numbers=Count("pk")).order_by("-numbers")[:20]
    return {
        "run": run,
        "counts": counts,
        "whys": [{**why, "label": BulkOutcome(why["outcome"]).label} for why in whys],
        "behind": run.numbers - counts[BulkOutcome.OPEN],
        "items_url": reverse("admin:inventory_bulkitem_changelist") + f"?run__id__exact={run.pk}",
    }


def groups(run: BulkRun) -> list[Group]:
    """What it does something to, by state, country and provider, the largest first; of one that is over, what it did
    something to. The states are those of now."""
    outcome = BulkOutcome.DONE if run.ended_at else BulkOutcome.OPEN
    by = ("number__state", "number__country", "number__provider__name")
    rows = run.items.filter(outcome=outcome).values_list(*by).annotate(numbers=Count("pk")).order_by("-numbers", *by)
    return [
        Group(numbers, State(state).label, country, provider or "our own")
        for state, country, provider, numbers in rows[:50]
    ]


def list_url(run: BulkRun) -> str:
    """The list that it was made from, as it is now; blank where numbers were chosen one by one."""
    if not run.asked:
        return ""
    query = QueryDict(mutable=True)
    query.update({name: value for name, value in run.asked.items() if name not in EVERYTHING})
    return f"{reverse('admin:inventory_phonenumber_changelist')}?{query.urlencode()}"
