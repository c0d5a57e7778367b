"""The customer's pages: what this is, what one has, and what is on sale."""

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.views.decorators.http import require_safe

from accounts.models import Account, AccountStatus, User
from inventory.models import Did
from inventory.yard.drawing import counts_only, draw
from inventory.yard.reading import yard
from portal.forms import SearchForm
from portal.results import BadToken, find

SHOWN_NUMBERS = 100


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """A stranger sees what Numberyard is; a customer sees accounts and numbers."""
    if isinstance(request.user, User):
        return _account_page(request, request.user)
    return render(request, "portal/landing.html", {"picture": draw(counts_only(yard()))})


def _account_page(request: HttpRequest, user: User) -> HttpResponse:
    accounts = _accounts(user)
    held = Did.objects.filter(account__in=accounts, ended_at=None).select_related("number__place", "account")
    context = {
        "accounts": accounts,
        "dids": held.defer("account__auth_token").order_by("-pk")[:SHOWN_NUMBERS],
        "shown": SHOWN_NUMBERS,
        "form": SearchForm() if accounts else None,
    }
    return render(request, "portal/home.html", context)


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Numbers on sale, for one of the user's accounts. Raises Http404 for somebody else's account."""
    if not isinstance(request.user, User):
        return redirect_to_login(request.get_full_path(), resolve_url("portal:sign-in"))
    accounts = _accounts(request.user)
    if not accounts:
        return redirect("portal:home")
    account = _chosen(accounts, request.GET.get("account"))
    form = SearchForm(request.GET if "country" in request.GET else None)
    context: dict[str, object] = {"form": form, "accounts": accounts, "account": account, "api": settings.PUBLIC_URL}
    if form.is_valid():
        try:
            context["results"] = find(form.criteria(), account=account, token=request.GET.get("page", ""))
        except BadToken:
            return redirect("portal:search")
        context["query"] = _query_without_page(request)
    return render(request, "portal/search.html", context)


def _accounts(user: User) -> list[Account]:
    """The open accounts that the user is a member of, without their secrets."""
    mine = Account.objects.filter(memberships__user=user).exclude(status=AccountStatus.CLOSED)
    return list(mine.defer("auth_token", "auth_token_digest").order_by("pk"))


def _chosen(accounts: list[Account], sid: str | None) -> Account:
    """The one with this SID, the first without one. Raises Http404 for somebody else's."""
    chosen = next((account for account in accounts if sid in (None, account.sid)), None)
    if chosen is None:
        raise Http404("no such account of yours")
    return chosen


def _query_without_page(request: HttpRequest) -> str:
    asked = request.GET.copy()
    asked.pop("page", None)
    return asked.urlencode()
