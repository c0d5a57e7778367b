"""Stops of sale, for all numbers of a provider in a country at once: one row, whatever their number.

Search, purchase and holds ask for it; the numbers come back on sale by themselves when it is lifted.
"""

from django.utils import timezone

from inventory.models import Provider, SaleStop


def place(*, provider: Provider, country: str, actor: str, reason: str) -> SaleStop:
    """Stop the sale. A stop that is already open stays as it is and is returned."""
    stop, _ = SaleStop.objects.get_or_create(
        provider=provider,
        country=country,
        lifted_at=None,
        defaults={"placed_by": actor[:80], "reason": reason[:300]},
    )
    return stop


def lift(*, stop: SaleStop, actor: str, note: str) -> None:
    """Sell again. `note` says why. Lifting twice changes nothing."""
    SaleStop.objects.filter(pk=stop.pk, lifted_at=None).update(
        lifted_at=timezone.now(), lifted_by=actor[:80], lifted_note=note[:300]
    )
