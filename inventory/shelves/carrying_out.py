"""Carrying out what was approved, exactly once, whoever is killed when.

The proposal is the intent. What it brings about and its own row change in one transaction, under its lock: orders are
written (and placed later, each an intent of its own), or numbers leave the stock. Before that commits nothing was done,
afterwards nothing is left to do.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import islice
from math import ceil
from time import monotonic
from typing import NamedTuple

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from inventory import intents
from inventory.models import PhoneNumber, ProposalStatus, Provider, RestockProposal, Sku
from inventory.models.restock_proposal import OPEN_PROPOSAL
from inventory.providers.base import ProviderError, ProviderUnavailable
from inventory.services import provider_releases, sourcing
from inventory.shelves import buying, stock, targets
from inventory.shelves.deciding import lot_of
from inventory.shelves.kinds import Kind, Shelves
from inventory.shelves.stock import Market
from numbering.types import supersets

LEASE = timedelta(seconds=90)  # longer than offers are read for, and numbers handed back, by one attempt
LONGEST = timedelta(seconds=60)  # of handing back by one attempt: then the shelf is counted anew
BATCH = 50  # numbers handed back in one transaction
ACTOR = "sweep:restock"


class _Shelf(NamedTuple):
    """What may be handed back of a shelf: it keeps so many, so many may go, in the order of these ids on sale there."""

    keeps: int
    spare: int
    numbers: Iterator[int]


def carry_out_due(limit: int) -> int:
    """Go on with up to `limit` approved proposals whose time has come; returns how many."""
    withdraw_idle()
    return intents.take_due(RestockProposal, "carry_out_proposals", carry_out, limit)


def carry_out(proposal_id: int) -> None:
    """One attempt at one proposal. Harmless at any time, from any process, as often as one likes."""
    withdraw_idle()
    if not intents.claim(RestockProposal, proposal_id, LEASE):
        return
    proposal = RestockProposal.objects.select_related("sku", "provider").get(pk=proposal_id)
    try:
        if proposal.quantity > 0:
            _order(proposal)
        else:
            _hand_back(proposal)
    except ProviderError as error:
        intents.postpone(proposal, error)


def withdraw_idle() -> int:
    """End the open proposals of SKUs that staff have switched off: no night would overtake them. Returns how many."""
    off = Sku.objects.filter(is_active=False)
    # Its own columns only, beside the SKU's: so a row that another one has just carried out is looked at anew.
    idle = RestockProposal.objects.filter(status__in=OPEN_PROPOSAL, sku__in=off)
    return idle.update(
        status=ProposalStatus.WITHDRAWN,
        next_attempt_at=None,
        outcome="its SKU was switched off before it was carried out",
        updated_at=timezone.now(),
    )


def _order(proposal: RestockProposal) -> None:
    """Whole lots of what the provider offers now, up to what was allowed. Raises ProviderUnavailable."""
    found = buying.basket(proposal, _seller(proposal))
    if not found.offers:
        raise ProviderUnavailable(f"it offers no lot of {lot_of(proposal)} such numbers now: {found.fewer_because}")
    _write(proposal, found)


def _seller(proposal: RestockProposal) -> Provider:
    """Whom it orders from. Raises ProviderUnavailable where staff, or its dishonesty, have stopped that."""
    may_sell = sourcing.sellers(proposal.provider, proposal.sku.country) if proposal.provider else None
    if may_sell is None or (seller := may_sell.first()) is None:
        raise ProviderUnavailable("nothing is ordered from this provider now")
    return seller


@transaction.atomic
def _write(proposal: RestockProposal, found: buying.Basket) -> None:
    locked = _still_approved(proposal)
    if locked is None:
        return  # a night has overtaken it, staff have rejected it, or another attempt was quicker
    ordered = sourcing.write_orders(_seller(locked), buying.wanted(locked.sku), found.offers, proposal=locked)
    if not ordered:
        raise ProviderUnavailable("others have ordered all that it offers")
    lost = len(found.offers) - ordered
    why = [found.fewer_because] if found.fewer_because else []
    why += [f"others have ordered {lost} meanwhile"] if lost else []
    _end(locked, ProposalStatus.ORDERED, ordered, "; ".join(why))


def _hand_back(proposal: RestockProposal, clock: Callable[[], float] = monotonic) -> None:
    """Batch by batch, so that a crash leaves some done and the rest to do; for so long, and then again."""
    end, shelf = clock() + LONGEST.total_seconds(), _cheapest_to_lose(proposal)
    while done := _hand_back_some(proposal, shelf):
        shelf = shelf._replace(spare=shelf.spare - done)
        if clock() > end:
            approved = RestockProposal.objects.filter(pk=proposal.pk, status=ProposalStatus.APPROVED)
            approved.update(next_attempt_at=timezone.now(), updated_at=timezone.now())
            return


@transaction.atomic
def _hand_back_some(proposal: RestockProposal, shelf: _Shelf) -> int:
    """Retire up to a batch of numbers; how many, 0 where there is no more to do. Then it ends the proposal."""
    locked = _still_approved(proposal)
    if locked is None:
        return 0
    left = -(locked.allowed or 0) - locked.carried_out
    batch = list(islice(filter(_locked, shelf.numbers), max(0, min(left, shelf.spare, BATCH))))
    for number in batch:
        provider_releases.retire(number, actor=ACTOR, reason=f"surplus: {locked.key}, approved by {locked.decided_by}")
    done = locked.carried_out + len(batch)
    if len(batch) == left:
        _end(locked, ProposalStatus.HANDED_BACK, done, "")
        return 0
    if len(batch) < min(left, BATCH):
        _end(locked, ProposalStatus.HANDED_BACK, done, f"no more may go: the shelf keeps {shelf.keeps}")
        return 0
    RestockProposal.objects.filter(pk=locked.pk).update(carried_out=done)
    return len(batch)


def _cheapest_to_lose(proposal: RestockProposal) -> _Shelf:
    """The numbers that came from a provider: first those that cost us most a month, then those that must be tested
    soonest.

    Never so many go that the shelf holds less than the night meant to keep, for it may have sold well since; nor less
    than what stock targets want by now, who would buy them again.
    """
    sku = proposal.sku
    market = Market(sku.country, sku.number_type)
    shelves = Shelves(Sku.objects.filter(**market.columns, is_active=True))
    meant = int(proposal.terms["available"] + proposal.quantity)
    keeps = max(meant, ceil(targets.kept(market, shelves).get(sku.pk, 0)))
    return _Shelf(keeps, stock.on_sale(market, shelves)[sku.pk] - keeps, _dearest_first(market, shelves, sku))


def _dearest_first(market: Market, shelves: Shelves, sku: Sku) -> Iterator[int]:
    """One query, by a cursor of the server. What nobody knows the cost of goes last."""
    numbers = PhoneNumber.objects.on_sale().filter(**market.columns, capabilities__in=supersets(sku.capabilities))
    theirs = numbers.filter(provider__isnull=False).exclude(provider__adapter="")
    if sku.area_code:
        theirs = theirs.filter(area_code=sku.area_code)
    if sku.place_id:
        theirs = theirs.filter(place=sku.place_id)
    dearest = theirs.order_by(F("monthly_cost").desc(nulls_last=True), "due_at", "pk")
    rows = dearest.values_list("pk", "area_code", "place_id", "capabilities").iterator(chunk_size=500)
    return (pk for pk, area, place, mask in rows if shelves.of_number(Kind(area, place, mask)) == sku.pk)


def _locked(number_id: int) -> bool:
    """Whether it is still on sale, and ours now; one that a buyer has locked is passed over."""
    free = PhoneNumber.objects.on_sale().select_for_update(skip_locked=True, no_key=True, of=("self",))
    return free.filter(pk=number_id).first() is not None


def _still_approved(proposal: RestockProposal) -> RestockProposal | None:
    locked = RestockProposal.objects.select_for_update(of=("self",)).select_related("sku", "provider")
    return locked.filter(pk=proposal.pk, status=ProposalStatus.APPROVED, sku__is_active=True).first()


def _end(locked: RestockProposal, status: ProposalStatus, carried_out: int, outcome: str) -> None:
    locked.status, locked.carried_out, locked.outcome = status, carried_out, outcome[:400]
    locked.next_attempt_at, locked.last_error = None, ""
    locked.save()
