"""The restock night: at the end of a UTC day, what to order and what to hand back, for every SKU.

A country and type is closed in one transaction that locks its SKUs: their demand is carried forward, the engine asked,
state and proposals written. So a night may be killed anywhere and run again, by several at once, and each SKU has been
decided once; `SkuState.as_of` says which are.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from math import ceil
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.sweeping import LONG, take_each
from inventory.models import ProposalStatus, Provider, RestockProposal, Sku, SkuState
from inventory.models.restock_proposal import OPEN_PROPOSAL
from inventory.restock import propose
from inventory.restock.proposals import Proposal
from inventory.shelves import firm_orders, stock, targets
from inventory.shelves.history import carried_forward
from inventory.shelves.kinds import Shelves
from inventory.shelves.stock import Market
from inventory.shelves.supply import supply

ACTOR = "sweep:restock"
SETTLED_AFTER = timedelta(minutes=30)  # past midnight UTC the last purchases of the day have committed
REVIEW = 1.0  # days between two nights
Sums = tuple[float, float, float, float]  # N, Q, Q2, e
_DECIDED = ("n", "q", "q2", "e", "s", "up_to", "level", "floor", "as_of", "terms", "sentence")


def closed_day(now: datetime) -> date:
    """The last UTC day that is over and settled."""
    return (now - SETTLED_AFTER).date() - timedelta(days=1)


def run(day: date, longest: timedelta = LONG) -> int:
    """Decide for `day` what is not decided yet, for so long; returns how many markets were closed.

    Decided SKUs are left alone, so it is cheap when there is nothing to do. A market that fails is logged and does not
    hold up the others.
    """
    take_each("firm_orders", firm_orders.awaiting(), firm_orders.deliver)
    one_of_each = _behind(day).order_by("country", "number_type", "pk").distinct("country", "number_type")
    return take_each("restock_night", list(one_of_each.values_list("pk", flat=True)), partial(_close, day), longest)


def _behind(day: date) -> QuerySet[Sku]:
    return Sku.objects.filter(Q(state__isnull=True) | Q(state__as_of__lt=day), is_active=True)


def _close(day: date, sku_id: int) -> None:
    sku = Sku.objects.get(pk=sku_id)
    close(Market(sku.country, sku.number_type), day)


@transaction.atomic
def close(market: Market, day: date) -> int:
    """Decide for `day` about the SKUs of one country and type; returns how many were behind.

    Their states are read after the lock, so of two nights at once the second finds nothing to do.
    """
    active = Sku.objects.filter(**market.columns, is_active=True)
    skus = list(active.order_by("pk").select_for_update(no_key=True))
    known = {state.sku_id: state for state in SkuState.objects.filter(sku__in=skus)}
    behind = [sku for sku in skus if sku.pk not in known or known[sku.pk].as_of < day]
    if behind:
        for order in firm_orders.awaiting(market):
            firm_orders.deliver(order)  # likewise before the demand is read: what was delivered is none
        # Before the position is read: what was carried out is on order by then, the rest is not.
        _supersede(behind, day)
        _decide(market, day, skus, behind, known)
    return len(behind)


def _supersede(skus: Sequence[Sku], day: date) -> None:
    """What no night before has seen carried out is decided anew."""
    waiting = RestockProposal.objects.filter(sku__in=skus, status__in=OPEN_PROPOSAL)
    waiting.update(
        status=ProposalStatus.SUPERSEDED,
        next_attempt_at=None,
        outcome=f"the night of {day} decided anew",
        updated_at=timezone.now(),
    )


def _decide(market: Market, day: date, skus: Sequence[Sku], behind: Sequence[Sku], known: dict[int, SkuState]) -> None:
    """The engine sees all SKUs, since they share their pool; what it says of those behind is kept."""
    shelves = Shelves(skus)
    sums = {pk: (state.n, state.q, state.q2, state.e) for pk, state in known.items()}
    sums |= carried_forward(market, behind, known, shelves, day)
    records = _records(market, day, skus, shelves)
    for sku in skus:
        records[sku.code] |= _sums_of(sums[sku.pk])
    decided = {each.sku: each for each in propose(day, records)}
    _keep([(sku, decided[sku.code]) for sku in behind], sums, day)


def _sums_of(sums: Sums) -> dict[str, float]:
    return dict(zip(("N", "Q", "Q2", "e"), sums, strict=True))


def foreseen(sku: Sku, *, firm: int) -> Proposal:
    """What a night would say of an active SKU now if so many more were sold ahead: by its last sums of demand. Writes
    nothing."""
    market, day = Market(sku.country, sku.number_type), closed_day(timezone.now())
    skus = list(Sku.objects.filter(**market.columns, is_active=True).order_by("pk"))
    records = _records(market, day, skus, Shelves(skus))
    known = {state.sku_id: (state.n, state.q, state.q2, state.e) for state in SkuState.objects.filter(sku__in=skus)}
    for each in skus:
        records[each.code] |= _sums_of(known.get(each.pk, (0.0, 0.0, 0.0, 0.0)))
    records[sku.code]["firm"] += firm
    return next(each for each in propose(day, records) if each.sku == sku.code)


def _records(market: Market, day: date, skus: Sequence[Sku], shelves: Shelves) -> dict[str, dict[str, Any]]:
    """The SKUs as the engine reads them, but for their sums of demand; by code."""
    available, coming = stock.on_sale(market, shelves), stock.on_order(market, shelves)
    firm = firm_orders.due(market)
    sellers, fixed = supply(market, skus), targets.kept(market, shelves)
    offers = {sku.pk: sellers.offers(sku) for sku in skus}
    slowest = max(offer["L"] for each in offers.values() for offer in each)
    returns = stock.expected_returns(market, shelves, day + timedelta(days=ceil(slowest + REVIEW)))
    return {
        sku.code: {
            **market.columns,
            "class": sku.service_class,
            "level": sku.level,
            "floor": sku.floor,
            "listed": sku.is_listed,
            "cost_limit": sku.cost_limit,
            "R": REVIEW,
            "available": available[sku.pk],
            "on_order": coming[sku.pk],
            "firm": firm[sku.pk],
            "kept": fixed.get(sku.pk),
            "returns": returns.get(sku.pk),
            "providers": offers[sku.pk],
        }
        for sku in skus
    }


def _keep(decided: Sequence[tuple[Sku, Proposal]], sums: dict[int, Sums], day: date) -> None:
    states = [_state(sku, each, sums[sku.pk], day) for sku, each in decided]
    SkuState.objects.bulk_create(
        states, update_conflicts=True, unique_fields=["sku"], update_fields=_DECIDED, batch_size=1000
    )
    slugs = {each.provider for _, each in decided}
    providers = {provider.slug: provider for provider in Provider.objects.filter(slug__in=slugs)}
    rows = [_row(sku, each, providers, day) for sku, each in decided if each.quantity]
    RestockProposal.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)


def _state(sku: Sku, decided: Proposal, sums: Sums, day: date) -> SkuState:
    terms = decided.terms
    known = {name: terms[name] or 0.0 for name in ("s", "up_to", "level", "floor")}
    n, q, q2, e = sums
    return SkuState(
        sku=sku,
        n=n,
        q=q,
        q2=q2,
        e=e,
        s=int(known["s"]),
        up_to=known["up_to"],
        level=known["level"],
        floor=known["floor"],
        as_of=day,
        terms=terms,
        sentence=decided.sentence,
    )


def _row(sku: Sku, decided: Proposal, providers: dict[str, Provider], day: date) -> RestockProposal:
    row = RestockProposal(
        key=decided.key,
        sku=sku,
        day=day,
        provider=providers[decided.provider] if decided.quantity > 0 else None,
        chosen=decided.chosen if decided.quantity > 0 else "",
        quantity=decided.quantity,
        cost=decided.cost,
        currency=sku.currency,
        terms=decided.terms,
        sentence=decided.sentence,
        approval=decided.approval,
    )
    return row if decided.approval else _approved(row, decided.cost or Decimal(0))


def _approved(row: RestockProposal, cost: Decimal) -> RestockProposal:
    now = timezone.now()
    row.status, row.allowed, row.budget = ProposalStatus.APPROVED, row.quantity, row.sku.cost_limit
    row.decided_by, row.decided_at, row.next_attempt_at = ACTOR, now, now
    row.reason = f"it costs {cost:f} {row.currency}, within the limit of {row.sku.cost_limit:f}"
    return row
