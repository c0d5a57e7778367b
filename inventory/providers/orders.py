"""Ordering once from vendors that know no idempotency key, but let us find an order by a reference of ours."""

from collections.abc import Callable, Sequence

from inventory.providers.base import (
    LineStatus,
    OrderLine,
    OrderStatus,
    ProviderRefused,
    ProviderUnavailable,
    ProviderUncertain,
)
from numbering.e164 import E164

_BEST_FIRST = (LineStatus.FILLED, LineStatus.PENDING, LineStatus.REFUSED)


def place_once(place: Callable[[], OrderStatus], known: Callable[[], OrderStatus | None]) -> OrderStatus:
    """Place an order unless there is one under our key already. Raises all three kinds of ProviderError.

    `known` asks for it. It asks again after a refusal: another attempt may have ordered the very numbers meanwhile,
    and then they are refused to us because they are ours. No number is sold twice, so the worst of a race is that.
    """
    if found := known():
        return found
    try:
        return place()
    except ProviderRefused as refusal:
        if found := _known_after(refusal, known):
            return found
        raise


def _known_after(refusal: ProviderRefused, known: Callable[[], OrderStatus | None]) -> OrderStatus | None:
    try:
        return known()
    except ProviderUnavailable as error:
        raise ProviderUncertain(f"refused ({refusal}), and then silent ({error})"[:300]) from error


def merged(found: Sequence[OrderStatus]) -> OrderStatus | None:
    """All that stands under one key, as one order: two attempts at once may have left two. None of none.

    A number that was refused in one and filled in the other is ours.
    """
    if not found:
        return None
    best: dict[E164, OrderLine] = {}
    for line in (line for status in found for line in status.lines):
        other = best.get(line.number)
        if other is None or _BEST_FIRST.index(line.status) < _BEST_FIRST.index(other.status):
            best[line.number] = line
    return OrderStatus(found[0].reference, found[0].key, all(one.settled for one in found), tuple(best.values()))
