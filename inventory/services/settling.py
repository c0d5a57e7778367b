"""Carrying an order through: whatever crashed, timed out or was said twice, it ends complete or failed, bought once."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from inventory import intents
from inventory.models import LineState, OrderState, ProviderOrder
from inventory.models.provider_order import OPEN_ORDER
from inventory.providers.base import (
    OrderStatus,
    ProviderAdapter,
    ProviderError,
    ProviderRefused,
    ProviderUnavailable,
)
from inventory.providers.registry import adapter_of
from inventory.services import doubts
from inventory.services.receiving import receive, refuse
from numbering.e164 import E164

SHORTEST_POLL = timedelta(seconds=1)
LONGEST_POLL = timedelta(minutes=5)


def settle_due(limit: int) -> int:
    """Go on with up to `limit` open orders whose time has come; returns how many."""
    return intents.take_due(ProviderOrder, "settle_orders", settle, limit)


def settle(order_id: int) -> None:
    """One step of one order. Harmless at any time, from any process, as often as one likes.

    1. Claim it: whoever comes meanwhile leaves it alone, and a crash from here on costs no more than the lease.
    2. If an earlier attempt may have reached the provider, ask by our key; order only what it does not know, and
       never again what it once had: whatever it says then, it is filling that order and will bill it.
    3. Believe no refusal of what an earlier attempt may have bought: see `doubts`.
    4. Take over the lines that it has settled, all in one transaction, and set the clock for the next look.
    """
    if not intents.claim(ProviderOrder, order_id):
        return
    order = ProviderOrder.objects.select_related("provider").get(pk=order_id)
    try:
        status = _told(order, adapter_of(order.provider))
    except ProviderRefused as error:
        _fail(order, error)
    except ProviderError as error:
        intents.postpone(order, error)
    else:
        _record(order, status)


def hear(key: str) -> None:
    """A provider's callback said that something happened to this order: look now, not when its clock says so."""
    now = timezone.now()
    waiting = ProviderOrder.objects.filter(key=key, state=OrderState.PLACED, next_attempt_at__gt=now)
    order = waiting.first()
    if order and waiting.update(next_attempt_at=now):
        settle(order.pk)


def _told(order: ProviderOrder, adapter: ProviderAdapter) -> OrderStatus:
    try:
        status = _ask_or_place(order, adapter)
    except ProviderRefused as refusal:
        return doubts.after_refusal(order, adapter, refusal)
    return doubts.weighed(order, adapter, status)


def _ask_or_place(order: ProviderOrder, adapter: ProviderAdapter) -> OrderStatus:
    if order.attempts > 1 and (known := adapter.order_status(order.key)):
        return known
    if order.state == OrderState.PLACED:
        raise ProviderUnavailable("it does not find the order that it has accepted")
    numbers = [E164.from_int(digits) for digits in order.lines.order_by("pk").values_list("e164", flat=True)]
    if adapter.one_order_per_key:
        return adapter.order(numbers, key=order.key)
    with doubts.asking(order):
        return adapter.order(numbers, key=order.key)


@transaction.atomic
def _record(order: ProviderOrder, status: OrderStatus) -> None:
    """What the provider says is now so here: the lines it settled, and whether any is still to come."""
    locked = ProviderOrder.objects.select_for_update().get(pk=order.pk)
    if locked.state not in OPEN_ORDER:
        return  # an attempt that overtook this one has settled it
    receive(order, status)
    locked.provider_reference, locked.last_error = status.reference, _strangers(order, status)
    locked.attempts = 1  # it has answered: from here on, only failures in a row slow us down
    if not doubts.is_young(order):
        locked.unanswered_at = None
    if order.lines.filter(state=LineState.WANTED).exists():
        # One in doubt may have another order there beside this one: it is not all placed.
        locked.state = locked.state if doubts.is_young(order) else OrderState.PLACED
        locked.next_attempt_at = timezone.now() + _until_next_poll(order)
    else:
        locked.unanswered_at = None
        locked.state, locked.next_attempt_at = OrderState.COMPLETE, None
    locked.save()


def _until_next_poll(order: ProviderOrder) -> timedelta:
    """The longer an order has been waiting, the less often it is worth asking."""
    age = timezone.now() - order.created_at
    return min(max(age / 4, SHORTEST_POLL), LONGEST_POLL)


def _strangers(order: ProviderOrder, status: OrderStatus) -> str:
    """Numbers in the provider's order that we never put there: shown to staff, since somebody will be billed."""
    ours = set(order.lines.values_list("e164", flat=True))
    strangers = [str(line.number) for line in status.lines if line.number.digits not in ours]
    return f"it added {', '.join(strangers)}"[:300] if strangers else ""


@transaction.atomic
def _fail(order: ProviderOrder, error: ProviderRefused) -> None:
    """The provider has understood and said no: nothing more of it will come. Unless another attempt has placed it."""
    locked = ProviderOrder.objects.select_for_update().get(pk=order.pk)
    if locked.state != OrderState.INTENDED:
        return
    for line in order.lines.filter(state=LineState.WANTED):
        refuse(line, str(error), not_there=error.not_there)
    some_came = order.lines.filter(state=LineState.RECEIVED).exists()
    locked.state = OrderState.COMPLETE if some_came else OrderState.FAILED
    locked.next_attempt_at, locked.unanswered_at, locked.last_error = None, None, str(error)[:300]
    locked.save()
