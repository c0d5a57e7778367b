"""Accounts, keys and balances as v2010 shows them."""

from typing import Any

from accounts.models import Account, ApiKey
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


def account(row: Account, *, owner: Account, with_token: bool) -> dict[str, Any]:
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


def key(row: ApiKey) -> dict[str, Any]:
    """Without the secret, which only the reply to its creation shows."""
    return {
        "sid": row.sid,
        "friendly_name": row.friendly_name,
        "date_created": rfc2822(row.created_at),
        "date_updated": rfc2822(row.updated_at),
    }


def balance(row: Account) -> dict[str, Any]:
    """Fixed: Numberyard keeps no money of its customers, so the balance is nothing in the currency of its prices."""
    return {"account_sid": row.sid, "balance": "0.00", "currency": "USD"}
