"""What every path of the API has in common: who asks, for which account, whether it may, and how often at once.

A view adds handlers: validate (`self.given`), call one service, render. A handler's refusal is an exception.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from typing import Any, ClassVar, cast

import structlog
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import Resolver404, resolve
from django.views.decorators.csrf import csrf_exempt
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Account, AccountStatus
from api import concurrency, idempotency
from api.authentication import AccountAuthentication, account_in_path
from api.errors import Refusal
from api.parameters import Parameter, read
from api.parsing import check_length
from api.rendering import AlwaysJson
from api.schema import ResourceSchema
from numbering.sids import new_sid

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
#: Any origin, and no Allow-Credentials: scripts sign their requests themselves, no browser adds a cookie or a password.
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": "Accept, Authorization, Content-Type, Idempotency-Key, X-Twilio-Client",
    "Access-Control-Expose-Headers": "Twilio-Request-Id, Twilio-Concurrent-Requests, Retry-After, Idempotent-Replayed",
}


class Resource(APIView):
    """One path. `account_sid` in the path becomes `self.account`; without it the account is the caller."""

    authentication_classes = [AccountAuthentication]
    content_negotiation_class = AlwaysJson
    schema = ResourceSchema()

    #: Which parameters each method reads.
    takes: ClassVar[Mapping[str, Sequence[Parameter]]] = {}
    #: The name of the rows, where GET answers with pages of them.
    records: ClassVar[str] = ""
    #: What a row looks like (`api.bodies`); None: there never is one.
    body: ClassVar[Any] = None
    #: What a POST that makes one shows, where that is more.
    made: ClassVar[Any] = None
    #: The names of the files that a POST may carry (then it may be a multipart form).
    files: ClassVar[Sequence[str]] = ()
    #: Methods that test credentials may use; the others answer 403/20008.
    for_test_credentials: ClassVar[Sequence[str]] = ()
    #: Whether the caller may change things here while the account itself is suspended or closed.
    for_inactive_accounts: ClassVar[bool] = False

    caller: Account
    account: Account

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.account_sid = kwargs.pop("account_sid", "")  # handlers have `self.account`
        self.request_id = new_sid("RQ")
        request.encoding = "utf-8"  # whatever charset the client names: some are no texts at all
        structlog.contextvars.bind_contextvars(twilio_request_id=self.request_id)
        with ExitStack() as self.leases:
            return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Authenticate, take a slot, find the account. A preflight (OPTIONS) carries no credentials."""
        if request.method == "OPTIONS":
            return
        check_length(request, self.longest_body(request), self.too_long(request))
        super().initial(request, *args, **kwargs)
        caller = cast("Account", request.user)  # the stubs think of people
        self.running = self.leases.enter_context(concurrency.slot(caller))
        self.caller = caller
        self.account = account_in_path(caller, self.account_sid) if self.account_sid else caller
        self._check_may(caller, request)

    def _check_may(self, caller: Account, request: Request) -> None:
        if caller.is_test and request.method not in self.for_test_credentials:
            raise Refusal(20008)
        if request.method in SAFE_METHODS:
            return
        if not caller.is_active:
            raise self.refusal_to_inactive(caller)
        if not (self.account.is_active or self.for_inactive_accounts):
            raise Refusal(20005, f"Account {self.account.sid} is {self.account.status}")

    def refusal_to_inactive(self, caller: Account) -> Refusal:
        """What a caller is told that wants to change something while it or its parent is not active."""
        return Refusal(20005, f"Account {caller.sid} is {_inactive_status(caller)}")

    def longest_body(self, request: Request) -> int | None:
        """Bytes that the body of this request may have; None: as many as Django reads."""
        return None

    def too_long(self, request: Request) -> str:
        """What else to say of a longer one."""
        return ""

    def given(self, request: Request) -> dict[str, Any]:
        """The request's parameters by our names: of the body on POST, of the query otherwise."""
        if request.method == "POST":
            return read(self.takes.get("POST", ()), request.data)
        return read(self.takes.get("GET", ()), request.query_params)

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """CORS preflight."""
        return Response(status=204, headers={"Allow": ", ".join(self.allowed_methods)})

    def http_method_not_allowed(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        raise Refusal(20004, f"{request.method} is not allowed here; allowed: {', '.join(self.allowed_methods)}")

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        finished = super().finalize_response(request, response, *args, **kwargs)
        for header, value in CORS.items():
            finished[header] = value
        finished["Twilio-Request-Id"] = self.request_id
        finished["Twilio-Concurrent-Requests"] = str(getattr(self, "running", 0))
        if finished.status_code == 405:
            finished["Allow"] = ", ".join(self.allowed_methods)
        return finished


class OfTheOperator(Resource):
    """A path for the operator's own account alone. It is not for customers, so not in their document, unless it says
    so."""

    schema: Any = None  # DRF's way to leave a view out of the document

    def _check_may(self, caller: Account, request: Request) -> None:
        super()._check_may(caller, request)
        if not caller.is_operator:
            raise Refusal(20403, "Only the operator's own account may do this")


class Writable(Resource):
    """A path whose POST is done once for each Idempotency-Key."""

    #: Whether the POST and its answer are one transaction. Without, it must be harmless to do it again.
    in_one_transaction: ClassVar[bool] = True

    def post(self, request: Request, **path: str) -> Response:
        run = idempotency.whole if self.in_one_transaction else idempotency.in_steps
        return idempotency.once(request, lambda: self._answered(self.write, request, **path), run)

    def write(self, request: Request, **path: str) -> Response:
        """The POST itself."""
        raise NotImplementedError

    def _answered(self, handler: Callable[..., Response], request: Request, **path: str) -> Response:
        """The handler's response, or the one to its refusal: that too is remembered under the key."""
        try:
            return handler(request, **path)
        except Exception as error:  # noqa: BLE001 - handle_exception answers what it knows and logs the rest
            return self.handle_exception(error)


@csrf_exempt
def without_suffix(request: HttpRequest) -> HttpResponseBase:
    """Paths of v2 have no suffix; at Twilio `.json` is legal there too, and means nothing."""
    request.path, request.path_info = (path.removesuffix(".json") for path in (request.path, request.path_info))
    match = resolve(request.path_info)
    answer: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
    return answer


class NoSuchResource(Resource):
    """Every other path below the API's roots, also those with a malformed SID: 404 in JSON, never HTML."""

    schema = None  # type: ignore[assignment]  # DRF's way to leave a view out of the document
    for_test_credentials = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if _served_as_json(request.path_info):
            raise Refusal(20001, "Only JSON is served: end the path in .json")
        raise Http404


def _served_as_json(path: str) -> bool:
    """Whether the path is one of ours but for its suffix (.xml, .csv, none) or a slash at its end."""
    stem = path.rstrip("/").removesuffix(".xml").removesuffix(".csv").removesuffix(".html")
    try:
        match = resolve(f"{stem}.json")
    except Resolver404:
        return False
    return getattr(match.func, "cls", NoSuchResource) is not NoSuchResource


def _inactive_status(account: Account) -> str:
    return account.status if account.status != AccountStatus.ACTIVE else "active, but its parent is not"
