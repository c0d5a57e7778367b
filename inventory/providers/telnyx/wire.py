"""The vendor's client, told to keep to our ways, and what its failures mean.

Importing it takes two seconds and 65 MB, so `adapter` imports this file only when there is something to say.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import httpx
from telnyx import APIConnectionError, APIStatusError, Telnyx, TelnyxError

from accounts.outgoing import NotPublic
from inventory.providers import failures, outside
from inventory.providers.base import ProviderError, ProviderUncertain

TIMEOUT = httpx.Timeout(connect=3.0, read=15.0, write=10.0, pool=3.0)
# What the client raises when an answer is not at all what it expects.
UNREADABLE = (TelnyxError, ValueError, TypeError, AttributeError, KeyError, RecursionError)
UNSENT = (NotPublic, httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


@lru_cache(maxsize=32)
def _client(base_url: str, api_key: str) -> Telnyx:
    """One connection pool for each account and process. No retries of its own: it would order twice."""
    http_client = httpx.Client(transport=outside.Outside(), timeout=TIMEOUT, follow_redirects=False, trust_env=False)
    return Telnyx(api_key=api_key, base_url=base_url, timeout=TIMEOUT, max_retries=0, http_client=http_client)


class Wire:
    """Calls of the vendor's client. Two kinds, since a lost answer means something else to each."""

    def __init__(self, base_url: str, api_key: str) -> None:
        self._client = _client(base_url, api_key)

    def ask(self, question: Callable[[Telnyx], Any]) -> Any:
        """A question: changes nothing, so all that can go wrong is ProviderUnavailable."""
        try:
            return question(self._client)
        except UNREADABLE as error:
            raise failures.of_question(_described(error), retry_after=_retry_after(error)) from error

    def tell(self, request: Callable[[Telnyx], Any]) -> Any:
        """A request that changes something there. Raises all three kinds of ProviderError."""
        try:
            return request(self._client)
        except UNREADABLE as error:
            raise _refusal(error) from error


def _refusal(error: Exception) -> ProviderError:
    if isinstance(error, APIStatusError):
        return failures.of_request(error.status_code, _described(error), retry_after=_retry_after(error))
    if isinstance(error.__cause__, UNSENT):
        return failures.of_question(_described(error))  # it never left this machine
    return ProviderUncertain(_described(error))


def _retry_after(error: Exception) -> float | None:
    return (
        failures.retry_after(error.response.headers.get("Retry-After")) if isinstance(error, APIStatusError) else None
    )


def _described(error: Exception) -> str:
    """Status and the first of the vendor's own errors, as far as there is one: for logs and staff."""
    if isinstance(error, APIStatusError):
        return f"{error.status_code} {_complaint(error.body)}".strip()[:300]
    if isinstance(error, APIConnectionError) and error.__cause__:
        return f"{type(error.__cause__).__name__}: {error.__cause__}"[:300]
    return f"an answer that can't be read: {type(error).__name__}"


def _complaint(body: Any) -> str:
    """`{"errors": [{"code": "10015", "title": "Bad Request", "detail": "..."}]}`; whatever else is kept to oneself."""
    try:
        first = body["errors"][0]
        return f"{first['code']}: {first.get('detail') or first.get('title')}"
    except (LookupError, TypeError, AttributeError):
        return ""
