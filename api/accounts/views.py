"""Accounts and their API keys (contract 2.1)."""

from typing import Any, ClassVar

import django_filters
from django.db.models import Q
from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Account, AccountStatus, ApiKey
from accounts.services import api_keys, credentials, subaccounts
from api import paging
from api.accounts import payloads
from api.errors import Refusal
from api.filters import FormatFilter, filtered
from api.parameters import Parameter, any_text, choice, text
from api.views import SAFE_METHODS, Resource, Writable
from inventory.services.closing import change_account

NAME = Parameter("FriendlyName", "friendly_name", text(64, min_length=1), code=20002)
STATUS = Parameter("Status", "status", choice(*AccountStatus.values), code=21475)


class NotWithAnApiKey(Writable):
    """An API key may look, but what opens doors (accounts, keys) is made with the auth token only.

    Otherwise a key that leaked could make itself heirs before it is revoked.
    """

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method not in SAFE_METHODS and self.signed_with_key:
            raise Refusal(20006)

    @property
    def signed_with_key(self) -> bool:
        return str(self.request.auth).startswith("SK")

    def shown(self, row: Account) -> payloads.AccountBody:
        """An account: the caller's own, or one below it."""
        owner = self.caller if row.parent_id == self.caller.pk else row.parent or row
        return payloads.account(row, owner=owner, with_token=not self.signed_with_key)


class AccountFilters(django_filters.FilterSet):
    FriendlyName = FormatFilter("friendly_name", format=any_text)
    Status = FormatFilter("status", format=STATUS.format)


class Accounts(NotWithAnApiKey):
    """The caller and its subaccounts."""

    records = "accounts"
    body = payloads.AccountBody
    filters = AccountFilters
    takes: ClassVar = {"POST": [NAME]}

    def get(self, request: Request) -> Response:
        page = paging.PageQuery.of(request)
        visible = Account.objects.filter(Q(pk=self.caller.pk) | Q(parent=self.caller)).select_related("parent")
        rows = paging.newest_first(filtered(self.filters, request, visible), page)
        return Response(paging.v2010(request, page, self.records, rows, self.shown))

    def write(self, request: Request, **path: str) -> Response:
        row = subaccounts.open_subaccount(parent=self.caller, **self.given(request))
        return Response(self.shown(row), status=201)


class OneAccount(NotWithAnApiKey):
    """One account: read, rename, suspend, reactivate, close."""

    body = payloads.AccountBody
    takes: ClassVar = {"POST": [NAME, STATUS]}
    for_inactive_accounts = True
    in_one_transaction = False  # closing commits the status first, then gives back what may be thousands of numbers

    def refusal_to_inactive(self, caller: Account) -> Refusal:
        """Below a suspended parent it is the parent that must be reactivated first."""
        if self.account.parent_id == caller.pk:
            return Refusal(21476, f"The parent of account {self.account.sid} is {caller.status}")
        return super().refusal_to_inactive(caller)

    def get(self, request: Request) -> Response:
        return Response(self.shown(self.account))

    def write(self, request: Request, **path: str) -> Response:
        given = self.given(request)
        if (
            self.account.parent_id
            and self.caller == self.account
            and given.get("status", self.account.status) != self.account.status
        ):
            raise Refusal(20006, "The status of a subaccount is changed with its parent's credentials")
        row = change_account(account=self.account, actor=f"account:{self.caller.sid}", **given)
        return Response(self.shown(row))


class Balance(Resource):
    """What the account has left."""

    body = payloads.BalanceBody

    def get(self, request: Request) -> Response:
        return Response(payloads.balance(self.account))


class Keys(NotWithAnApiKey):
    """The account's API keys; SigningKeys are the same under another name."""

    records = "keys"
    body = payloads.KeyBody
    made = payloads.NewKeyBody
    takes: ClassVar = {"POST": [NAME]}

    def get(self, request: Request) -> Response:
        page = paging.PageQuery.of(request)
        rows = paging.newest_first(self.account.api_keys.all(), page)
        return Response(paging.v2010(request, page, self.records, rows, payloads.key))

    def write(self, request: Request, **path: str) -> Response:
        issued = credentials.issue_key(self.account, **self.given(request))
        return Response(payloads.new_key(issued.key, issued.secret), status=201)


class OneKey(NotWithAnApiKey):
    """One API key: read, rename, revoke."""

    body = payloads.KeyBody
    takes: ClassVar = {"POST": [NAME]}

    def get(self, request: Request, sid: str) -> Response:
        return Response(payloads.key(self._key(sid)))

    def write(self, request: Request, **path: str) -> Response:
        return Response(payloads.key(api_keys.rename(key=self._key(path["sid"]), **self.given(request))))

    def delete(self, request: Request, sid: str) -> Response:
        api_keys.revoke(key=self._key(sid))
        return Response(status=204)

    def _key(self, sid: str) -> ApiKey:
        return get_object_or_404(self.account.api_keys, sid=sid)
