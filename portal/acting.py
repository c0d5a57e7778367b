"""For which account a signed-in person acts on the pages, and who is sent elsewhere first."""

from collections.abc import Callable
from functools import partial, wraps
from typing import Concatenate, ParamSpec, cast, overload
from urllib.parse import urlsplit, urlunsplit

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from accounts import refusals as of_accounts
from accounts.models import Account, AccountStatus, Membership, Role, User
from accounts.services.memberships import owners_of
from compliance import refusals as of_compliance
from compliance.lifecycle import IllegalBundleMove
from inventory import refusals as of_inventory
from portal.refusing import in_words

CHOSEN = "account"  # in the session: a SID
READING = ("GET", "HEAD")
REFUSALS = (of_accounts.Refused, of_compliance.Refused, of_inventory.Refused, IllegalBundleMove)
_SECRETS = tuple(f"account__{path}auth_token{kind}" for path in ("", "parent__") for kind in ("", "_digest"))
P = ParamSpec("P")


class CustomerRequest(HttpRequest):
    """A request of a signed-in person: `account` is whom they act for, `accounts` are all they may act for.

    `role`: how much they may do for it: `may_change` is more than to look, `is_owner` decides about team and keys.
    `changing`: those of the accounts for which they may do more than look.
    """

    user: User
    account: Account
    accounts: list[Account]
    changing: list[Account]
    role: Role
    may_change: bool
    is_owner: bool


View = Callable[Concatenate[CustomerRequest, P], HttpResponseBase]
Acting = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


@overload
def for_customer(view: View[P]) -> Acting[P]: ...
@overload
def for_customer(*, owner: bool) -> Callable[[View[P]], Acting[P]]: ...


def for_customer(view: View[P] | None = None, *, owner: bool = False) -> Acting[P] | Callable[[View[P]], Acting[P]]:
    """The view, for members of an account only: others are sent to sign in, or told that they belong to none.

    A suspended account may look and change nothing; nor may a viewer; with `owner=True`, owners only come in at all
    (403, with a page that says who can help). What a service refuses is said on a page of its own (409), where the view
    has no better place for it.
    """
    if view is None:
        return partial(_acting, owner=owner)
    return _acting(view, owner=owner)


def _acting(view: View[P], *, owner: bool) -> Acting[P]:
    @wraps(view)
    def acting(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not isinstance(request.user, User):
            return to_sign_in(request)
        theirs = cast("CustomerRequest", request)
        mine = _memberships(request.user)
        theirs.accounts = [each.account for each in mine]
        theirs.changing = [each.account for each in mine if each.role != Role.VIEWER]
        if not mine:
            return render(request, "portal/no_account.html", status=403)
        chosen = _chosen(theirs, mine)
        theirs.account, theirs.role = chosen.account, Role(chosen.role)
        theirs.may_change, theirs.is_owner = theirs.role != Role.VIEWER, theirs.role == Role.OWNER
        if refusal := _refusal(theirs, owner=owner):
            return refusal
        try:
            return view(theirs, *args, **kwargs)
        except REFUSALS as refused:
            return render(request, "portal/refused.html", {"refusal": in_words(refused)}, status=409)

    return acting


def to_sign_in(request: HttpRequest) -> HttpResponseBase:
    """To the sign-in, and then back to the page one was on: of what was sent, or asked for by htmx, that is the page
    that it was sent from, for what was sent can't be asked for."""
    is_part = bool(getattr(request, "htmx", False))
    here = request.get_full_path() if request.method in READING and not is_part else _page_before(request)
    door = redirect_to_login(here, resolve_url("portal:sign-in"))
    return HttpResponseClientRedirect(door.url) if is_part else door


def _page_before(request: HttpRequest) -> str:
    """The page of ours that a browser was on, the first one where it does not say."""
    said = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(said, {request.get_host()}, require_https=request.is_secure()):
        return resolve_url("portal:home")
    page = urlsplit(said)
    return urlunsplit(("", "", page.path or "/", page.query, ""))


def _refusal(request: CustomerRequest, *, owner: bool) -> HttpResponse | None:
    """The page that says why not, and who can."""
    is_change = request.method not in READING
    if (owner and not request.is_owner) or (is_change and not request.may_change):
        about = {"owners": owners_of(request.account), "owners_only": owner, "role": request.role}
        return render(request, "portal/not_yours.html", about, status=403)
    if is_change and not request.account.is_active:
        return render(request, "portal/suspended.html", status=403)
    return None


def accounts_of(user: User) -> list[Account]:
    """The accounts that are not closed and that the user is a member of, without their secrets, the oldest first."""
    return [each.account for each in _memberships(user)]


def _memberships(user: User) -> list[Membership]:
    """By one query, with the accounts."""
    mine = Membership.objects.filter(user=user).exclude(account__status=AccountStatus.CLOSED)
    return list(mine.select_related("account__parent").defer(*_SECRETS).order_by("account_id"))


def _chosen(request: CustomerRequest, mine: list[Membership]) -> Membership:
    """The account that the session names; the first, where it names none or one that is theirs no more."""
    sid = request.session.get(CHOSEN)
    return next((each for each in mine if each.account.sid == sid), mine[0])


@require_POST
def act_for(request: HttpRequest) -> HttpResponseBase:
    """Act for another of one's accounts from now on, and go back. Raises Http404 for somebody else's."""
    if not isinstance(request.user, User):
        return to_sign_in(request)
    if request.POST.get("account") not in [account.sid for account in accounts_of(request.user)]:
        raise Http404("no such account of yours")
    request.session[CHOSEN] = request.POST["account"]
    back = request.POST.get("next", "")
    return redirect(back if url_has_allowed_host_and_scheme(back, allowed_hosts=None) else "portal:home")
