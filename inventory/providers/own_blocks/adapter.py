"""The adapter: the provider contract over our own tables. Nothing here asks a network."""

from collections.abc import Iterator, Mapping, Sequence

from django.db.models import Exists, F, OuterRef, QuerySet

from inventory.allocations import activating, room
from inventory.lifecycle import State
from inventory.models import Activation, Allocation, PhoneNumber, Provider
from inventory.providers.base import LineStatus, Offer, OrderLine, OrderStatus, ProviderRefused, Wanted
from numbering.areas import area_code
from numbering.e164 import E164
from numbering.types import Capability


class OwnBlocks:
    """Who has ranges of his own is his own provider. It takes no `options`."""

    one_order_per_key = True

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def offers(self, wanted: Wanted) -> Iterator[Offer]:
        """See ProviderAdapter. Opened blocks first: see `inventory.allocations.room`."""
        ranges = [
            each
            for each in room.current(self._provider)
            if (each.country, each.number_type) == (wanted.country, wanted.number_type)
        ]
        for block in room.blocks(ranges):
            if not wanted.area_code or area_code(block.first) == wanted.area_code:
                yield from (_offer(block.allocation, digits, wanted) for digits in room.free(block))

    def may_have(self, wanted: Wanted) -> bool:
        """See OwnRanges: no regulator has allocated us any other."""
        return room.current(self._provider).filter(country=wanted.country, number_type=wanted.number_type).exists()

    def order(self, numbers: Sequence[E164], *, key: str) -> OrderStatus:
        """See ProviderAdapter. Settled at once."""
        refused = activating.activate(self._provider, [number.digits for number in numbers], key=key)
        return OrderStatus(key, key, settled=True, lines=tuple(_line(number, refused) for number in numbers))

    def order_status(self, key: str) -> OrderStatus | None:
        """See ProviderAdapter. `order` activates all that it can or nothing, so what is active under the key is all."""
        active = self._active().filter(key=key).order_by("pk").values_list("e164", flat=True)
        lines = tuple(OrderLine(E164.from_int(digits), LineStatus.FILLED) for digits in active)
        return OrderStatus(key, key, settled=True, lines=lines) if lines else None

    def release(self, number: E164, *, key: str) -> None:
        """See ProviderAdapter. It goes back to its range, where it rests before it is offered again."""
        if not self._had(number):
            raise ProviderRefused(f"{number} was never activated")
        activating.give_back(self._provider, number.digits)

    def holding(self, number: E164) -> bool:
        """See ProviderAdapter."""
        is_ours = (
            room.current(self._provider).filter(first__lte=number.digits, first__gt=number.digits - F("size")).exists()
        )
        return is_ours and self._in_use(range(number.digits, number.digits + 1)).exists()

    def holdings(self) -> Iterator[E164]:
        """See ProviderAdapter. Nobody else keeps the books of our ranges: what our stock has of them, there is."""
        for each in room.current(self._provider):
            yield from map(E164.from_int, self._in_use(range(each.first, each.end)).iterator())

    def verify_callback(self, headers: Mapping[str, str], body: bytes) -> str | None:
        """See ProviderAdapter. Nobody calls back."""
        return None

    def _in_use(self, span: range) -> QuerySet[PhoneNumber, int]:
        """What is active, and what our stock has and nothing activated: it was imported. What went back to its range
        while our stock has it is neither."""
        within = {"e164__gte": span.start, "e164__lt": span.stop}
        back = Activation.objects.filter(returned_at__isnull=False, **within)  # few: by the index activation_returned
        left = back.filter(e164=OuterRef("e164"), returned_at__gte=OuterRef("created_at"))
        stock = PhoneNumber.objects.live().filter(~Exists(left), provider=self._provider, **within)
        active = self._active().filter(**within)
        return stock.values_list("e164", flat=True).union(active.values_list("e164", flat=True))

    def _had(self, number: E164) -> bool:
        """Whether it was activated, or imported as one of ours, and has left our stock."""
        was_active = Activation.objects.filter(e164=number.digits, allocation__provider=self._provider)
        lives = PhoneNumber.objects.filter(e164=number.digits, provider=self._provider, state=State.RETURNED)
        return was_active.exists() or lives.exists()

    def _active(self) -> QuerySet[Activation]:
        return Activation.objects.filter(returned_at=None, allocation__provider=self._provider)


def _offer(allocation: Allocation, digits: int, wanted: Wanted) -> Offer:
    return Offer(
        number=E164.from_int(digits),
        country=wanted.country,
        number_type=wanted.number_type,
        capabilities=Capability(allocation.capabilities),
        locality=allocation.locality,
        region=allocation.region,
        monthly_cost=allocation.monthly_cost,
        currency=allocation.currency,
    )


def _line(number: E164, refused: Mapping[int, str]) -> OrderLine:
    reason = refused.get(number.digits, "")
    return OrderLine(number, LineStatus.REFUSED if reason else LineStatus.FILLED, reason)
