"""Stops of sourcing: placed where a catalogue is found dishonest, lifted when it has recovered; staff may do either.

Hysteresis: what falls below the limit is stopped, and comes back only well above it, so that a score at the limit does
not switch orders on and off every night. While it rests nothing is ordered, so only the samples tell whether it got
better; of a provider that can't be sampled the bad days leave the window one by one, and with too few left it gets
another chance.
"""

from datetime import timedelta

import structlog
from django.conf import settings
from django.db.models.functions import Now
from django.utils import timezone

from inventory.catalogue import honesty
from inventory.catalogue.score import MARGIN, Score
from inventory.models import Provider, SourcingStop
from inventory.refusals import StopIsLifted

TRUSTED_FOR = timedelta(days=7)  # after staff have lifted a stop; then the score counts again
SWEEP = "sweep:honesty"
log = structlog.get_logger(__name__)


def judge() -> None:
    """Place and lift what the scores of today ask for. Harmless to repeat."""
    days = honesty.days_of()
    stopped = {(stop.provider_id, stop.country): stop for stop in SourcingStop.objects.filter(lifted_at=None)}
    for place in sorted(days.keys() | stopped.keys()):
        _judge(place, honesty.score_of(days.get(place, [])), stopped.get(place))


def place(*, provider: Provider, country: str, actor: str, reason: str, automatic: bool = False) -> SourcingStop:
    """Order nothing more from it there. A stop that is already open stays as it is and is returned."""
    stop, is_new = SourcingStop.objects.get_or_create(
        provider=provider,
        country=country,
        lifted_at=None,
        defaults={"placed_by": actor[:80], "reason": reason[:300], "automatic": automatic},
    )
    if is_new:
        log.warning("sourcing_stopped", provider=provider.slug, country=country, reason=reason)
    return stop


def override(*, stop: SourcingStop, actor: str, reason: str) -> None:
    """Staff trust it all the same, for a week, whatever the score says. Raises StopIsLifted."""
    if not _lift(stop, actor, reason, overridden_until=timezone.now() + TRUSTED_FOR):
        raise StopIsLifted(stop)


def _judge(at: honesty.Place, score: Score | None, stop: SourcingStop | None) -> None:
    if stop is None:
        if score and score.is_enough and score.share < settings.OFFER_HONESTY and not _is_trusted(at):
            place(
                provider=Provider.objects.get(pk=at[0]),
                country=at[1],
                actor=SWEEP,
                reason=_sentence(score),
                automatic=True,
            )
    elif stop.automatic and (score is None or not score.is_enough):
        _lift(stop, SWEEP, "too little is known of it any more")
    elif stop.automatic and score and score.share >= min(1.0, settings.OFFER_HONESTY + MARGIN):
        _lift(stop, SWEEP, _sentence(score))


def _sentence(score: Score) -> str:
    counts = f"{score.purchasable} of {score.listed} listed numbers could be bought"
    return f"{counts}: score {100 * score.share:.0f} %, the limit is {100 * settings.OFFER_HONESTY:.0f} %"


def _is_trusted(at: honesty.Place) -> bool:
    overridden = SourcingStop.objects.filter(provider=at[0], country=at[1], overridden_until__gt=Now())
    return overridden.exists()


def _lift(stop: SourcingStop, actor: str, note: str, **columns: object) -> int:
    return SourcingStop.objects.filter(pk=stop.pk, lifted_at=None).update(
        lifted_at=Now(), lifted_by=actor[:80], lifted_note=note[:300], **columns
    )
