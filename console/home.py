"""The console's home: the yard, what needs somebody, and what happened last."""

from typing import Any, NamedTuple

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from compliance.models import Bundle
from compliance.services import rollout, rulebooks
from console.lab.health import lab_health
from inventory.invoices import report as invoices
from inventory.models import (
    CatalogueRun,
    LifecycleEntry,
    Provider,
    ProviderOrder,
    ProviderRelease,
    ReleaseState,
    RestockProposal,
    RunEnd,
)
from inventory.models.restock_proposal import ProposalStatus
from inventory.yard.drawing import draw
from inventory.yard.reading import Yard, yard
from testing_lab.models import Incident, RunState, SuiteRun

RECENT = 8


class Matter(NamedTuple):
    """Something that waits for a person: how many, of what, and the list behind it."""

    numbers: int
    what: str
    url: str


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Complete the context of `admin/index.html`; the theme calls it."""
    now_in_yard = yard()
    entries = LifecycleEntry.objects.select_related("number").order_by("-pk")[:RECENT]
    context |= {
        "title": "The yard",
        "picture": draw(now_in_yard),
        "matters": [*matters(now_in_yard), *sourcing_waiting(request), *papers_waiting(request)],
        "lab": lab_health() if request.user.has_perm("testing_lab.view_suiterun") else None,
        "entries": entries if request.user.has_perm("inventory.view_lifecycleentry") else [],
        "list_url": reverse("admin:inventory_phonenumber_changelist"),
    }
    return context


def matters(now_in_yard: Yard) -> list[Matter]:
    """What is stuck, most urgent first; nothing when all is well."""
    outages = Incident.objects.filter(closed_at=None).count()
    runs = SuiteRun.objects.filter(state=RunState.STUCK).count()
    orders = ProviderOrder.objects.filter(next_attempt_at__isnull=False).exclude(last_error="").count()
    differing = Provider.objects.exclude(orphans=0, ghosts=0, overdue=0).count()
    returns = ProviderRelease.objects.filter(state=ReleaseState.FAILED).count()
    found = [
        Matter(outages, "incidents are open", _list("testing_lab_incident", "closed_at__isempty=1")),
        Matter(runs, "suite runs are stuck", _list("testing_lab_suiterun", "state__exact=STUCK")),
        Matter(orders, "open orders had an error", _list("inventory_providerorder", "trouble=yes")),
        Matter(returns, "returns were refused by the provider", _list("inventory_providerrelease", "trouble=yes")),
        Matter(differing, "providers bill other numbers than we hold", _list("inventory_provider", "differs=yes")),
        *(
            Matter(late.numbers, f"numbers are late: {state.label}", _numbers(state))
            for state, late in now_in_yard.late.items()
        ),
    ]
    return [matter for matter in found if matter.numbers]


def sourcing_waiting(request: HttpRequest) -> list[Matter]:
    """What the restock nights, the catalogues and the invoices leave to staff, for whom it is theirs to decide."""
    found = []
    if request.user.has_perm("inventory.change_restockproposal"):
        waiting = RestockProposal.objects.filter(status=ProposalStatus.PROPOSED).count()
        where = _list("inventory_restockproposal", f"status__exact={ProposalStatus.PROPOSED}")
        found.append(Matter(waiting, "restock proposals wait for staff", where))
    if request.user.has_perm("inventory.change_cataloguerun"):
        held = CatalogueRun.objects.filter(state=RunEnd.HELD).count()  # by the index catalogue_run_one_held
        where = _list("inventory_cataloguerun", f"state__exact={RunEnd.HELD}")
        found.append(Matter(held, "catalogue runs are held: too much was missing", where))
    if request.user.has_perm("inventory.view_invoice"):
        wrong = invoices.newest().filter(misbilled__gt=0).count()  # one for each provider
        where = _list("inventory_invoice", "current=yes&differs=yes")
        found.append(Matter(wrong, "newest invoices differ from our stock", where))
    return [matter for matter in found if matter.numbers]


def papers_waiting(request: HttpRequest) -> list[Matter]:
    """What reviewers and who activates rules are waited for, as far as it is theirs to do."""
    found = []
    if request.user.has_perm("compliance.review_bundle"):
        late = Bundle.objects.filter(due_at__lte=timezone.now(), deleted_at=None).count()
        left = rollout.left_to_staff().count()
        found += [
            Matter(late, "bundles are past their deadline", _list("compliance_bundle", "late=yes")),
            Matter(left, "approvals have ended, but go on until staff decide", _list("compliance_bundle", "ended=yes")),
        ]
    if request.user.has_perm("compliance.change_rulebook"):
        waiting = rulebooks.waiting().count()
        found.append(Matter(waiting, "rulebooks wait to be activated", _list("compliance_rulebook", "state=waiting")))
    return [matter for matter in found if matter.numbers]


def _numbers(state: str) -> str:
    return _list("inventory_phonenumber", f"late=yes&state__exact={state}")


def _list(name: str, query: str) -> str:
    return f"{reverse(f'admin:{name}_changelist')}?{query}"
