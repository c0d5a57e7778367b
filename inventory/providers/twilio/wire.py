"""What the official client sends goes through here: where to, how long it waits, and what each failure means."""

import json
import logging
from typing import Any

import httpx
from twilio.http import HttpClient  # type: ignore[import-untyped]  # it ships no types
from twilio.http.response import Response  # type: ignore[import-untyped]  # as above

from accounts.outgoing import NotPublic
from inventory.providers import failures, outside
from inventory.providers.base import ProviderError, ProviderRefused, ProviderUnavailable, ProviderUncertain

NO_SUCH_RESOURCE = 20404
NOT_AVAILABLE = 21422  # the one refusal that is about the number, and not about us
_log = logging.getLogger(__name__)


class Refusal(ProviderRefused):
    """It understood and said no; `code` is of Twilio's catalogue."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message, not_there=code == NOT_AVAILABLE)
        self.code = code


class NoSuchThing(ProviderUnavailable):
    """It understood a question, and has no such resource (20404)."""


class Wire(HttpClient):  # type: ignore[misc]  # untyped, see above
    """One request, once: no retry, no redirect. `headers` go with each.

    Its `get` is a question: all that can go wrong there is ProviderUnavailable. Everything else raises all three kinds
    of ProviderError, and Refusal where the other end gave a code.
    """

    def __init__(self, *origins: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(_log, is_async=False)
        self._origins, self._headers = origins, headers or {}

    def request(  # noqa: PLR0917 - the official client's own signature
        self,
        method: str,
        uri: str,
        params: dict[str, Any] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        """Send, and answer with what says "done". Raises ProviderError. Times are those of `outside`."""
        origin = next((each for each in self._origins if uri.startswith(f"{each}/")), None)
        if origin is None:
            raise ProviderUnavailable("it named a page that is not its own")  # our credentials go nowhere else
        asking = method.upper() == "GET"
        try:
            response = outside.client(origin).request(
                *(method, uri),
                params=params or None,  # an empty one would empty the query of a next page
                data=data or None,
                headers={**(headers or {}), **self._headers},
                auth=auth,
            )
        except (NotPublic, httpx.InvalidURL, httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise ProviderUnavailable(_described(error)) from error  # it never left this machine
        except httpx.HTTPError as error:
            raise (ProviderUnavailable if asking else ProviderUncertain)(_described(error)) from error
        if failure := _failure(response, asking=asking):
            raise failure
        return Response(response.status_code, response.text, response.headers)


def _failure(response: httpx.Response, *, asking: bool) -> ProviderError | None:
    document = _document(response)
    if response.is_success:
        if document is not None or response.status_code == httpx.codes.NO_CONTENT:
            return None
        unreadable = f"{response.status_code} with a body that is no JSON object"
        return ProviderUnavailable(unreadable) if asking else ProviderUncertain(unreadable)
    code, message = _complaint(response, document or {})
    wish = failures.retry_after(response.headers.get("Retry-After"))
    if response.status_code == httpx.codes.NOT_FOUND and code == NO_SUCH_RESOURCE:
        return NoSuchThing(message)
    return failures.of_question(message, retry_after=wish) if asking else _of_request(response, code, message, wish)


def _of_request(response: httpx.Response, code: int, message: str, wish: float | None) -> ProviderError:
    """409 is another Numberyard's "the same request is running": it may well be carried out. What has no code was not
    said by the API but by something on the way to it, as 404 is by a wrong address."""
    if response.status_code == httpx.codes.CONFLICT:
        return ProviderUncertain(message)
    failure = failures.of_request(response.status_code, message, retry_after=wish)
    if not isinstance(failure, ProviderRefused):
        return failure
    said_by_the_api = code and response.status_code != httpx.codes.NOT_FOUND
    return Refusal(message, code) if said_by_the_api else ProviderUnavailable(message)


def _document(response: httpx.Response) -> dict[str, Any] | None:
    try:
        document = json.loads(response.content)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _complaint(response: httpx.Response, document: dict[str, Any]) -> tuple[int, str]:
    """The code (0: none) and what to show to staff."""
    code = document.get("code")
    if isinstance(code, int) and not isinstance(code, bool) and code > 0:
        return code, f"{response.status_code} {code}: {document.get('message')}"[:300]
    return 0, f"{response.status_code} {response.reason_phrase}"


def _described(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:300]
