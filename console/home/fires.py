"""What is on fire, the gravest and longest first: how many, of what, since when, and the very list behind it.

Each kind is one narrow query, asked only for who may see what it leads to.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, time
from enum import IntEnum
from typing import Any, NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, F, Min, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from compliance.lifecycle import BundleState
from compliance.models import Bundle, SightRequest
from compliance.services import rollout, rulebooks
from console.lab.health import LabHealth
from inventory.invoices import report as invoices
from inventory.levels.bare import bare_skus, bare_targets
from inventory.levels.countries import countries_stock
from inventory.models import (
    AlphaRelief,
    BulkRun,
    BulkState,
    CatalogueRun,
    DriftCase,
    Provider,
    ProviderOrder,
    ProviderRelease,
    ReleaseState,
    RestockProposal,
    RunEnd,
    SaleStop,
    SourcingStop,
)
from inventory.models.restock_proposal import ProposalStatus
from inventory.services.late_orders import late, unanswered
from inventory.traffic.silence import silent_feeds
from inventory.yard.reading import yard
from testing_lab.models import Incident, RunState, SuiteRun
from testing_lab.models.incident import IncidentKind


class Gravity(IntEnum):
    """How soon somebody should look."""

    NOW = 0
    TODAY = 1
    SOON = 2

    @property
    def word(self) -> str:
        """On its badge."""
        return ("now", "today", "soon")[self]

    @property
    def kind(self) -> str:
        """Of its badge's colour."""
        return ("fail", "stuck", "soon")[self]


class Fire(NamedTuple):
    """Something that waits for a person; `since` None: nobody wrote down since when."""

    gravity: Gravity
    numbers: int
    what: str
    url: str
    since: datetime | None = None

    @property
    def said(self) -> str:
        """What it is, of one or of many."""
        return _OF_ONE.get(self.what, self.what) if self.numbers == 1 else self.what


#: What is said of a single one.
_OF_ONE = {
    "outages: numbers fail": "outage: numbers fail",
    "routes fail numbers": "route fails numbers",
    "stops of sale: what a provider brought is not sold": "stop of sale: what a provider brought is not sold",
    "stops of sourcing: nothing is ordered there": "stop of sourcing: nothing is ordered there",
    "reliefs: numbers go on sale less clean": "relief: numbers go on sale less clean",
    "SKUs are sold out": "SKU is sold out",
    "stock targets have nothing on sale": "stock target has nothing on sale",
    "countries are at their reorder point": "country is at its reorder point",
    "bundles are past their deadline": "bundle is past its deadline",
    "bundles wait for a reviewer": "bundle waits for a reviewer",
    "approvals have ended, but go on until staff decide": "approval has ended, but goes on until staff decide",
    "requests to open papers wait for a second person": "request to open a paper waits for a second person",
    "bulk runs wait for a second person": "bulk run waits for a second person",
    "open orders had an error, or no answer": "open order had an error, or no answer",
    "orders are later than was agreed": "order is later than was agreed",
    "returns were refused by the provider": "return was refused by the provider",
    "open returns had an error": "open return had an error",
    "providers bill other numbers than we hold": "provider bills other numbers than we hold",
    "suite runs are stuck": "suite run is stuck",
    "suite runs wait and no lab works": "suite run waits and no lab works",
    "numbers do not do what they are declared for": "number does not do what it is declared for",
    "traffic feeds told nothing of yesterday": "traffic feed told nothing of yesterday",
    "restock proposals wait for staff": "restock proposal waits for staff",
    "catalogue runs are held: too much was missing": "catalogue run is held: too much was missing",
    "newest invoices differ from our stock": "newest invoice differs from our stock",
    "rulebooks wait to be activated": "rulebook waits to be activated",
}
Found = Iterator[Fire]


def fires(user: User | AnonymousUser, lab: LabHealth | None = None) -> list[Fire]:
    """What this member of staff may see of it; nothing when all is well. `lab`: how it is doing, for who may know."""
    now = timezone.now()
    found = [fire for permission, look in _LOOKS if user.has_perm(permission) for fire in look(now)]
    found += _lab(lab) if lab else []
    never = datetime.max.replace(tzinfo=UTC)
    return sorted((fire for fire in found if fire.numbers), key=lambda fire: (fire.gravity, fire.since or never))


def _outages(now: datetime) -> Found:
    for kind, what in ((IncidentKind.OUTAGE, "outages: numbers fail"), (IncidentKind.ROUTE, "routes fail numbers")):
        gravity = Gravity.NOW if kind == IncidentKind.OUTAGE else Gravity.TODAY
        rows = Incident.objects.filter(closed_at=None, kind=kind)
        yield Fire(
            gravity, *_told(rows, what, "began_at", "testing_lab_incident", f"closed_at__isempty=1&kind__exact={kind}")
        )


