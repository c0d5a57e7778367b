"""Making and checking what an API client presents: an account's auth token or an API key's secret."""

import hashlib
import hmac
import secrets
from typing import NamedTuple

from accounts.models import Account, ApiKey

_NOBODY = hashlib.sha256(b"no account has this digest: it only keeps the time of a refusal the same").digest()


class Issued(NamedTuple):
    """A new API key and its secret, which can't be read again later."""

    key: ApiKey
    secret: str


def digest(secret: str) -> bytes:
    """SHA-256 of a 128-bit random secret; a slow hash would protect nothing that is not already out of reach."""
    return hashlib.sha256(secret.encode()).digest()


def open_account(
    friendly_name: str, *, parent: Account | None = None, is_test: bool = False, is_trial: bool = False
) -> Account:
    """A new active account with a fresh auth token (readable as `account.auth_token`)."""
    token = secrets.token_hex(16)
    return Account.objects.create(
        friendly_name=friendly_name,
        parent=parent,
        is_test=is_test,
        is_trial=is_trial,
        auth_token=token,
        auth_token_digest=digest(token),
    )


def issue_key(account: Account, friendly_name: str = "") -> Issued:
    """A new API key for this account."""
    secret = secrets.token_hex(16)
    key = ApiKey.objects.create(account=account, friendly_name=friendly_name, secret_digest=digest(secret))
    return Issued(key, secret)


def authenticate(sid: str, secret: str) -> Account | None:
    """The account that `sid` (AC… or SK…) and its secret stand for, or None.

    The comparison takes the same time for a wrong secret and for an unknown SID.
    """
    account, expected = _lookup(sid)
    return account if hmac.compare_digest(expected, digest(secret)) else None


def _lookup(sid: str) -> tuple[Account | None, bytes]:
    if sid.startswith("SK"):
        key = ApiKey.objects.select_related("account__parent").defer("account__auth_token").filter(sid=sid).first()
        return (key.account, bytes(key.secret_digest)) if key else (None, _NOBODY)
    account = Account.objects.select_related("parent").defer("auth_token", "parent__auth_token").filter(sid=sid).first()
    return (account, bytes(account.auth_token_digest)) if account else (None, _NOBODY)
