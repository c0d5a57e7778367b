"""Giving numbers back to their providers, which is done when a provider no longer bills us, whatever it answered."""

from datetime import timedelta
from uuid import uuid4

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.nudges import nudge
from inventory import intents
from inventory.models import PhoneNumber, ProviderRelease, ReleaseState, Resolution
from inventory.models.provider_release import OPEN_RELEASE
from inventory.providers.base import ProviderError, ProviderRefused
from inventory.providers.registry import adapter_of
from inventory.quarantine.stays import leave
from inventory.services import drift_cases
from inventory.services.transition import move

REFUSALS_BEFORE_STAFF = 6  # in a row
#: A provider may take so long to take a number back. What it bills us after that is money lost: services/auditing.py,
#: invoices/comparing.py.
OVERDUE_AFTER = timedelta(days=3)
STILL_BILLED = "it said yes, and still bills us"


def retire(number_id: int, *, actor: str, reason: str) -> PhoneNumber:
    """Take a number out of the stock for good and, if it came from a provider, give it back there.

    Raises IllegalMove, PhoneNumber.DoesNotExist.
    """
    with transaction.atomic():
        number = move(number_id, "retire", actor=actor, reason=reason)
        leave(number, verdict=f"retired: {reason}"[:300], now=timezone.now())
        cases = drift_cases.still_open(number)
        drift_cases.end(cases, Resolution.RETURNED, actor=actor, reason=reason or "retired")
        if number.provider and number.provider.adapter:
            intend(number)
    return number


def intend(number: PhoneNumber) -> ProviderRelease:
    """Write down that this number goes back. Call it in the transaction that took the number out of the stock."""
    release = ProviderRelease.objects.create(key=f"ny-{uuid4().hex}", number=number)
    nudge("inventory.tasks.give_back", release.pk)
    return release


def settle_due(limit: int) -> int:
    """Go on with up to `limit` open releases whose time has come; returns how many."""
    return intents.take_due(ProviderRelease, "settle_releases", settle, limit)


def settle(release_id: int) -> None:
    """One step of one release: claim it, look, ask again if need be. Harmless at any time, from any process."""
    if not intents.claim(ProviderRelease, release_id):
        return
    release = ProviderRelease.objects.select_related("number__provider").get(pk=release_id)
    try:
        _step(release)
    except ProviderRefused as error:
        _refused(release, error)
    except ProviderError as error:
        intents.postpone(release, error, refusals=0)


def _step(release: ProviderRelease) -> None:
    number, provider = release.number.number, release.number.provider
    if provider is None:
        raise ValueError(f"{release}: there is no provider to give it back to")
    adapter = adapter_of(provider)
    # An earlier attempt may have reached them, whether we heard of it or not; only their bill tells.
    if release.attempts > 1 and not adapter.holding(number):
        _close(release, ReleaseState.CONFIRMED)
        return
    # Some say yes and do nothing. Asking again is harmless: it is the same key.
    adapter.release(number, key=release.key)
    _requested(release, STILL_BILLED if release.state == ReleaseState.REQUESTED else "")


def _requested(release: ProviderRelease, last_error: str) -> None:
    _open(release).update(
        state=ReleaseState.REQUESTED,
        refusals=0,
        next_attempt_at=timezone.now() + intents.delay(release.attempts),
        last_error=last_error,
        updated_at=timezone.now(),
    )


def _refused(release: ProviderRelease, error: ProviderRefused) -> None:
    """A refusal may only mean that it is theirs already: the next attempt looks. In the end, staff must ask."""
    refusals = release.refusals + 1
    if refusals < REFUSALS_BEFORE_STAFF:
        intents.postpone(release, error, refusals=refusals)
    else:
        _close(release, ReleaseState.FAILED, str(error)[:300])


def _close(release: ProviderRelease, state: ReleaseState, last_error: str = "") -> None:
    _open(release).update(state=state, next_attempt_at=None, last_error=last_error, updated_at=timezone.now())


def _open(release: ProviderRelease) -> QuerySet[ProviderRelease]:
    """The row, unless an attempt that overtook this one has closed it."""
    return ProviderRelease.objects.filter(pk=release.pk, state__in=OPEN_RELEASE)
