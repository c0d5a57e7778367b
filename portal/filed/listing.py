"""The account's bundles, what needs its customer first."""

from collections.abc import Mapping, Sequence, Set
from datetime import date
from typing import Any, NamedTuple

from django.core import signing
from django.db.models import Case, Exists, IntegerChoices, OuterRef, Q, QuerySet, Value, When
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_safe

from accounts.models import Account
from compliance.evaluation.outcome import Outcome
from compliance.lifecycle import EDITABLE, WAITING, BundleState
from compliance.models import Bundle
from compliance.services import expiring_papers, outlook, verdicts
from inventory.services import holdings
from portal.acting import CustomerRequest, for_customer
from portal.filed import words

PAGE = 20
_SALT = "portal.papers"


class Need(IntegerChoices):
    """How urgently a bundle needs its customer; the list is in this order."""

    CORRECT = 0, lazy("To be corrected")
    RENEW = 1, lazy("To be renewed")
    FINISH = 2, lazy("Begun, and not handed in yet")
    WAIT = 3, lazy("With us, under review")
    NOTHING = 4, lazy("Approved, and over")


class Row(NamedTuple):
    """A bundle in the list. `ready` of `asked` requirements are met, where it is written still (else `asked` is 0);
    `numbers` in service on it; `last_day` of the first paper that expires soon."""

    bundle: Bundle
    kind: str
    mark: words.Mark
    ready: int
    asked: int
    numbers: int
    last_day: date | None


class Group(NamedTuple):
    """Bundles that need the same."""

    need: Need
    rows: list[Row]


@require_safe
@for_customer
def papers(request: CustomerRequest) -> HttpResponseBase:
    """A page of bundles in groups; `?page=` is a token of the page before."""
    try:
        found, following = page_of(request.account, request.GET.get("page", ""))
    except signing.BadSignature:
        return redirect("portal:papers")
    context = {
        "here": "bundles",
        "groups": groups(found),
        "following": following,
        "most_counted": holdings.MOST_COUNTED,
    }
    return render(request, "portal/filed/papers.html", context)


def by_need(account: Account) -> QuerySet[Bundle]:
    """With `need`, and in its order, the newest first."""
    expiring = Exists(expiring_papers.told().filter(bundle=OuterRef("pk")))
    ending = Q(state=BundleState.APPROVED) & (Q(valid_until__isnull=False) | expiring)
    need = Case(
        When(is_test=True, state=BundleState.REJECTED, then=Value(Need.NOTHING)),
        When(state=BundleState.REJECTED, then=Value(Need.CORRECT)),
        When(ending, then=Value(Need.RENEW)),
        When(state=BundleState.DRAFT, then=Value(Need.FINISH)),
        When(state__in=WAITING, then=Value(Need.WAIT)),
        default=Value(Need.NOTHING),
    )
    return Bundle.objects.of(account).annotate(need=need).order_by("need", "-pk")


def page_of(account: Account, token: str = "", size: int = PAGE) -> tuple[list[Bundle], str]:
    """A page of bundles, each with `need`, and the token of the next; "" on the last. Raises BadSignature."""
    rows: Any = by_need(account)
    if token:
        need, pk = signing.loads(token, salt=_SALT)
        rows = rows.filter(Q(need__gt=need) | Q(need=need, pk__lt=pk))
    found = list(rows.values_list("pk", "need")[: size + 1])  # all are sorted: that takes no wide rows
    needs, is_last = dict(found[:size]), len(found) <= size
    return _whole(needs), "" if is_last else signing.dumps([*found[size - 1][::-1]], salt=_SALT)


def _whole(needs: Mapping[int, int]) -> list[Bundle]:
    """The rows of a page in its order, each with its `need`."""
    rows = Bundle.objects.select_related("regulation", "copied_from").in_bulk(list(needs))
    for pk, need in needs.items():
        rows[pk].need = need  # type: ignore[attr-defined]  # as if it were annotated
    return [rows[pk] for pk in needs]


def groups(bundles: Sequence[Bundle]) -> list[Group]:
    """In their order, with what the list says of each."""
    numbers = holdings.how_many_on([bundle.sid for bundle in bundles])
    written = [bundle for bundle in bundles if bundle.state in EDITABLE]
    looked_at, rejected = outlook.of(written), verdicts.still_rejected(written)
    days = _last_days(bundles)
    rows = [_row(bundle, looked_at.get(bundle.pk), rejected, numbers, days) for bundle in bundles]
    found: dict[Need, list[Row]] = {}
    for row in rows:
        found.setdefault(Need(row.bundle.need), []).append(row)  # type: ignore[attr-defined]  # annotated
    return [Group(need, rows) for need, rows in found.items()]


def _row(
    bundle: Bundle,
    outcome: Outcome | None,
    rejected: Set[str],
    numbers: Mapping[str, int],
    days: Mapping[int, date],
) -> Row:
    results = outcome.results if outcome and outcome.confirmed else ()
    ready = sum(1 for result in results if result.passed and result.object_sid not in rejected)
    kind = words.kind_of(bundle.regulation)
    return Row(bundle, kind, _mark(bundle), ready, len(results), numbers.get(bundle.sid, 0), days.get(bundle.pk))


def _mark(bundle: Bundle) -> words.Mark:
    if bundle.is_test and bundle.state == BundleState.REJECTED:
        return words.TEST
    is_ending = bundle.need == Need.RENEW  # type: ignore[attr-defined]  # annotated
    return words.ENDING if is_ending else words.STATES[BundleState(bundle.state)]


def _last_days(bundles: Sequence[Bundle]) -> dict[int, date]:
    """Of the paper that expires first, by bundle; their days are ciphertext, and only these are opened."""
    found: dict[int, date] = {}
    renewed = [bundle for bundle in bundles if bundle.need == Need.RENEW]  # type: ignore[attr-defined]  # annotated
    for warning in expiring_papers.told().filter(bundle__in=renewed).select_related("document"):
        if day := expiring_papers.last_day_of(warning.document):
            found[warning.bundle_id] = min(day, found.get(warning.bundle_id, day))
    return found
