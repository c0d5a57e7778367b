"""The accounts that ask and buy: enough of them that their starting points lie all over the shop window."""

from base64 import b64encode
from typing import NamedTuple

from accounts.models import Account
from accounts.services.credentials import open_account

COUNT = 50


class Customer(NamedTuple):
    """An account and how it presents itself."""

    account: Account
    headers: dict[str, str]

    def path(self, below: str) -> str:
        """The path of one of its resources."""
        return f"/2010-04-01/Accounts/{self.account.sid}/{below}"


def open_all() -> list[Customer]:
    """New accounts, for this run."""
    return [_open(number) for number in range(COUNT)]


def _open(number: int) -> Customer:
    account = open_account(f"bench {number}")
    signed = b64encode(f"{account.sid}:{account.auth_token}".encode()).decode()
    return Customer(account, {"Authorization": f"Basic {signed}"})
