"""How many numbers of a kind are on sale or on their way there, and how many a target still misses."""

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from inventory.lifecycle import COMING, State
from inventory.models import LineState, PhoneNumber, ProviderOrderLine, StockTarget
from inventory.models.provider_order import OPEN_ORDER

WASTE_WINDOW = timedelta(days=1)
WASTE_ALLOWED = 10  # beside as many again as the target wants


def missing(target: StockTarget) -> int:
    """How many more numbers this target asks for. Failed and blocked ones do not count: nobody can buy them."""
    return max(0, target.quantity - _in_stock(target) - _on_order(target))


def is_wasting(target: StockTarget) -> bool:
    """Whether more than its quantity was refused or failed its tests within a day.

    Replacing what fails is right while a few fail; when most do, the provider is broken and every order is money lost.
    """
    since = timezone.now() - WASTE_WINDOW
    lines = ProviderOrderLine.objects.filter(order__target=target, order__created_at__gte=since)
    lost = lines.filter(Q(state=LineState.REFUSED) | Q(number__state__in=(State.FAILED, State.RETURNED)))
    return lost.count() > target.quantity + WASTE_ALLOWED


def _in_stock(target: StockTarget) -> int:
    # Read from the index number_stock alone.
    numbers = PhoneNumber.objects.filter(
        country=target.country, number_type=target.number_type, state__in=COMING, blocked=False
    )
    return numbers.filter(_narrower(target, area_code="area_code", provider="provider")).count()


def _on_order(target: StockTarget) -> int:
    lines = ProviderOrderLine.objects.filter(
        state=LineState.WANTED,
        order__state__in=OPEN_ORDER,
        order__country=target.country,
        order__number_type=target.number_type,
    )
    return lines.filter(_narrower(target, area_code="order__area_code", provider="order__provider")).count()


def _narrower(target: StockTarget, **columns: str) -> Q:
    """The target's area code and provider, where it names them, on these columns."""
    named = {column: getattr(target, field) for field, column in columns.items()}
    return Q(**{column: value for column, value in named.items() if value})
