"""What a provider's status codes and silences mean: nothing happened, it won't, or nobody knows."""

from inventory.providers.base import ProviderError, ProviderRefused, ProviderUnavailable, ProviderUncertain

NOT_OURS_TO_JUDGE = frozenset({401, 403, 404, 405, 407, 425, 429})  # the key, where it is used, the URL, the pace
MOST_PATIENCE = 5  # digits of Retry-After: beyond a day nobody waits


def of_question(message: str, *, retry_after: float | None = None) -> ProviderUnavailable:
    """Asking changes nothing, so whatever went wrong, it may be asked again."""
    return ProviderUnavailable(message[:300], retry_after=retry_after)


def of_request(status: int, message: str, *, retry_after: float | None = None) -> ProviderError:
    """What an answer with this status says of a request that should have changed something there.

    A refused key, an address where nothing is and a wish for less haste are worth another try. 408 and any 5xx may
    have come after the deed, even 503: between us and the vendor's own server stand others that answer in its name.
    """
    if status in NOT_OURS_TO_JUDGE:
        return ProviderUnavailable(message[:300], retry_after=retry_after)
    refused = 400 <= status < 500 and status != 408
    return ProviderRefused(message[:300]) if refused else ProviderUncertain(message[:300])


def retry_after(header: str | None) -> float | None:
    """Seconds (RFC 9110, 10.2.3). The date form is not read: the sweeps wait a little in any case."""
    value = header or ""
    return float(value) if value.isascii() and value.isdigit() and len(value) <= MOST_PATIENCE else None