def _sale_stops(now: datetime) -> Found:
    rows = SaleStop.objects.filter(lifted_at=None)
    where = "inventory_salestop", "lifted_at__isempty=1"
    yield Fire(Gravity.NOW, *_told(rows, "stops of sale: what a provider brought is not sold", "since", *where))


def _bare_skus(now: datetime) -> Found:
    yield Fire(Gravity.NOW, bare_skus().count(), "SKUs are sold out", _list("inventory_sku", "bare=yes"))


def _bare_targets(now: datetime) -> Found:
    where = _list("inventory_stocktarget", "bare=yes")
    yield Fire(Gravity.NOW, bare_targets().count(), "stock targets have nothing on sale", where)


def _low_countries(now: datetime) -> Found:
    low = sum(each.standing == "low" for each in countries_stock())
    yield Fire(Gravity.TODAY, low, "countries are at their reorder point", "#countries")


def _papers(now: datetime) -> Found:
    late_ones = Bundle.objects.filter(due_at__lte=now, deleted_at=None)
    ended = rollout.left_to_staff().order_by()
    said = "approvals have ended, but go on until staff decide"
    yield Fire(
        Gravity.NOW, *_told(late_ones, "bundles are past their deadline", "due_at", "compliance_bundle", "late=yes")
    )
    yield Fire(Gravity.TODAY, ended.count(), said, _list("compliance_bundle", "ended=yes"))


def _queue(now: datetime) -> Found:
    waiting = Bundle.objects.filter(due_at__gt=now, deleted_at=None)
    where = "compliance_bundle", f"state__exact={BundleState.PENDING_REVIEW}"
    told = _told(waiting.filter(state=BundleState.PENDING_REVIEW), "bundles wait for a reviewer", "due_at", *where)
    yield Fire(Gravity.SOON, *told[:-1])  # when they are due is in the list; nothing is late yet


def _sights(now: datetime) -> Found:
    rows, where = SightRequest.objects.filter(decided_at=None), ("compliance_sightrequest", "decided_at__isempty=1")
    yield Fire(Gravity.TODAY, *_told(rows, "requests to open papers wait for a second person", "asked_at", *where))


def _bulk_runs(now: datetime) -> Found:
    rows = BulkRun.objects.filter(state=BulkState.WAITING)
    where = "inventory_bulkrun", f"state__exact={BulkState.WAITING}"
    yield Fire(Gravity.TODAY, *_told(rows, "bulk runs wait for a second person", "created_at", *where))


def _orders(now: datetime) -> Found:
    where = "inventory_providerorder"
    rows = ProviderOrder.objects.filter(next_attempt_at__isnull=False)
    stuck, said = rows.filter(~Q(last_error="") | unanswered(now)), "open orders had an error, or no answer"
    yield Fire(Gravity.TODAY, *_told(stuck, said, "created_at", where, "trouble=yes"))
    overdue = rows.filter(late(now))
    yield Fire(Gravity.TODAY, *_told(overdue, "orders are later than was agreed", "created_at", where, "late=yes"))


def _returns(now: datetime) -> Found:
    rows, where = ProviderRelease.objects.all(), "inventory_providerrelease"
    failed = rows.filter(state=ReleaseState.FAILED)
    retried = rows.filter(next_attempt_at__isnull=False).exclude(last_error="")
    yield Fire(
        Gravity.TODAY, *_told(failed, "returns were refused by the provider", "updated_at", where, "trouble=yes")
    )
    yield Fire(Gravity.SOON, *_told(retried, "open returns had an error", "created_at", where, "retried=yes"))


def _bills(now: datetime) -> Found:
    rows = Provider.objects.exclude(orphans=0, ghosts=0, overdue=0)
    said = "providers bill other numbers than we hold"
    yield Fire(Gravity.TODAY, *_told(rows, said, "audited_at", "inventory_provider", "differs=yes"))


def _runs(now: datetime) -> Found:
    stuck = SuiteRun.objects.filter(state=RunState.STUCK)
    yield Fire(
        Gravity.TODAY, *_told(stuck, "suite runs are stuck", "created_at", "testing_lab_suiterun", "state__exact=STUCK")
    )


def _lab(health: LabHealth) -> Found:
    where = _list("testing_lab_suiterun", "state__exact=DUE")
    yield Fire(Gravity.NOW, health.due if health.is_silent else 0, "suite runs wait and no lab works", where)


