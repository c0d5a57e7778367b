"""What an approved order takes of a provider's offers: numbers for its shelf, in its currency, within its budget.

The night knows what was agreed, or paid last; only the offers say what numbers cost now. Call it outside any
transaction: it waits for the network.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from itertools import accumulate, islice
from time import monotonic
from typing import NamedTuple

from inventory.models import Provider, RestockProposal, Sku
from inventory.providers.base import Offer, ProviderUnavailable, Wanted
from inventory.services import sourcing
from inventory.services.receiving import place_named
from inventory.shelves.deciding import lot_of
from inventory.shelves.stock import Market
from inventory.shelves.supply import Charges, charges
from numbering.types import NumberType

MOST_PAGES = 50  # of offers looked through for a shelf that few of them fit
LONGEST = timedelta(seconds=60)  # of reading them: less than the lease of who carries out, and than a task's limit


class Basket(NamedTuple):
    """The offers to order, and why they are fewer than were approved; blank: they are all."""

    offers: Sequence[Offer]
    fewer_because: str


class _Found(NamedTuple):
    """Offers for the shelf, those in other currencies by how many they are, and why no more of the list was read."""

    offers: list[Offer]
    elsewhere: Counter[str]
    ended: str


def wanted(sku: Sku) -> Wanted:
    """As providers are asked for it; of its place and capabilities each offer tells."""
    return Wanted(sku.country, NumberType(sku.number_type), sku.area_code)


def basket(proposal: RestockProposal, seller: Provider, clock: Callable[[], float] = monotonic) -> Basket:
    """Whole lots, the cheapest of what was read; no more than allowed, at no more than the budget.

    Reads on until enough cost no more than the night expected, or the list, the pages or the time are over; what was
    read by then counts. Raises ProviderUnavailable where it can't tell what a number costs, or not even begin to read.
    """
    paid_once = charges(seller, Market(proposal.sku.country, proposal.sku.number_type), proposal.currency)
    if paid_once is None:
        raise ProviderUnavailable(f"its supply terms are not in {proposal.currency}, in which the order was approved")
    allowed, lot, budget = proposal.allowed or 0, lot_of(proposal), proposal.budget or Decimal(0)
    found = _read(proposal, seller, _usual(proposal, paid_once), clock)
    cheapest = sorted(found.offers, key=lambda offer: offer.monthly_cost)[:allowed]
    costs = list(accumulate((paid_once.setup + offer.monthly_cost for offer in cheapest), initial=paid_once.order))[1:]
    affordable = sum(cost <= budget for cost in costs)
    taken = cheapest[: affordable // lot * lot]
    if len(taken) == allowed:
        return Basket(taken, "")
    dearer = f"{affordable + 1} would cost {_plain(costs[affordable])}" if affordable < len(costs) else ""
    return Basket(taken, _why(proposal, found, dearer))


def _read(proposal: RestockProposal, seller: Provider, usual: Decimal | None, clock: Callable[[], float]) -> _Found:
    """Offers for its shelf, until as many as are allowed cost `usual` a month or less."""
    end, missing = clock() + LONGEST.total_seconds(), proposal.allowed or 0
    found = _Found([], Counter(), "")
    offers = _offers(proposal.sku, seller)
    while missing > 0:
        try:
            offer = next(offers, None)
        except ProviderUnavailable as error:
            if not found.offers:
                raise
            return found._replace(ended=f"its list broke off ({error})")
        if offer is None:
            return found
        if offer.currency != proposal.currency:
            found.elsewhere[offer.currency] += 1
        else:
            found.offers.append(offer)
            missing -= usual is None or offer.monthly_cost <= usual
        if clock() > end:
            return found._replace(ended=f"its list was read for {LONGEST.total_seconds():.0f} seconds")
    return found


def _offers(sku: Sku, seller: Provider) -> Iterator[Offer]:
    for page in islice(sourcing.fitting(seller, wanted(sku)), MOST_PAGES):
        yield from (offer for offer in page if _fits(offer, sku))


def _fits(offer: Offer, sku: Sku) -> bool:
    """Whether the number would come to lie on this shelf, by what the offer says; of its area code it is already."""
    if sku.capabilities & ~offer.capabilities:
        return False
    place = place_named(offer.number.digits, offer.country, offer.locality, offer.region) if sku.place_id else None
    return not sku.place_id or (place is not None and place.pk == sku.place_id)


def _usual(proposal: RestockProposal, paid_once: Charges) -> Decimal | None:
    """A month's price as the night expected it; None: it knew none, and any will do."""
    each = proposal.terms.get("unit_cost")
    return None if each is None else Decimal(str(each)) - paid_once.setup


def _why(proposal: RestockProposal, found: _Found, dearer: str) -> str:
    lot = lot_of(proposal)
    if dearer:
        reasons = [f"{dearer} {proposal.currency}, and {_plain(proposal.budget or Decimal(0))} were approved"]
    else:
        reasons = [f"{len(found.offers)} such numbers are on offer"]
    reasons += [f"{count} more are priced in {currency}" for currency, count in sorted(found.elsewhere.items())]
    reasons += [found.ended] if found.ended else []
    reasons += [f"they are ordered in lots of {lot}"] if lot > 1 else []
    return "; ".join(reasons)


def _plain(amount: Decimal) -> str:
    return f"{amount.normalize():f}"
