"""Who acts: accounts and their keys (the API), users and their memberships (the pages)."""

from accounts.models.account import Account, AccountStatus
from accounts.models.api_key import ApiKey
from accounts.models.invitation import Invitation
from accounts.models.membership import Membership, Role
from accounts.models.role_change import RoleChange
from accounts.models.secondary_token import SecondaryToken
from accounts.models.staff_log import StaffLog
from accounts.models.user import User

__all__ = [
    "Account",
    "AccountStatus",
    "ApiKey",
    "Invitation",
    "Membership",
    "Role",
    "RoleChange",
    "SecondaryToken",
    "StaffLog",
    "User",
]
