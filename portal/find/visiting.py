"""Pages for everybody: customers see them for their account, strangers without one."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts.models import Account, User
from portal.acting import for_customer

P = ParamSpec("P")


class VisitorRequest(HttpRequest):
    """A request of anybody: `account` is whom a customer acts for, None for a stranger."""

    account: Account | None
    accounts: list[Account]


def for_anybody(
    view: Callable[Concatenate[VisitorRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """The view, as `for_customer` has it for those who are signed in."""
    as_customer = for_customer(cast("Callable[Concatenate[HttpRequest, P], HttpResponseBase]", view))

    @wraps(view)
    def visiting(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if isinstance(request.user, User):
            return as_customer(request, *args, **kwargs)
        visitors = cast("VisitorRequest", request)
        visitors.account, visitors.accounts = None, []
        return view(visitors, *args, **kwargs)

    return visiting
