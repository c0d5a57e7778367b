"""Making and checking what an API client presents: an account's auth token or an API key's secret."""

import hashlib
import hmac
import secrets
from functools import cache
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Field

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
    friendly_name: str,
    *,
    parent: Account | None = None,
    is_test: bool = False,
    is_trial: bool = False,
    is_operator: bool = False,
) -> Account:
    """A new active account with a fresh auth token (readable as `account.auth_token`)."""
    token = secrets.token_hex(16)
    return Account.objects.create(
        friendly_name=friendly_name,
        parent=parent,
        is_test=is_test,
        is_trial=is_trial,
        is_operator=is_operator,
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

    It takes the same time for a wrong secret and for an unknown SID. Only who comes with another token than the first
    is asked about the second one.
    """
    account, expected = _lookup(sid)
    presented = digest(secret)
    if hmac.compare_digest(expected, presented) or hmac.compare_digest(_second(sid), presented):
        return account
    return None


def _second(sid: str) -> bytes:
    """The digest of an account's second token; of a key, nobody's."""
    with connection.cursor() as cursor:
        cursor.execute(_BY_SECOND, [sid])
        row = cursor.fetchone()
    return bytes(row[0]) if row else _NOBODY


def _lookup(sid: str) -> tuple[Account | None, bytes]:
    statement = _by_key() if sid.startswith("SK") else _by_account()
    with connection.cursor() as cursor:
        cursor.execute(statement, [sid])
        row = cursor.fetchone()
    if row is None:
        return None, _NOBODY
    expected, *columns = row
    account, parent = columns[: len(columns) // 2], columns[len(columns) // 2 :]
    return _account(account, parent=None if parent[0] is None else _account(parent)), bytes(expected)


def _account(values: list[Any], *, parent: Account | None = None) -> Account:
    """The account of these columns; its token is left where it is until somebody reads it."""
    account = Account.from_db(connection.alias, [column.attname for column in _columns()], values)
    account.parent = parent
    return account


# Every request begins with one of these two, and to compile it anew took longer than all the rest of authentication.
_ACCOUNT = """
SELECT {digest}, {account}, {parent}
FROM {source} LEFT JOIN accounts_account parent ON parent.id = account.parent_id
WHERE {presented}.sid = %s
"""

_BY_SECOND = """
SELECT second.digest FROM accounts_secondarytoken second JOIN accounts_account account ON account.id = second.account_id
WHERE account.sid = %s
"""


@cache
def _by_account() -> str:
    return _statement("account", "auth_token_digest", "accounts_account account")


@cache
def _by_key() -> str:
    source = "accounts_apikey api_key JOIN accounts_account account ON account.id = api_key.account_id"
    return _statement("api_key", "secret_digest", source)


def _statement(presented: str, digest: str, source: str) -> str:
    names = {side: ", ".join(f"{side}.{column.column}" for column in _columns()) for side in ("account", "parent")}
    return _ACCOUNT.format(presented=presented, digest=f"{presented}.{digest}", source=source, **names)


@cache
def _columns() -> "list[Field[Any, Any]]":
    """The primary key first; without the token, which is seldom wanted and takes long to decrypt."""
    return [column for column in Account._meta.concrete_fields if column.name != "auth_token"]
