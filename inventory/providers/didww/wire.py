"""The vendor's client, told to keep to our ways, and what its failures mean."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, cast

import httpx
import requests
from didww.client import DidwwClient
from didww.exceptions import DidwwApiError, DidwwError
from jsonapi_requests.data import CantLoadData
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from accounts.outgoing import NotPublic
from inventory.providers import failures, outside
from inventory.providers.base import ProviderError, ProviderUncertain

TIMEOUT = (3.0, 15.0)  # seconds: to connect, and between two pieces of an answer
# What the client raises when an answer is not at all what it expects: it checks types by assertion.
UNSENT = (NotPublic, httpx.ConnectError)  # what `outside` raises before anything is sent
UNREADABLE = (
    *UNSENT,
    *(DidwwError, requests.RequestException, CantLoadData, AssertionError),
    *(ValueError, TypeError, AttributeError, LookupError, RecursionError),
)


class Outside(HTTPAdapter):
    """What `outside.Outside` is to httpx: connects to judged addresses only, while TLS still proves the name. And
    within a time, since the vendor's client sets none."""

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """To the first of the addresses that takes the connection. Raises NotPublic beside what requests raises, and
        httpx.ConnectError for a name that can't be resolved."""
        url, in_time = httpx.URL(cast(str, request.url)), kwargs | {"timeout": TIMEOUT}
        *others, last = outside.judged(url)
        for address in others:
            try:
                return super().send(_to(address, url, request), *args, **in_time)
            except requests.ConnectionError as error:
                if not _never_left(error):
                    raise
        return super().send(_to(last, url, request), *args, **in_time)

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, *args: Any, **kwargs: Any
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """A pool for each address and name: the certificate must be of the name."""
        where, how = super().build_connection_pool_key_attributes(request, *args, **kwargs)
        if where["scheme"] == "https":
            name = httpx.URL("https://" + cast(str, request.headers["Host"])).raw_host.decode("ascii")
            how |= {"server_hostname": name, "assert_hostname": name}
        return where, how


def _to(address: str, url: httpx.URL, request: requests.PreparedRequest) -> requests.PreparedRequest:
    addressed = request.copy()
    addressed.url = str(url.copy_with(host=address))
    addressed.headers["Host"] = url.netloc.decode("ascii")
    return addressed


class Client(DidwwClient):  # type: ignore[misc]  # it has no types
    """The vendor's client with judged addresses and timeouts, without redirects and proxies, and with the wish for
    patience that it forgets."""

    def __init__(self, base_url: str, api_key: str) -> None:
        super().__init__(api_key, base_url=base_url)
        self._session.max_redirects = 0
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, Outside())
        self._session.trust_env = False

    def _handle_response(self, resp: requests.Response) -> Any:
        try:
            return super()._handle_response(resp)
        except DidwwApiError as error:
            error.retry_after = failures.retry_after(resp.headers.get("Retry-After"))
            raise


@lru_cache(maxsize=32)
def _client(base_url: str, api_key: str) -> Client:
    """One connection pool for each account and process."""
    return Client(base_url, api_key)


class Wire:
    """Calls of the vendor's client. Two kinds, since a lost answer means something else to each."""

    def __init__(self, base_url: str, api_key: str) -> None:
        self._client = _client(base_url, api_key)

    def ask(self, question: Callable[[Client], Any]) -> Any:
        """A question: changes nothing, so all that can go wrong is ProviderUnavailable."""
        try:
            return question(self._client)
        except UNREADABLE as error:
            raise failures.of_question(_described(error), retry_after=_retry_after(error)) from error

    def tell(self, request: Callable[[Client], Any]) -> Any:
        """A request that changes something there. Raises all three kinds of ProviderError."""
        try:
            return request(self._client)
        except UNREADABLE as error:
            raise _refusal(error) from error


def _refusal(error: Exception) -> ProviderError:
    if isinstance(error, DidwwApiError) and error.status_code:
        return failures.of_request(error.status_code, _described(error), retry_after=_retry_after(error))
    if _never_left(error):
        return failures.of_question(_described(error))
    return ProviderUncertain(_described(error))


def _never_left(error: Exception) -> bool:
    """No connection was made. (A connection that breaks off is a ConnectionError too.)"""
    if isinstance(error, UNSENT):
        return True
    if not isinstance(error, requests.ConnectionError) or not error.args:
        return False
    return isinstance(getattr(error.args[0], "reason", None), (NewConnectionError, ConnectTimeoutError))


def _retry_after(error: Exception) -> float | None:
    wish = getattr(error, "retry_after", None)
    return wish if isinstance(wish, float) else None


def _described(error: Exception) -> str:
    """Status and the vendor's own words, as far as there are any: for logs and staff."""
    if isinstance(error, DidwwApiError):
        return f"{error.status_code} {error}"[:300]
    if isinstance(error, (requests.RequestException, *UNSENT)):
        return f"{type(error).__name__}: {error}"[:300]
    return f"an answer that can't be read: {type(error).__name__}"
