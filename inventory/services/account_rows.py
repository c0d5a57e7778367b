"""Asking whether an account may take a number, behind a lock that the closing of accounts waits for.

A request carries its account as it was when the request came in. Foreign keys are checked at the commit, so the rows
that a purchase inserts do not lock the account before.
"""

from django.db import connection

from accounts.models import Account, AccountStatus

# The weakest lock there is: purchases of one account do not wait for each other, only for `subaccounts.change`.
_STANDING = """
SELECT account.status = %(active)s AND coalesce(parent.status = %(active)s, true)
FROM accounts_account AS account LEFT JOIN accounts_account AS parent ON parent.id = account.parent_id
WHERE account.id = %(id)s FOR KEY SHARE OF account
"""


def still_active(account: Account) -> bool:
    """Whether it and its parent are active now. If so, it stays open until the transaction ends, and whoever closes
    it then finds what the transaction wrote."""
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, {"active": AccountStatus.ACTIVE, "id": account.pk})
        return bool(cursor.fetchone()[0])