def _late_numbers(now: datetime) -> Found:
    for state, stuck in yard().late.items():
        where = _list("inventory_phonenumber", f"late=yes&state__exact={state}")
        said = "number is late" if stuck.numbers == 1 else "numbers are late"
        yield Fire(Gravity.TODAY, stuck.numbers, f"{said}: {state.label}", where, stuck.since)


def _drift(now: datetime) -> Found:
    rows = DriftCase.objects.filter(resolution="")
    said = "numbers do not do what they are declared for"
    yield Fire(Gravity.TODAY, *_told(rows, said, "opened_at", "inventory_driftcase", "open=yes"))


def _feeds(now: datetime) -> Found:
    silent = silent_feeds(now)
    since = datetime.combine(silent[0].last, time.max, UTC) if silent else None
    said = "traffic feeds told nothing of yesterday"
    yield Fire(Gravity.TODAY, len(silent), said, reverse("admin:inventory_feedday_changelist"), since)


def _proposals(now: datetime) -> Found:
    rows = RestockProposal.objects.filter(status=ProposalStatus.PROPOSED)
    where = "inventory_restockproposal", f"status__exact={ProposalStatus.PROPOSED}"
    yield Fire(Gravity.TODAY, *_told(rows, "restock proposals wait for staff", "created_at", *where))


def _held_runs(now: datetime) -> Found:
    rows = CatalogueRun.objects.filter(state=RunEnd.HELD)  # by the index catalogue_run_one_held
    where = "inventory_cataloguerun", f"state__exact={RunEnd.HELD}"
    yield Fire(Gravity.SOON, *_told(rows, "catalogue runs are held: too much was missing", "began_at", *where))


def _sourcing_stops(now: datetime) -> Found:
    rows = SourcingStop.objects.filter(lifted_at=None)
    where = "inventory_sourcingstop", "lifted_at__isempty=1"
    yield Fire(Gravity.SOON, *_told(rows, "stops of sourcing: nothing is ordered there", "since", *where))


def _invoices(now: datetime) -> Found:
    rows = invoices.newest().filter(misbilled__gt=0).order_by()  # one for each provider
    where = "inventory_invoice", "current=yes&differs=yes"
    yield Fire(Gravity.SOON, *_told(rows, "newest invoices differ from our stock", "imported_at", *where))


def _reliefs(now: datetime) -> Found:
    rows = AlphaRelief.objects.filter(ended_at=None, expires_at__gt=now)
    where = "inventory_alpharelief", "in_force=yes"
    yield Fire(Gravity.SOON, *_told(rows, "reliefs: numbers go on sale less clean", "created_at", *where))


def _rulebooks(now: datetime) -> Found:
    where = _list("compliance_rulebook", "state=waiting")
    yield Fire(Gravity.SOON, rulebooks.waiting().count(), "rulebooks wait to be activated", where)


#: Who may see it, and what to look for.
_LOOKS: Iterable[tuple[str, Callable[[datetime], Found]]] = (
    ("testing_lab.view_incident", _outages),
    ("inventory.view_salestop", _sale_stops),
    ("inventory.view_sku", _bare_skus),
    ("inventory.view_sku", _low_countries),
    ("inventory.view_stocktarget", _bare_targets),
    ("compliance.review_bundle", _papers),
    ("compliance.review_bundle", _queue),
    ("compliance.grant_sight", _sights),
    ("inventory.approve_bulkrun", _bulk_runs),
    ("inventory.view_providerorder", _orders),
    ("inventory.view_providerrelease", _returns),
    ("inventory.view_provider", _bills),
    ("testing_lab.view_suiterun", _runs),
    ("inventory.view_phonenumber", _late_numbers),
    ("inventory.view_driftcase", _drift),
    ("inventory.view_feedday", _feeds),
    ("inventory.change_restockproposal", _proposals),
    ("inventory.change_cataloguerun", _held_runs),
    ("inventory.view_sourcingstop", _sourcing_stops),
    ("inventory.view_invoice", _invoices),
    ("inventory.view_alpharelief", _reliefs),
    ("compliance.change_rulebook", _rulebooks),
)


def _told(rows: QuerySet[Any], what: str, clock: str, model: str, query: str) -> tuple[int, str, str, datetime | None]:
    """Of a fire all but its gravity: how many rows, and since when the first."""
    counted = rows.order_by().aggregate(numbers=Count("pk"), since=Min(F(clock)))
    return counted["numbers"], what, _list(model, query), counted["since"]


def _list(model: str, query: str) -> str:
    return f"{reverse(f'admin:{model}_changelist')}?{query}"
