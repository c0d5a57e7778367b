"""For which account a signed-in person acts on the pages, and who is sent elsewhere first."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from accounts import refusals as of_accounts
from accounts.models import Account, AccountStatus, User
from compliance import refusals as of_compliance
from compliance.lifecycle import IllegalBundleMove
from inventory import refusals as of_inventory

CHOSEN = "account"  # in the session: a SID
READING = ("GET", "HEAD")
REFUSALS = (of_accounts.Refused, of_compliance.Refused, of_inventory.Refused, IllegalBundleMove)
_SECRETS = ("auth_token", "auth_token_digest", "parent__auth_token", "parent__auth_token_digest")
P = ParamSpec("P")


class CustomerRequest(HttpRequest):
    """A request of a signed-in person: `account` is whom they act for, `accounts` are all they may act for."""

    user: User
    account: Account
    accounts: list[Account]


def for_customer(
    view: Callable[Concatenate[CustomerRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """The view, for members of an account only: others are sent to sign in, or told that they belong to none.

    A suspended account may look and change nothing (403). What a service refuses is said on a page of its own (409),
    where the view has no better place for it.
    """

    @wraps(view)
    def acting(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not isinstance(request.user, User):
            return redirect_to_login(request.get_full_path(), resolve_url("portal:sign-in"))
        theirs = cast("CustomerRequest", request)
        theirs.accounts = accounts_of(request.user)
        if not theirs.accounts:
            return render(request, "portal/no_account.html", status=403)
        theirs.account = _chosen(theirs)
        if request.method not in READING and not theirs.account.is_active:
            return render(request, "portal/suspended.html", status=403)
        try:
            return view(theirs, *args, **kwargs)
        except REFUSALS as refusal:
            return render(request, "portal/refused.html", {"refusal": refusal}, status=409)

    return acting


def accounts_of(user: User) -> list[Account]:
    """The accounts that are not closed and that the user is a member of, without their secrets, the oldest first."""
    mine = Account.objects.filter(memberships__user=user).exclude(status=AccountStatus.CLOSED)
    return list(mine.select_related("parent").defer(*_SECRETS).order_by("pk"))


def _chosen(request: CustomerRequest) -> Account:
    """The account that the session names; the first, where it names none or one that is theirs no more."""
    sid = request.session.get(CHOSEN)
    return next((account for account in request.accounts if account.sid == sid), request.accounts[0])


@require_POST
def act_for(request: HttpRequest) -> HttpResponse:
    """Act for another of one's accounts from now on, and go back. Raises Http404 for somebody else's."""
    mine = accounts_of(request.user) if isinstance(request.user, User) else []
    if request.POST.get("account") not in [account.sid for account in mine]:
        raise Http404("no such account of yours")
    request.session[CHOSEN] = request.POST["account"]
    back = request.POST.get("next", "")
    return redirect(back if url_has_allowed_host_and_scheme(back, allowed_hosts=None) else "portal:home")
