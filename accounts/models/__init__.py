"""Who acts: accounts and their keys (the API), users and their memberships (the pages)."""

from accounts.models.account import Account, AccountStatus
from accounts.models.api_key import ApiKey
from accounts.models.membership import Membership
from accounts.models.user import User

__all__ = ["Account", "AccountStatus", "ApiKey", "Membership", "User"]
