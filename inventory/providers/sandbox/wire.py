"""One request to a sandbox carrier: what its status codes and its silences mean."""

import json
from functools import lru_cache
from typing import Any

import httpx

from inventory.providers.base import ProviderError, ProviderRefused, ProviderUnavailable, ProviderUncertain
from inventory.providers.failures import retry_after

UNKNOWN = {"unknown_number", "no_emergency_address"}
TIMEOUT = httpx.Timeout(connect=2.0, read=5.0, write=5.0, pool=2.0)
Answer = dict[str, Any]


@lru_cache(maxsize=32)
def _client(base_url: str, api_key: str) -> httpx.Client:
    """One connection pool for each carrier and process (making one loads the machine's certificates)."""
    return httpx.Client(base_url=base_url, timeout=TIMEOUT, headers={"Authorization": f"Bearer {api_key}"})


class Wire:
    """Requests to one carrier. Two kinds, since a lost answer means something else to each."""

    def __init__(self, base_url: str, api_key: str) -> None:
        self._client = _client(base_url, api_key)

    def ask(self, path: str, **query: str | int) -> Answer:
        """A question: changes nothing, so all that can go wrong is ProviderUnavailable."""
        return _answered(self._get(path, **query))

    def ask_about_number(self, path: str) -> Answer | None:
        """Likewise; None when the carrier says that it never sold us this number, or knows no such thing of it."""
        response = self._get(path)
        return None if _says_unknown_number(response) else _answered(response)

    def put(self, path: str, document: Answer) -> Answer:
        """Likewise a request that changes something, and may be repeated."""
        return _document(self._send("PUT", path, document), ProviderUncertain)

    def delete(self, path: str) -> None:
        """Likewise; what is gone already is gone."""
        self._send("DELETE", path)

    def tell(self, path: str, document: Answer) -> Answer:
        """A request that changes something there. Raises all three kinds of ProviderError."""
        return _document(self._send("POST", path, document), ProviderUncertain)

    def _send(self, method: str, path: str, document: Answer | None = None) -> httpx.Response:
        try:
            response = self._client.request(method, path, json=document)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise ProviderUnavailable(_described(error)) from error  # it never left this machine
        except httpx.HTTPError as error:
            raise ProviderUncertain(_described(error)) from error
        if response.is_success:
            return response
        raise _refusal(response)

    def _get(self, path: str, **query: str | int) -> httpx.Response:
        try:
            return self._client.get(path, params=query)
        except httpx.HTTPError as error:
            raise ProviderUnavailable(_described(error)) from error


def _answered(response: httpx.Response) -> Answer:
    if response.is_success:
        return _document(response, ProviderUnavailable)
    raise ProviderUnavailable(_complaint(response), retry_after=retry_after(response.headers.get("Retry-After")))


def _says_unknown_number(response: httpx.Response) -> bool:
    """Any other 404 is about the address (a renamed carrier, a bad deployment) and says nothing of what we asked."""
    return response.status_code == httpx.codes.NOT_FOUND and _error_code(response) in UNKNOWN


def _error_code(response: httpx.Response) -> str:
    try:
        return str(json.loads(response.content)["error"]["code"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""


def _refusal(response: httpx.Response) -> ProviderError:
    """429, 503, a refused key and a wrong address are worth another try; any other 5xx may have come after the deed."""
    message = _complaint(response)
    astray = response.status_code == httpx.codes.NOT_FOUND and not _says_unknown_number(response)
    if astray or response.status_code in (401, 403, 429, 503):
        return ProviderUnavailable(message, retry_after=retry_after(response.headers.get("Retry-After")))
    return ProviderRefused(message) if response.is_client_error else ProviderUncertain(message)


def _document(response: httpx.Response, failure: type[ProviderError]) -> Answer:
    try:
        document = response.json()
    except (ValueError, RecursionError) as error:
        raise failure(f"{response.status_code} with a body that is not JSON") from error
    if not isinstance(document, dict):
        raise failure(f"{response.status_code} with a body that is no JSON object")
    return document


def _complaint(response: httpx.Response) -> str:
    """Status and error code, as far as there is one: for logs and staff."""
    try:
        error = json.loads(response.content)["error"]
        return f"{response.status_code} {error['code']}: {error['message']}"[:300]
    except (ValueError, KeyError, TypeError, RecursionError):
        return f"{response.status_code} {response.reason_phrase}"


def _described(error: httpx.HTTPError) -> str:
    return f"{type(error).__name__}: {error}"[:300]
