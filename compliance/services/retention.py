"""Letting go of what nothing needs any more, when the days of its country are over."""

import logging
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple

import yaml
from django.core.cache import cache as shared
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from compliance import tenures
from compliance.lifecycle import EDITABLE, BundleState
from compliance.models import (
    Address,
    Bundle,
    Clock,
    EndUser,
    ItemAssignment,
    RetentionPolicy,
    SupportingDocument,
)
from compliance.refusals import PartOfABundle, StillNeeded, UnderLegalHold
from compliance.services import erasure
from compliance.services.belongings import Paper

log = logging.getLogger(__name__)

DEFAULTS = Path(__file__).parents[1] / "data" / "retention.yaml"
BATCH = 200
#: How long one sweep works; the next one goes on where it was. Less than a task may take.
PATIENCE = timedelta(seconds=60)
_MARK = "compliance:retention"


class Term(NamedTuple):
    """Days on a clock, and who says so."""

    clock: Clock
    days: int
    source: str


class Due(NamedTuple):
    """When something is to be erased, and by which term."""

    at: datetime
    term: Term


class _Start(NamedTuple):
    """A clock that has begun."""

    country: str
    clock: Clock
    at: datetime


@cache
def _defaults() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(DEFAULTS.read_text())
    return content


def term(country: str, clock: Clock, on: date) -> Term:
    """What staff have set for the country, or for all of them; else what the data file says."""
    row = RetentionPolicy.objects.in_force(country, clock, on)
    if row:
        return Term(clock, row.days, row.source)
    content = _defaults()
    days = {**content["days"], **content["countries"].get(country, {})}
    return Term(clock, days[clock], content["source"])


def due(paper: Paper, now: datetime | None = None) -> Due | None:
    """When the paper is to be erased: all clocks that began have run out. None while something needs it.

    Legal holds are asked for by the erasure itself.
    """
    now = now or timezone.now()
    items = _items(paper)
    if any(item.ended_at is None and _is_live(item.bundle) for item in items):
        return None
    countries = _countries(paper, items)
    held = tenures.of([sid for sid in countries if sid.startswith("BU")], _addresses(paper))
    if any(not tenure.is_over(now) for tenure in held):
        return None
    released = [
        _Start(countries.get(tenure.bundle_sid, ""), Clock.NUMBER_RELEASED, tenure.until)
        for tenure in held
        if tenure.until
    ]
    starts = [_touched(paper, countries), *(_end(item) for item in items), *released]
    return max(_run_out(start, now.date()) for start in starts)


def _items(paper: Paper) -> list[ItemAssignment]:
    column = {EndUser: "end_user", SupportingDocument: "document", Bundle: "bundle"}.get(type(paper))
    rows = ItemAssignment.objects.select_related("bundle__regulation").order_by("pk")
    return list(rows.filter(**{column: paper})) if column else []


def _is_live(bundle: Bundle) -> bool:
    """With the reviewers, or approved: numbers may come to hang on it."""
    return bundle.deleted_at is None and bundle.state not in EDITABLE


def _countries(paper: Paper, items: list[ItemAssignment]) -> dict[str, str]:
    """Of the bundles, by SID."""
    bundles = [item.bundle for item in items] + ([paper] if isinstance(paper, Bundle) else [])
    return {bundle.sid: bundle.regulation.country for bundle in bundles}


def _addresses(paper: Paper) -> list[str]:
    if isinstance(paper, SupportingDocument):
        return list(paper.addresses.values_list("sid", flat=True))
    return [paper.sid] if isinstance(paper, Address) else []


def _touched(paper: Paper, countries: dict[str, str]) -> _Start:
    """The last change by the customer; its deletion was one."""
    country = paper.iso_country if isinstance(paper, Address) else next(iter(countries.values()), "")
    return _Start(country, Clock.ABANDONED, max(paper.updated_at, paper.deleted_at or paper.updated_at))


def _end(item: ItemAssignment) -> _Start:
    """What ended the bundle for this item, and when."""
    bundle = item.bundle
    if bundle.approved_under_id or item.brought_from_id:
        clock = Clock.BUNDLE_ENDED
    else:
        clock = Clock.REJECTED if bundle.state == BundleState.REJECTED else Clock.ABANDONED
    ends = [at for at in (item.ended_at, bundle.deleted_at) if at]
    return _Start(bundle.regulation.country, clock, min(ends, default=max(bundle.state_since, item.created_at)))


def _run_out(start: _Start, on: date) -> Due:
    which = term(start.country, start.clock, on)
    return Due(start.at + timedelta(days=which.days), which)


def sweep(now: datetime | None = None, patience: timedelta = PATIENCE) -> int:
    """Erase what is due, for so long; returns how many erasures. The next one goes on from there.

    Where it was is remembered in the cache: if that is lost it begins anew, and finds less.
    """
    now, enough = now or timezone.now(), monotonic() + patience.total_seconds()
    at, last = shared.get(_MARK, (0, 0))
    erased = 0
    while at < len(_KINDS):
        batch = list(_at_rest(at).filter(pk__gt=last).order_by("pk").select_related("account")[:BATCH])
        erased += sum(_tried(paper, now) for paper in batch)
        at, last = (at, batch[-1].pk) if batch else (at + 1, 0)
        if monotonic() >= enough:
            break
    shared.set(_MARK, (at % len(_KINDS), last), timeout=None)
    return erased


_LIVE = Q(ended_at=None, bundle__deleted_at=None) & ~Q(bundle__state__in=EDITABLE)
_WITH_SOMEBODY = ItemAssignment.objects.filter(end_user__isnull=False, end_user__erased_at=None)
#: End users first: their papers and addresses go with them. Then what belongs to nobody, or was replaced.
_KINDS: tuple[tuple[type[Any], Any], ...] = (
    (EndUser, Exists(ItemAssignment.objects.filter(_LIVE, end_user=OuterRef("pk")))),
    (SupportingDocument, Exists(ItemAssignment.objects.filter(_LIVE, document=OuterRef("pk")))),
    (Address, Exists(SupportingDocument.objects.filter(addresses=OuterRef("pk"), erased_at=None))),
    (
        Bundle,
        Q(deleted_at=None) & ~Q(state__in=EDITABLE) | Exists(_WITH_SOMEBODY.filter(bundle=OuterRef("pk"))),
    ),
)


def _at_rest(kind: int) -> "QuerySet[Any]":
    """Rows of that kind that hold texts and are, as far as one query tells, needed by nothing."""
    model, needed = _KINDS[kind]
    return model._default_manager.filter(erased_at=None).exclude(needed)  # type: ignore[no-any-return]


def _tried(paper: Paper, now: datetime) -> bool:
    """One that fails does not hold up those behind it."""
    try:
        return _erased_if_due(paper, now)
    except Exception:
        log.exception("the sweep of retention failed on %s", paper.sid)
        return False


def _erased_if_due(paper: Paper, now: datetime) -> bool:
    found = due(paper, now)
    if found is None or found.at > now:
        return False
    try:
        erasure.erase(paper, actor="sweep:retention", reason=f"{found.term.days} days after {found.term.clock.label}")
    except (StillNeeded, UnderLegalHold, PartOfABundle) as refusal:
        log.info("kept beyond its term: %s", type(refusal).__name__)
        return False
    return True
