"""Carrying out what was approved, exactly once, whoever is killed when.

The proposal is the intent. What it brings about and its own row change in one transaction, under its lock: orders are
written (and placed later, each an intent of its own), or numbers leave the stock. Before that commits nothing was done,
afterwards nothing is left to do.
"""

from collections.abc import Iterator
from itertools import chain, islice

from django.db import transaction

from inventory import intents
from inventory.models import PhoneNumber, ProposalStatus, RestockProposal, Sku
from inventory.providers.base import Offer, ProviderError, ProviderUnavailable, Wanted
from inventory.services import provider_releases, sourcing
from inventory.services.receiving import place_named
from inventory.shelves import stock
from inventory.shelves.deciding import lot_of
from inventory.shelves.kinds import Kind, Shelves
from inventory.shelves.stock import Market
from numbering.types import NumberType, supersets

MOST_PAGES = 50  # of offers looked through for a shelf that few of them fit
BATCH = 50  # numbers handed back in one transaction
ACTOR = "sweep:restock"


def carry_out_due(limit: int) -> int:
    """Go on with up to `limit` approved proposals whose time has come; returns how many."""
    return intents.take_due(RestockProposal, "carry_out_proposals", carry_out, limit)


def carry_out(proposal_id: int) -> None:
    """One attempt at one proposal. Harmless at any time, from any process, as often as one likes."""
    if not intents.claim(RestockProposal, proposal_id):
        return
    proposal = RestockProposal.objects.select_related("sku", "provider").get(pk=proposal_id)
    try:
        if proposal.quantity > 0:
            _order(proposal)
        else:
            _hand_back(proposal)
    except ProviderError as error:
        intents.postpone(proposal, error)


def _order(proposal: RestockProposal) -> None:
    """Whole lots of what the provider offers now, up to what was allowed. Raises ProviderUnavailable."""
    seller, sku = proposal.provider, proposal.sku
    if seller is None or not seller.is_active:
        raise ProviderUnavailable("nothing is ordered from this provider now")
    wanted = Wanted(sku.country, NumberType(sku.number_type), sku.area_code)
    pages = islice(sourcing.fitting(seller, wanted), MOST_PAGES)
    offers = list(islice((each for each in chain.from_iterable(pages) if _fits(each, sku)), proposal.allowed))
    lot = lot_of(proposal)
    _write(proposal, wanted, offers[: len(offers) // lot * lot])


@transaction.atomic
def _write(proposal: RestockProposal, wanted: Wanted, offers: list[Offer]) -> None:
    locked = _still_approved(proposal)
    if locked is None or locked.provider is None:
        return  # a night has overtaken it, staff have rejected it, or another attempt was quicker
    ordered = sourcing.write_orders(locked.provider, wanted, offers, proposal=locked)
    if not ordered:
        raise ProviderUnavailable(f"it offers no lot of {lot_of(locked)} such numbers now")
    _end(locked, ProposalStatus.ORDERED, ordered)


def _fits(offer: Offer, sku: Sku) -> bool:
    """Whether the number would come to lie on this shelf, by what the offer says; of its area code it is already."""
    if sku.capabilities & ~offer.capabilities:
        return False
    place = place_named(offer.number.digits, offer.country, offer.locality, offer.region) if sku.place_id else None
    return not sku.place_id or (place is not None and place.pk == sku.place_id)


def _hand_back(proposal: RestockProposal) -> None:
    """Batch by batch, so that a crash leaves some done and the rest to do."""
    while _hand_back_some(proposal):
        pass


@transaction.atomic
def _hand_back_some(proposal: RestockProposal) -> bool:
    """Retire up to a batch of numbers; whether there is more to do. Ends the proposal when there is not."""
    locked = _still_approved(proposal)
    if locked is None:
        return False
    left = -(locked.allowed or 0) - locked.carried_out
    numbers = _cheapest_to_lose(locked, min(left, BATCH))
    for number in numbers:
        provider_releases.retire(number, actor=ACTOR, reason=f"surplus: {locked.key}, approved by {locked.decided_by}")
    done = locked.carried_out + len(numbers)
    if len(numbers) < min(left, BATCH) or len(numbers) == left:
        _end(locked, ProposalStatus.HANDED_BACK, done)
        return False
    RestockProposal.objects.filter(pk=locked.pk).update(carried_out=done)
    return True


def _cheapest_to_lose(proposal: RestockProposal, most: int) -> list[int]:
    """Ids of numbers on sale on this shelf, locked: those that cost us most a month, then those that must be tested
    soonest. Never so many that the shelf holds less than the night meant to keep: it may have sold well since."""
    sku = proposal.sku
    market = Market(sku.country, sku.number_type)
    shelves = Shelves(Sku.objects.filter(**market.columns, is_active=True))
    kept = proposal.terms["available"] + proposal.quantity
    spare = stock.on_sale(market, shelves)[sku.pk] - int(kept)
    return list(islice(_lockable(market, shelves, sku), max(0, min(most, spare))))


def _lockable(market: Market, shelves: Shelves, sku: Sku) -> Iterator[int]:
    """Numbers of this shelf that came from a provider, dearest first, each locked as it is taken; those that a buyer
    has locked are passed over."""
    numbers = PhoneNumber.objects.on_sale().filter(**market.columns, capabilities__in=supersets(sku.capabilities))
    theirs = numbers.filter(provider__isnull=False).exclude(provider__adapter="")
    if sku.area_code:
        theirs = theirs.filter(area_code=sku.area_code)
    if sku.place_id:
        theirs = theirs.filter(place=sku.place_id)
    for number in theirs.order_by("-monthly_cost", "due_at", "pk").iterator(chunk_size=500):
        if shelves.of_number(Kind.of(number)) == sku.pk and _locked(number.pk):
            yield number.pk


def _locked(number_id: int) -> bool:
    free = PhoneNumber.objects.on_sale().select_for_update(skip_locked=True, no_key=True, of=("self",))
    return free.filter(pk=number_id).first() is not None


def _still_approved(proposal: RestockProposal) -> RestockProposal | None:
    locked = RestockProposal.objects.select_for_update(of=("self",)).select_related("sku", "provider")
    return locked.filter(pk=proposal.pk, status=ProposalStatus.APPROVED).first()


def _end(locked: RestockProposal, status: ProposalStatus, carried_out: int) -> None:
    locked.status, locked.carried_out = status, carried_out
    locked.next_attempt_at, locked.last_error = None, ""
    locked.save()
