"""Accounts, keys and balances as v2010 shows them."""

from typing import Literal, TypedDict

from accounts.models import Account, ApiKey
from api.bodies import Decimals, Rfc2822, Sid
from api.rendering import rfc2822

ROOT = "/2010-04-01/Accounts"
#: What we serve below an account; Twilio lists more.
SUBRESOURCES = {
    "available_phone_numbers": "AvailablePhoneNumbers",
    "incoming_phone_numbers": "IncomingPhoneNumbers",
    "keys": "Keys",
    "signing_keys": "SigningKeys",
    "balance": "Balance",
}


class AccountBody(TypedDict):
    """A customer's account, or a subaccount."""

    sid: Sid
    owner_account_sid: Sid
    friendly_name: str
    status: str
    type: Literal["Trial", "Full"]
    auth_token: str | None
    date_created: Rfc2822 | None
    date_updated: Rfc2822 | None
    uri: str
    subresource_uris: dict[str, str]


class KeyBody(TypedDict):
    """An API key, without its secret."""

    sid: Sid
    friendly_name: str
    date_created: Rfc2822 | None
    date_updated: Rfc2822 | None


class NewKeyBody(KeyBody):
    """An API key that has just been made: the one time that its secret is shown."""

    secret: str


class BalanceBody(TypedDict):
    """What an account has left."""

    account_sid: Sid
    balance: Decimals
    currency: str


def account(row: Account, *, owner: Account, with_token: bool) -> AccountBody:
    """`owner` is the parent, or the account itself. The auth token is shown to its holder and its parent only."""
    return {
        "sid": row.sid,
        "owner_account_sid": owner.sid,
        "friendly_name": row.friendly_name,
        "status": row.status,
        "type": "Trial" if row.is_trial else "Full",
        "auth_token": row.auth_token if with_token else None,
        "date_created": rfc2822(row.created_at),
        "date_updated": rfc2822(row.updated_at),
        "uri": f"{ROOT}/{row.sid}.json",
        "subresource_uris": {name: f"{ROOT}/{row.sid}/{path}.json" for name, path in SUBRESOURCES.items()},
    }


def key(row: ApiKey) -> KeyBody:
    """Without the secret, which only the reply to its creation shows."""
    return {
        "sid": row.sid,
        "friendly_name": row.friendly_name,
        "date_created": rfc2822(row.created_at),
        "date_updated": rfc2822(row.updated_at),
    }


def new_key(row: ApiKey, secret: str) -> NewKeyBody:
    """With the secret."""
    return {**key(row), "secret": secret}


def balance(row: Account) -> BalanceBody:
    """Fixed: Numberyard keeps no money of its customers, so the balance is nothing in the currency of its prices."""
    return {"account_sid": row.sid, "balance": "0.00", "currency": "USD"}
