"""Keys and the auth token. A key's secret is shown once; the token to owners who have just said again who they are."""

from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.models import Account, ApiKey, SecondaryToken
from accounts.services import api_keys, auth_tokens
from accounts.services.credentials import issue_key
from portal.acting import CustomerRequest, for_customer
from portal.keys.forms import NameForm


@for_customer(owner=True)
def keys(request: CustomerRequest) -> HttpResponse:
    """All of the account's."""
    return _page(request, NameForm())


@never_cache
@for_customer(owner=True)
def create(request: CustomerRequest) -> HttpResponse:
    """A new key. Its secret is on this answer, and never again on any."""
    if request.method != "POST":
        return redirect("portal:keys")
    form = NameForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    issued = issue_key(request.account, form.cleaned_data["name"])
    return render(request, "portal/keys/created.html", {"issued": issued, "api": settings.PUBLIC_URL})


@for_customer(owner=True)
def rename(request: CustomerRequest, sid: str) -> HttpResponse:
    """Another name for a key."""
    key = _key(request.account, sid)
    form = NameForm(request.POST or None, name=key.friendly_name)
    if form.is_valid():
        api_keys.rename(key=key, friendly_name=form.cleaned_data["name"])
        return redirect("portal:keys")
    return render(request, "portal/keys/rename.html", {"key": key, "form": form})


@for_customer(owner=True)
def revoke(request: CustomerRequest, sid: str) -> HttpResponse:
    """Say what stops, and on POST stop it."""
    key = _key(request.account, sid)
    if request.method == "POST":
        api_keys.revoke(key=key)
        messages.success(request, _("The key %(key)s signs nothing any more.") % {"key": key})
        return redirect("portal:keys")
    return render(request, "portal/keys/revoke.html", {"key": key})


@never_cache
@for_customer(owner=True)
@reauthentication_required  # type: ignore[untyped-decorator]  # allauth has no types
def token(request: CustomerRequest) -> HttpResponse:
    """The auth token, and the second one while there is one."""
    account = Account.objects.get(pk=request.account.pk)
    second = SecondaryToken.objects.filter(account=account).first()
    return render(request, "portal/keys/token.html", {"token": account.auth_token, "second": second})


@require_POST
@for_customer(owner=True)
@reauthentication_required  # type: ignore[untyped-decorator]
def make_second(request: CustomerRequest) -> HttpResponse:
    """The first step of changing the token."""
    auth_tokens.make_secondary(account=request.account)
    messages.success(request, _("There is a second token now. Both are good."))
    return redirect("portal:auth-token")


@require_POST
@for_customer(owner=True)
@reauthentication_required  # type: ignore[untyped-decorator]
def promote(request: CustomerRequest) -> HttpResponse:
    """The last step."""
    auth_tokens.promote(account=request.account)
    messages.success(request, _("The second token is the auth token now. The old one is good for nothing any more."))
    return redirect("portal:auth-token")


@require_POST
@for_customer(owner=True)
@reauthentication_required  # type: ignore[untyped-decorator]
def drop(request: CustomerRequest) -> HttpResponse:
    """Change nothing after all."""
    auth_tokens.drop_secondary(account=request.account)
    messages.success(request, _("The second token is gone. The auth token is what it was."))
    return redirect("portal:auth-token")


def _page(request: CustomerRequest, form: NameForm, *, status: int = 200) -> HttpResponse:
    mine = ApiKey.objects.filter(account=request.account).defer("secret_digest").order_by("-pk")
    return render(request, "portal/keys/keys.html", {"keys": mine, "form": form}, status=status)


def _key(account: Account, sid: str) -> ApiKey:
    found: ApiKey = get_object_or_404(ApiKey, account=account, sid=sid)
    return found
