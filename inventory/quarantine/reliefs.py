"""Relief in a shortage (end of A4): for a while the numbers of one cell are released a little less clean.

It raises `alpha`, the likelihood of unwanted traffic below which the engine lets a number go; it shortens no minimum.
Of several the highest counts.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time

from django.utils import timezone

from inventory.models import AlphaRelief
from inventory.models.alpha_relief import HIGHEST_ALPHA, LONGEST
from inventory.quarantine.cells import governing
from inventory.refusals import NotARelief, NotInForce

#: Country and type.
Kind = tuple[str, str]


def grant(
    *, country: str, number_type: str, alpha: float, expires_at: datetime, actor: str, reason: str
) -> AlphaRelief:
    """Release numbers of this kind below `alpha` until then. Raises NotARelief."""
    check((country, number_type), alpha, expires_at)
    said = {"expires_at": expires_at, "actor": actor[:80], "reason": reason[:300]}
    return AlphaRelief.objects.create(country=country, number_type=number_type, alpha=alpha, **said)


def check(kind: Kind, alpha: float, expires_at: datetime) -> None:
    """Raises NotARelief for one that would raise nothing, too much, or for too long."""
    now = timezone.now()
    usual = governing(*kind, now.date()).alpha
    if not usual < alpha <= HIGHEST_ALPHA:
        raise NotARelief(f"alpha must be above the usual {usual:.2f} of such numbers, and at most {HIGHEST_ALPHA:.2f}")
    if not now < expires_at <= now + LONGEST:
        raise NotARelief(f"It must end within {LONGEST.days} days")


def end(*, relief: AlphaRelief, actor: str, note: str) -> None:
    """From the next night on the cell's own alpha counts again. `note` says why. Raises NotInForce."""
    ended = {"ended_at": timezone.now(), "ended_by": actor[:80], "ended_note": note[:300]}
    if not AlphaRelief.objects.filter(pk=relief.pk, ended_at=None).update(**ended):
        raise NotInForce(f"The relief for {relief} has ended before")


def in_force(on: date) -> dict[Kind, float]:
    """What the night for the morning of `on` heeds: the highest alpha of each kind that has a relief."""
    begins = datetime.combine(on, time.min, UTC)
    found = AlphaRelief.objects.filter(ended_at=None, expires_at__gt=begins).order_by("alpha")
    return {(relief.country, relief.number_type): relief.alpha for relief in found}


def alpha_of(kind: Kind, on: date, reliefs: Mapping[Kind, float]) -> float:
    """Below which likelihood a number of this kind is released that morning. Pure."""
    return max(governing(*kind, on).alpha, reliefs.get(kind, 0.0))
