"""Who is calling: HTTP Basic (RFC 7617) with an account SID and its auth token, or an API key SID and its secret."""

import base64

from django.http import Http404
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.models import Account, AccountStatus
from accounts.services import credentials
from api.errors import Refusal

CHALLENGE = 'Basic realm="Twilio API"'


class AccountAuthentication(BaseAuthentication):
    """`request.user` becomes the calling Account, `request.auth` the SID it signed with (AC… or SK…)."""

    def authenticate(self, request: Request) -> tuple[Account, str]:
        sid, secret = _presented(request.META.get("HTTP_AUTHORIZATION", ""))
        account = credentials.authenticate(sid, secret)
        if account is None:
            raise AuthenticationFailed
        if account.status == AccountStatus.CLOSED:
            raise Refusal(20005, f"Account {account.sid} is closed")
        return account, sid

    def authenticate_header(self, request: Request) -> str:
        return CHALLENGE


def _presented(header: str) -> tuple[str, str]:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        raise AuthenticationFailed
    try:
        sid, colon, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except ValueError:  # not ASCII, not base64, not UTF-8
        raise AuthenticationFailed from None
    if not colon or "\x00" in sid:  # PostgreSQL text holds no NUL
        raise AuthenticationFailed
    return sid, secret


def account_in_path(caller: Account, sid: str) -> Account:
    """The account that the path names: the caller or one of its subaccounts.

    Anything else does not exist, as far as this caller can tell (404), so SIDs can't be probed.
    """
    if sid == caller.sid:
        return caller
    account = Account.objects.filter(sid=sid, parent=caller).defer("auth_token").first()
    if account is None:
        raise Http404
    account.parent = caller
    return account
