"""Orders in doubt: a request was sent, and what came of it is not known.

A vendor that does not heed our key may list such an order late, and refuses its numbers to the next attempt, since it
has sold them: to us. So while the doubt is young a refusal is not believed, and the order is looked for again; later
the vendor's own list of what it bills us for decides, number by number.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

from django.utils import timezone

from inventory.models import LineState, ProviderOrder
from inventory.models.provider_order import OPEN_ORDER
from inventory.providers.base import (
    LineStatus,
    OrderLine,
    OrderStatus,
    ProviderAdapter,
    ProviderRefused,
    ProviderUncertain,
)
from numbering.e164 import E164

DOUBT = timedelta(minutes=30)  # what was ordered is listed by then (auditing.LAG is ten minutes)


@contextmanager
def asking(order: ProviderOrder) -> Iterator[None]:
    """The body sends the order. Whoever dies in it, or hears neither yes nor no, leaves it in doubt."""
    own, stamp = ProviderOrder.objects.filter(pk=order.pk, state__in=OPEN_ORDER), timezone.now()
    own.update(unanswered_at=stamp)
    try:
        yield
    except ProviderRefused:
        own.filter(unanswered_at=stamp).update(unanswered_at=order.unanswered_at)
        raise
    own.filter(unanswered_at=stamp).update(unanswered_at=order.unanswered_at)


def is_young(order: ProviderOrder) -> bool:
    """Whether what came of an earlier attempt may still be listed."""
    return order.unanswered_at is not None and timezone.now() < order.unanswered_at + DOUBT


def after_refusal(order: ProviderOrder, adapter: ProviderAdapter, refusal: ProviderRefused) -> OrderStatus:
    """What came of an order that is refused as a whole. Raises the refusal when nothing did, ProviderUncertain while it
    is too early to say, ProviderUnavailable."""
    if order.unanswered_at is None:
        raise refusal
    if is_young(order):
        told = f"refused ({refusal}); an earlier attempt may have been taken, and is looked for"
        raise ProviderUncertain(told[:300]) from refusal
    lines = [OrderLine(n, LineStatus.REFUSED, str(refusal)[:120], refusal.not_there) for n in _wanted(order)]
    status = weighed(order, adapter, OrderStatus(order.provider_reference, order.key, True, tuple(lines)))
    if all(line.status == LineStatus.REFUSED for line in status.lines):
        raise refusal
    return status


def weighed(order: ProviderOrder, adapter: ProviderAdapter, status: OrderStatus) -> OrderStatus:
    """What may be believed of what the provider says of an order: all of it, unless it is in doubt.

    Of one in doubt nothing is refused while that is young; then what it bills us for is filled, whatever else it says.
    Raises ProviderUnavailable.
    """
    if order.unanswered_at is None:
        return status
    said = {line.number: line for line in status.lines}
    doubtful = {n for n in _wanted(order) if _is_refused(said.get(n), status)}
    others = tuple(line for line in status.lines if line.number not in doubtful)
    if is_young(order):
        return replace(status, settled=status.settled and not doubtful, lines=others)
    billed = {number for number in doubtful if adapter.holding(number)}
    filled = tuple(OrderLine(number, LineStatus.FILLED) for number in billed)
    refused = tuple(said[number] for number in doubtful - billed if number in said)
    return replace(status, lines=others + filled + refused)


def _is_refused(line: OrderLine | None, status: OrderStatus) -> bool:
    if line is None or line.status == LineStatus.PENDING:
        return status.settled
    return line.status == LineStatus.REFUSED


def _wanted(order: ProviderOrder) -> list[E164]:
    wanted = order.lines.filter(state=LineState.WANTED).order_by("pk").values_list("e164", flat=True)
    return [E164.from_int(digits) for digits in wanted]
